using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>
/// A level that jumped so lately that the days since are too few for a trend of their own. The old level is over, the old growth need not
/// be: the values before are put onto the new level, and their trend is drawn out from there. How wide the range is then, is the trend's matter.
/// Where the days since follow no level, but another growth, there is nothing to put them onto.
/// </summary>
internal static class RecentJump
{
    /// <summary>Nearer to the line than so many standard deviations is no jump.</summary>
    private const double Far = 6;

    /// <summary>The days since may be this share of the jump apart, or it is no level that they are on.</summary>
    private const double Apart = 0.3;

    /// <summary>So many values are too few for a change point of their own (<see cref="ChangePoints.Fewest"/>) or may be hidden by the one that is bridged.</summary>
    private const int MostUnseen = ChangePoints.Fewest;

    /// <summary>The values on the new level; null where there was no jump just now, or too little before it.</summary>
    /// <param name="points">The whole past, without its season.</param>
    /// <param name="stretch">The part after the last change.</param>
    /// <param name="question">What is asked.</param>
    public static TrendStretch? Carry(IReadOnlyList<TimedValue> points, TrendStretch stretch, TrendQuestion question)
    {
        if (stretch.IsEnvelope)
        {
            return OfPeaks(points, stretch, question);
        }

        // The last change may have been found a day early or late or twice, and one of a day or two is not found at all.
        var own = stretch.Points.Count;
        var changed = own < question.DaysNeeded && points.Count > own;
        var most = Math.Min(changed ? question.DaysNeeded - 1 : MostUnseen, points.Count - ChangePoints.Fewest);
        for (var count = most; count > 0; count--)
        {
            var before = changed ? TrendStretch.Choose([.. points.SkipLast(count)], question) : stretch with { Points = [.. stretch.Points.SkipLast(count)] };
            if (Of(before, [.. points.TakeLast(count)], most - count, question) is { } carried)
            {
                return carried;
            }
        }

        return null;
    }

    // The last days before must not have been on their way already, as they are where growth changed.
    private static TrendStretch? Of(TrendStretch before, IReadOnlyList<TimedValue> since, int still, TrendQuestion question)
    {
        if (before.IsEnvelope || before.Points.Count + since.Count < question.DaysNeeded || TheilSen.Fit(before.Points) is not { } line)
        {
            return null;
        }

        var offsets = since.Select(point => point.Value - line.At(point.Day)).ToList();
        var jump = Robust.Median(offsets);
        var far = Far * Noise(before.Points, line);
        return Math.Abs(jump) > far
            && offsets.TrueForAll(offset => Math.Abs(offset - jump) <= Math.Max(far, Apart * Math.Abs(jump)))
            && before.Points.TakeLast(still).All(point => Math.Abs(point.Value - line.At(point.Day)) <= far)
                ? Carried([.. before.Points.Select(point => point with { Value = point.Value + jump }), .. since], since[0], jump, "the growth from before", question)
                : null;
    }

    // What is higher than every peak that was to be expected is no tooth of the saw.
    private static TrendStretch? OfPeaks(IReadOnlyList<TimedValue> points, TrendStretch saw, TrendQuestion question)
    {
        var line = TheilSen.Fit(saw.Points)!;
        var jump = points[^1].Value - line.At(points[^1].Day);
        var usual = Math.Max(Noise(points, line: null), Robust.ScaleAroundZero(saw.Points.Select(peak => peak.Value - line.At(peak.Day))));
        return jump > Far * usual
            ? Carried([.. saw.Points.Select(peak => peak with { Value = peak.Value + jump })], points[^1], jump, "the growth of the peaks before", question) with { IsEnvelope = true }
            : null;
    }

    private static TrendStretch Carried(IReadOnlyList<TimedValue> points, TimedValue first, double jump, string growth, TrendQuestion question) => new(
        points,
        first.Day,
        $"it {(jump > 0 ? "rose" : "fell")} by {question.Say(Math.Abs(jump))} at once on {Say.Day(first.At)}; the days since are too few to tell its growth, so {growth} is drawn out from the new level, within a wide range")
    {
        Jump = jump,
    };

    private static double Noise(IReadOnlyList<TimedValue> points, TrendLine? line) => Math.Max(
        Math.Max(Robust.Noise(points), Robust.Floor(points)),
        line is null ? 0 : Robust.ScaleAroundZero(points.Select(point => point.Value - line.At(point.Day))));
}
