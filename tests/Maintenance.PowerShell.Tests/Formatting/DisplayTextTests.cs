using System.Globalization;
using Maintenance.Formatting;

namespace Maintenance.ModuleTests.Formatting;

public sealed class DisplayTextTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData(0L, "0 B")]
    [InlineData(1023L, "1023 B")]
    [InlineData(1024L, "1.0 kB")]
    [InlineData(1536L, "1.5 kB")]
    [InlineData(1048575L, "1.0 MB")]
    [InlineData(12897484L, "12.3 MB")]
    [InlineData(-2048L, "-2.0 kB")]
    [InlineData(long.MaxValue, "8.0 EB")]
    public void A_size_has_one_decimal_of_a_unit_that_fits(long? bytes, string text) => Assert.Equal(text, DisplayText.Size(bytes));

    [Theory]
    [InlineData(null, "")]
    [InlineData("00:00:00", "0 ms")]
    [InlineData("00:00:00.0123", "12.3 ms")]
    [InlineData("00:00:01.2599", "1.25 s")]
    [InlineData("00:00:59.999", "59.99 s")]
    [InlineData("00:01:05", "1 min 5 s")]
    [InlineData("03:12:59", "3 h 12 min")]
    [InlineData("5.02:59:00", "5 d 2 h")]
    [InlineData("1.00:00:00", "1 d")]
    [InlineData("-03:12:00", "-3 h 12 min")]
    public void A_duration_has_its_two_largest_units(string? duration, string text) =>
        Assert.Equal(text, DisplayText.Duration(duration is null ? null : TimeSpan.Parse(duration, CultureInfo.InvariantCulture)));

    [Fact]
    public void The_culture_does_not_matter()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            Assert.Equal("1.5 kB", DisplayText.Size(1536));
            Assert.Equal("12.5 %", DisplayText.Percent(12.5));
            Assert.Equal("1.25 s", DisplayText.Duration(TimeSpan.FromSeconds(1.25)));
            Assert.Equal("2025-06-01 03:00:00Z", DisplayText.Time(new DateTimeOffset(2025, 6, 1, 5, 0, 0, TimeSpan.FromHours(2))));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void What_is_not_known_is_shown_as_nothing()
    {
        Assert.Equal("", DisplayText.Percent(null));
        Assert.Equal("", DisplayText.Time(null));
    }
}
