using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>
/// When a limit is reached. Without growth that can be told from chance there is no date, but that of the interval's upper end if it lies
/// within the projection: then the limit may be reached, and need not be.
/// </summary>
internal sealed class Crossing
{
    public Crossing(CapacityForecast forecast, IReadOnlyList<ExpectedValue> ahead, bool grows, double end)
    {
        if (forecast.Limit is not { } limit)
        {
            return;
        }

        if (forecast.Current >= limit)
        {
            Earliest = Expected = Latest = forecast.CurrentAt;
            return;
        }

        var early = First(ahead, limit, value => value.High);
        Earliest = grows || early <= end ? Date(early) : null;
        Expected = grows ? Date(First(ahead, limit, value => value.Expected)) : null;
        Latest = grows ? Date(First(ahead, limit, value => value.Low)) : null;
    }

    public DateTimeOffset? Earliest { get; }

    public DateTimeOffset? Expected { get; }

    public DateTimeOffset? Latest { get; }

    private static double? First(IReadOnlyList<ExpectedValue> ahead, double limit, Func<ExpectedValue, double> edge)
    {
        for (var index = 0; index < ahead.Count; index++)
        {
            if (edge(ahead[index]) < limit)
            {
                continue;
            }

            if (index == 0)
            {
                return ahead[0].Day;
            }

            var (before, here) = (ahead[index - 1], ahead[index]);
            return before.Day + (here.Day - before.Day) * (limit - edge(before)) / (edge(here) - edge(before));
        }

        return null;
    }

    private static DateTimeOffset? Date(double? day) => day is { } known ? DateTimeOffset.UnixEpoch.AddDays(known) : null;
}
