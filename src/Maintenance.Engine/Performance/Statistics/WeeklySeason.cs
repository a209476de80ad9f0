namespace Maintenance.Engine.Performance.Statistics;

/// <summary>What each day of the week adds to, or takes from, a level: the median over the weeks of how far that day is from the week around it.</summary>
internal sealed class WeeklySeason
{
    /// <summary>The fewest values of each day of the week.</summary>
    public const int FewestWeeks = 3;

    /// <summary>How far apart the highest and lowest of seven medians are by chance one time out of a hundred, in standard errors of a mean: Tukey's studentised range, 4.88, and 1.2533 for medians.</summary>
    private const double ByChance = 4.88 * 1.2533;

    private readonly double[] _effects;

    private WeeklySeason(double[] effects) => _effects = effects;

    /// <summary>What a day adds.</summary>
    public double Of(double day) => _effects[Weekday(day)];

    /// <summary>The season; null where one of the days of the week has fewer than three values, or the days of the week explain nothing.</summary>
    public static WeeklySeason? Find(IReadOnlyList<TimedValue> points)
    {
        var effects = new List<double>[7];
        for (var weekday = 0; weekday < 7; weekday++)
        {
            effects[weekday] = [];
        }

        for (var index = 0; index < points.Count; index++)
        {
            // Seven days around it hold each day of the week once, so that no season is left in their mean; steps move it only nearby.
            var around = points.Where(point => Math.Abs(point.Day - points[index].Day) < 3.5).ToList();
            if (around.Count == 7)
            {
                effects[Weekday(points[index].Day)].Add(points[index].Value - around.Average(point => point.Value));
            }
        }

        if (effects.Any(values => values.Count < FewestWeeks))
        {
            return null;
        }

        var medians = effects.Select(values => Robust.Median(values)).ToArray();
        var middle = medians.Average();
        var scatter = Robust.ScaleAroundZero(effects.SelectMany((values, weekday) => values.Select(value => value - medians[weekday])));
        var weeks = effects.Min(values => values.Count);
        // A season that is smaller than what it leaves would only add noise.
        return medians.Max() - medians.Min() > ByChance * scatter / Math.Sqrt(weeks - 1)
            ? new WeeklySeason([.. medians.Select(median => median - middle)])
            : null;
    }

    // 1970-01-01 was a Thursday.
    private static int Weekday(double day) => (int)(((long)Math.Floor(day) + 4) % 7);
}
