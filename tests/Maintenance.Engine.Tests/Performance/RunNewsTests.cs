using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Which of 105,000 runs a year people hear of.</summary>
public sealed class RunNewsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static MaintenanceStep[] Steps(params HealthStatus[] statuses) =>
        [.. statuses.Select((status, index) => new MaintenanceStep { Name = $"s{index}", State = StepState.Done, Status = status, Message = "", StartedAt = Noon })];

    [Fact]
    public void What_got_worse_is_told_at_once_what_else_changed_after_an_hour_and_the_rest_once_a_day()
    {
        var first = RunNews.Of(null, Steps(HealthStatus.Ok), Noon)!;
        Assert.Null(RunNews.Of(first, Steps(HealthStatus.Ok), Noon.AddMinutes(5)));
        Assert.Null(RunNews.Of(first, Steps(HealthStatus.Ok), Noon.AddHours(23)));
        Assert.NotNull(RunNews.Of(first, Steps(HealthStatus.Ok), Noon.AddDays(1)));

        var worse = RunNews.Of(first, Steps(HealthStatus.Warning), Noon.AddMinutes(5))!;
        Assert.Null(RunNews.Of(worse, Steps(HealthStatus.Warning), Noon.AddHours(3)));
        Assert.Null(RunNews.Of(worse, Steps(HealthStatus.Ok), Noon.AddMinutes(10)));
        Assert.NotNull(RunNews.Of(worse, Steps(HealthStatus.Ok), Noon.AddMinutes(70)));
        Assert.NotNull(RunNews.Of(worse, Steps(HealthStatus.Critical), Noon.AddMinutes(10)));
        Assert.NotNull(RunNews.Of(worse, Steps(HealthStatus.Ok, HealthStatus.Warning), Noon.AddMinutes(70)));
    }

    [Fact]
    public void Flapping_is_told_twice_an_hour_at_the_most()
    {
        ToldRun? told = null;
        var count = 0;
        for (var minute = 0; minute < 24 * 60; minute += 5)
        {
            if (RunNews.Of(told, Steps(minute % 10 == 0 ? HealthStatus.Ok : HealthStatus.Warning), Noon.AddMinutes(minute)) is { } news)
            {
                (told, count) = (news, count + 1);
            }
        }

        Assert.InRange(count, 24, 48);
    }

    [Fact]
    public void What_is_looked_at_hourly_is_as_it_was_in_between()
    {
        MaintenanceStep Keys(HealthStatus status) => Steps(status)[0] with { Name = "Keys" };
        var told = RunNews.Of(null, [.. Steps(HealthStatus.Ok), Keys(HealthStatus.Warning)], Noon)!;
        Assert.Null(RunNews.Of(told, Steps(HealthStatus.Ok), Noon.AddMinutes(90)));
        Assert.Null(RunNews.Of(told, [.. Steps(HealthStatus.Ok), Keys(HealthStatus.Warning)], Noon.AddMinutes(95)));
        Assert.Equal(HealthStatus.Ok, RunNews.Of(told, [.. Steps(HealthStatus.Ok), Keys(HealthStatus.Ok)], Noon.AddMinutes(95))!.Status);
    }
}
