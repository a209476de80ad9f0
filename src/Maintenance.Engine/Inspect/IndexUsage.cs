namespace Maintenance.Engine.Inspect;

/// <summary>What is known of the use of one index over all servers that were asked.</summary>
/// <param name="Scans">How often it was used since the statistics began.</param>
/// <param name="LastScan">When it was last used, where a server says so.</param>
/// <param name="IdleFor">How long it is known to have existed without being used: the shortest such time of all servers.</param>
/// <param name="Reasons">What that rests on.</param>
/// <param name="Doubts">Why it is not enough for a verdict; empty if it is.</param>
internal sealed record IndexUsage(long Scans, DateTimeOffset? LastScan, TimeSpan IdleFor, IReadOnlyList<string> Reasons, IReadOnlyList<string> Doubts)
{
    public bool IsUnused => Scans == 0;

    public bool IsProven => Doubts.Count == 0;

    /// <summary>Judges the use of an index. Pure.</summary>
    /// <param name="facts">Everything that was read.</param>
    /// <param name="index">The index.</param>
    /// <param name="leaves">The indexes that hold its entries: itself, or those of all partitions.</param>
    /// <param name="minimum">How long it must have been idle.</param>
    /// <param name="now">The time.</param>
    public static IndexUsage Of(IndexFacts facts, IndexFact index, IReadOnlyList<IndexFact> leaves, TimeSpan minimum, DateTimeOffset now)
    {
        var sightings = facts.Sources.SelectMany(source => leaves.Select(leaf => Sighting.Of(source, leaf, now))).ToList();
        var (scans, last) = (sightings.Sum(sighting => sighting.Scans), sightings.Max(sighting => sighting.LastScan));
        var idle = sightings.Count == 0 ? TimeSpan.Zero : sightings.Min(sighting => sighting.IdleFor);
        List<string> reasons =
        [
            scans == 0
                ? facts.StatisticsSince is { } since
                    ? $"No query has used it since {Say.Day(since)}, when the statistics began ({Say.Duration(now - since)} ago)."
                    : "No query has used it since the statistics began."
                : last is { } time
                    ? Say.Text($"It was used {Say.Count(scans, "time", "times")}, last on {Say.Day(time)}.")
                    : Say.Text($"It was used {Say.Count(scans, "time", "times")} since the statistics began."),
        ];
        if (facts.Sources.Count > 1)
        {
            reasons.Add($"The use on {string.Join(" and ", facts.Sources.Skip(1).Select(source => $"'{source.Target}'"))} is counted too.");
        }

        if (sightings.Select(sighting => sighting.Gap).DefaultIfEmpty().Max() is { Ticks: > 0 } gap)
        {
            reasons.Add($"Of {Say.Duration(gap)} before resets of the statistics nobody can tell; that time is not counted.");
        }

        return new IndexUsage(scans, last, idle, reasons, [.. Unseen(facts), .. TooShort(facts, sightings, idle, minimum, index)]);
    }

    // Every server counts its own queries alone.
    private static IEnumerable<string> Unseen(IndexFacts facts)
    {
        if (facts.IsStandby && !facts.Sources.Any(source => !source.IsStandby))
        {
            yield return "This server is a standby: the queries of its primary are not counted. Ask the primary, and name this one with -Replica.";
        }

        var missing = facts.Standbys - facts.Sources.Skip(1).Count(source => source.IsStandby);
        if (missing > 0)
        {
            yield return $"{Say.Count(missing, "standby is", "standbys are")} attached whose queries are not counted: connect to them and name them with -Replica.";
        }

        if (facts.IdleSlots > 0)
        {
            yield return $"{Say.Count(facts.IdleSlots, "physical replication slot waits", "physical replication slots wait")} for a standby that is away, whose queries are not counted.";
        }
    }

    private static IEnumerable<string> TooShort(IndexFacts facts, List<Sighting> sightings, TimeSpan idle, TimeSpan minimum, IndexFact index)
    {
        if (idle >= minimum)
        {
            yield break;
        }

        if (facts.Sources.FirstOrDefault(source => index is { IsPartitioned: false } && !source.Scans.ContainsKey(index.Oid)) is { } blind)
        {
            yield return $"'{blind.Target}' does not know it yet.";
        }
        else if (sightings.Any(sighting => sighting.AgeUnknown && sighting.Counted >= minimum))
        {
            yield return "The server does not record when an index was made (unless track_commit_timestamp is on): it may be younger than the statistics.";
            yield return $"The history knows it for {Say.Duration(idle)}; {Say.Duration(minimum)} are wanted.{History(facts)}";
        }
        else
        {
            yield return $"It is known to be idle for {Say.Duration(idle)}; {Say.Duration(minimum)} are wanted.{History(facts)}";
        }
    }

    private static string History(IndexFacts facts) =>
        string.Concat(facts.Sources.Select(source => source.HistoryReason).OfType<string>().Distinct().Select(reason => $" {reason}"));

    /// <summary>What one server tells of one index.</summary>
    private sealed record Sighting(long Scans, DateTimeOffset? LastScan, TimeSpan IdleFor, TimeSpan Counted, TimeSpan Gap, bool AgeUnknown)
    {
        public static Sighting Of(ScanSource source, IndexFact index, DateTimeOffset now)
        {
            if (!source.Scans.TryGetValue(index.Oid, out var scans))
            {
                return new Sighting(0, null, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, false);
            }

            var counted = source.StatisticsSince is { } since ? Positive(now - since) : TimeSpan.Zero;
            var quiet = source.Quiet.GetValueOrDefault(index.Oid);
            var remembered = quiet is null ? TimeSpan.Zero : Positive(now - quiet.Since - quiet.Gap);
            if (scans > 0)
            {
                // A time that the server keeps is better than what runs have seen.
                var last = source.LastScans?.GetValueOrDefault(index.Oid) is { Ticks: > 0 } time ? time : (DateTimeOffset?)null;
                return new Sighting(scans, last, last is { } used ? Positive(now - used) : remembered, counted, TimeSpan.Zero, false);
            }

            // Nothing was counted, but since when was there anything to count?
            TimeSpan? age = index.CreatedBy is { } made ? Positive(now - made) : null;
            var idle = age is { } known && known < counted ? known : age is null ? Shorter(counted, quiet is null ? TimeSpan.Zero : Positive(now - quiet.Since)) : counted;
            return new Sighting(0, null, idle > remembered ? idle : remembered, counted, idle > remembered ? TimeSpan.Zero : quiet?.Gap ?? TimeSpan.Zero, age is null);
        }

        private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

        private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
    }
}
