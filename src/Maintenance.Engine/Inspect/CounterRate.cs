using System.Globalization;

namespace Maintenance.Engine.Inspect;

/// <summary>How fast a counter that only grows has grown, or why that is not known. Pure.</summary>
/// <param name="PerSecond">Mean over the whole time; null if it is not known.</param>
/// <param name="Slowest">The slowest of the stretches between snapshots; null with fewer than three snapshots.</param>
/// <param name="Fastest">The fastest of them.</param>
/// <param name="Since">The first snapshot that counts.</param>
/// <param name="Reason">Why there is no rate.</param>
internal sealed record CounterRate(double? PerSecond, double? Slowest, double? Fastest, DateTimeOffset? Since, string? Reason)
{
    /// <summary>Makes a rate of snapshots.</summary>
    /// <param name="points">When, and what the counter said, oldest first.</param>
    /// <param name="shortest">A rate over less time than this says too little.</param>
    /// <param name="modulus">Where the counter begins anew; null if it does not.</param>
    public static CounterRate Of(IReadOnlyList<(DateTimeOffset Time, double Value)> points, TimeSpan shortest, double? modulus = null)
    {
        // A counter that went back belongs to another server, or to one that was restored: only what came after it counts.
        var first = points.Count - 1;
        while (first > 0 && Increase(points[first - 1].Value, points[first].Value, modulus) is not null)
        {
            first--;
        }

        if (points.Count - first < 2 || points[^1].Time - points[first].Time < shortest)
        {
            return Unknown(first > 0
                ? $"The counter is lower than at {Text(points[first - 1].Time)}, so the server was restored or replaced; there is too little history since."
                : points.Count < 2
                    ? "There is too little history: this is the first snapshot."
                    : $"There is too little history: snapshots begin at {Text(points[first].Time)}, and a rate needs {Long(shortest)}.");
        }

        var rates = Enumerable.Range(first + 1, points.Count - first - 1)
            .Select(index => (Grown: Increase(points[index - 1].Value, points[index].Value, modulus)!.Value, Took: points[index].Time - points[index - 1].Time))
            .ToList();
        var mean = rates.Sum(rate => rate.Grown) / (points[^1].Time - points[first].Time).TotalSeconds;
        // The last stretch may be of a few seconds, which says nothing about days.
        var stretches = rates.Where(rate => rate.Took >= shortest).Select(rate => rate.Grown / rate.Took.TotalSeconds).ToList();
        return new CounterRate(
            mean,
            stretches.Count > 1 ? Math.Min(mean, stretches.Min()) : null,
            stretches.Count > 1 ? Math.Max(mean, stretches.Max()) : null,
            points[first].Time,
            null);
    }

    public static CounterRate Unknown(string reason) => new(null, null, null, null, reason);

    private static double? Increase(double before, double after, double? modulus)
    {
        if (modulus is not { } size)
        {
            return after >= before ? after - before : null;
        }

        var grown = ((after - before) % size + size) % size;
        // Nobody gives out half of all numbers between two looks: it went back.
        return grown < size / 2 ? grown : null;
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);

    private static string Long(TimeSpan time) => time >= TimeSpan.FromHours(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} min");
}
