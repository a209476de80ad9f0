using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Tests.Retention;

/// <summary>The times between which rows come back.</summary>
public sealed class RestoreRangeTests
{
    private static readonly DateTimeOffset From = new(2026, 3, 1, 0, 0, 0, TimeSpan.FromHours(1));

    [Fact]
    public void Limits_are_values_of_the_time_column()
    {
        var options = new RestoreOptions { From = From, To = From.AddDays(1) };
        Assert.Equal(new RestoreRange("timestamptz", "2026-02-28 23:00:00.000000+00", "2026-03-01 23:00:00.000000+00"), RestoreRange.Of(options, TimeKind.Moment, "UTC"));
        Assert.Equal(new RestoreRange("timestamp", "2026-03-01 00:00:00.000000", "2026-03-02 00:00:00.000000"), RestoreRange.Of(options, TimeKind.WallClock, "Europe/Berlin"));
        Assert.Equal(new RestoreRange("date", "2026-03-01", "2026-03-02"), RestoreRange.Of(options, TimeKind.Day, "Europe/Berlin"));
        Assert.True(RestoreRange.Of(new RestoreOptions(), TimeKind.Day, "UTC").IsWhole);
        Assert.False(RestoreRange.Of(options with { To = null }, TimeKind.Day, "UTC").IsWhole);
    }

    [Fact]
    public void What_cannot_be_meant_is_refused()
    {
        Assert.Throws<MaintenanceException>(() => RestoreRange.Of(new RestoreOptions { From = From, To = From }, TimeKind.Moment, "UTC"));
        Assert.Throws<MaintenanceException>(() => RestoreRange.Of(new RestoreOptions(), TimeKind.Moment, "Nowhere/Land"));
    }
}
