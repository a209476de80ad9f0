namespace Maintenance.Engine.Backup.Physical;

/// <summary>What is missing on the way to the newest timeline. Pure.</summary>
/// <param name="Oldest">The oldest segment on the way: its timeline and number; null where there is none.</param>
/// <param name="Newest">The newest.</param>
/// <param name="Needed">From which number on segments are needed.</param>
/// <param name="ContinuousFrom">From which number on none is missing.</param>
/// <param name="Gaps">What is missing from the needed one on.</param>
internal sealed record WalContinuity(
    (uint Timeline, ulong Number)? Oldest, (uint Timeline, ulong Number)? Newest, (uint Timeline, ulong Number)? Needed,
    (uint Timeline, ulong Number)? ContinuousFrom, IReadOnlyList<WalGap> Gaps);

/// <summary>Looks for segments that are missing along a timeline's history. Those of other timelines are none of it. Pure.</summary>
/// <param name="segmentSize">Size of a segment.</param>
internal sealed class WalGapFinder(long segmentSize)
{
    private const int MostGaps = 1000;

    /// <summary>Compares what is there with what has to be.</summary>
    /// <param name="way">The way through the log.</param>
    /// <param name="segments">What is there, by timeline.</param>
    /// <param name="starts">Where base backups begin.</param>
    public WalContinuity Find(
        IReadOnlyList<WalStretch> way, IReadOnlyDictionary<uint, WalSegments> segments, IReadOnlyCollection<(uint Timeline, ulong Number)> starts)
    {
        var present = Present(way, segments).ToList();
        if (present.Count == 0)
        {
            return new WalContinuity(null, null, null, null, []);
        }

        // The labels of base backups mostly stay when the log is cleared away: those without any log left need none.
        var oldest = (present[0].Timeline, Number: present[0].First);
        var needed = starts
            .Where(start => start.Number >= oldest.Number && way.Any(stretch => stretch.Timeline == start.Timeline && start.Number >= stretch.First && !(start.Number >= stretch.End)))
            .Order()
            .Cast<(uint Timeline, ulong Number)?>()
            .FirstOrDefault() ?? oldest;

        var gaps = new List<WalGap>();
        var continuous = oldest;
        var expected = oldest.Number;
        foreach (var range in present)
        {
            if (range.First > expected)
            {
                gaps.AddRange(Missing(way, Math.Max(expected, needed.Number), range.First));
                continuous = (range.Timeline, range.First);
            }

            expected = range.Last + 1;
        }

        return new WalContinuity(oldest, (present[^1].Timeline, present[^1].Last), needed, continuous, [.. gaps.Take(MostGaps)]);
    }

    private IEnumerable<(uint Timeline, ulong First, ulong Last)> Present(IReadOnlyList<WalStretch> way, IReadOnlyDictionary<uint, WalSegments> segments)
    {
        foreach (var stretch in way)
        {
            foreach (var (first, last) in segments.GetValueOrDefault(stretch.Timeline)?.Ranges(segmentSize) ?? [])
            {
                var (from, to) = (Math.Max(first, stretch.First), stretch.End is { } end ? Math.Min(last + 1, end) : last + 1);
                if (from < to)
                {
                    yield return (stretch.Timeline, from, to - 1);
                }
            }
        }
    }

    // A gap may reach over the end of a timeline: it is told for each.
    private IEnumerable<WalGap> Missing(IReadOnlyList<WalStretch> way, ulong first, ulong end) =>
        from stretch in way
        let begin = Math.Max(first, stretch.First)
        let stop = stretch.End is { } last ? Math.Min(end, last) : end
        where begin < stop
        select new WalGap(
            stretch.Timeline,
            WalPosition.NameOf(stretch.Timeline, begin, segmentSize),
            WalPosition.NameOf(stretch.Timeline, stop - 1, segmentSize),
            (long)(stop - begin));
}
