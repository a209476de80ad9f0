
namespace Maintenance.Engine.Tests.Configuration;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("250ms", "00:00:00.250")]
    [InlineData("30s", "00:00:30")]
    [InlineData("90m", "01:30:00")]
    [InlineData("24h", "1.00:00:00")]
    [InlineData("30d", "30.00:00:00")]
    [InlineData("2w", "14.00:00:00")]
    [InlineData("1m", "00:01:00")]
    [InlineData("24 h", "1.00:00:00")]
    [InlineData("1.5h", "01:30:00")]
    [InlineData("12.3 ms", "00:00:00.0123")]
    [InlineData("1.25 s", "00:00:01.25")]
    [InlineData("1h30m", "01:30:00")]
    [InlineData("1h 30m", "01:30:00")]
    [InlineData("1d12h", "1.12:00:00")]
    [InlineData("1 week", "7.00:00:00")]
    [InlineData("2 weeks", "14.00:00:00")]
    [InlineData("3 days 2 hours", "3.02:00:00")]
    [InlineData("35 min 26 s", "00:35:26")]
    [InlineData("5 d 2 h", "5.02:00:00")]
    [InlineData("1m500ms", "00:01:00.500")]
    [InlineData("1.00:00:00", "1.00:00:00")]
    [InlineData("24:00:00", "1.00:00:00")]
    [InlineData("1:02:03", "01:02:03")]
    [InlineData("999999w", "6999993.00:00:00")]
    public void Durations_are_read_as_people_write_them(string text, string expected)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("24")]
    [InlineData("-1h")]
    [InlineData("1.5h30m")]
    [InlineData("30m1h")]
    [InlineData("1h1h")]
    [InlineData("1h30")]
    [InlineData("2 months")]
    [InlineData("1M")]
    [InlineData("1,5h")]
    [InlineData("1h ")]
    [InlineData(" 1h")]
    [InlineData("1h\n")]
    [InlineData(".5h")]
    [InlineData("1y")]
    [InlineData("24H")]
    [InlineData("12:60:00")]
    [InlineData("12:00")]
    [InlineData("1000000s")]
    [InlineData("٣h")]
    public void What_could_be_misunderstood_is_refused(string text) => Assert.False(Durations.TryParse(text, out _));
}
