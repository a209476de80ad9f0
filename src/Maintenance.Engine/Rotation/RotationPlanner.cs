using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Rotation;

/// <summary>
/// Decides what a rule does to the files of a store. Pure. First what is too old or too many is deleted, then the rest compressed and
/// moved to its tier, then, while all together are still too large, the oldest are deleted (which depends on what compressing brings, and is
/// planned again by then); each oldest first, so that what does not fit the time is the youngest.
/// </summary>
internal static class RotationPlanner
{
    /// <summary>Less than this is not worth compressing: a disk gives no less than a block, and gzip's own words take a part of the gain.</summary>
    internal const int SmallestToCompress = 1024;

    /// <summary>What is due.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="entries">The files.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<RotationStep> Plan(LogRotationRule rule, IReadOnlyList<RotationEntry> entries, DateTimeOffset now)
    {
        var leftovers = entries.Where(entry => entry.IsLeftover && IsQuiet(rule, entry, now)).OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .Select(entry => new RotationStep(entry, LogRotationAction.Delete, "left over by a rotation that was interrupted"));
        var files = entries.Where(entry => !entry.IsLeftover).OrderBy(entry => entry.Modified).ThenBy(entry => entry.Name, StringComparer.Ordinal).ToList();
        var deletable = files.Count - Math.Min(files.Count, rule.Keep ?? 0);

        var deletions = new List<RotationStep>();
        var changes = new List<RotationStep>();
        var forSize = new List<RotationStep>();
        var total = files.Sum(file => file.SizeBytes);
        for (var i = 0; i < files.Count; i++)
        {
            if (i < deletable && WhyTooMany(rule, files[i], now) is { } reason)
            {
                var step = Guarded(rule, new RotationStep(files[i], LogRotationAction.Delete, reason), now);
                deletions.Add(step);
                if (step.Refusal is null)
                {
                    total -= files[i].SizeBytes;
                    continue;
                }
            }

            if (Change(rule, files[i], now) is { } change)
            {
                changes.Add(Guarded(rule, change, now));
            }
        }

        var gone = deletions.Select(step => step.Entry).ToHashSet();
        foreach (var file in files.Take(deletable).Where(file => !gone.Contains(file)).TakeWhile(_ => total > rule.MaximumTotalSize))
        {
            var step = Guarded(rule, new RotationStep(file, LogRotationAction.Delete, $"all together over {Say.Size(rule.MaximumTotalSize)}") { IsForSize = true }, now);
            forSize.Add(step);
            total -= step.Refusal is null ? file.SizeBytes : 0;
        }

        // One line for each file: what is done to it, or else why nothing is.
        var done = changes.Where(change => change.Refusal is null).Select(change => change.Entry).ToHashSet();
        var refused = deletions.Concat(forSize).Where(step => step.Refusal is not null).Select(step => step.Entry).ToHashSet();
        return
        [
            .. leftovers,
            .. deletions.Where(step => step.Refusal is null || !done.Contains(step.Entry)),
            .. changes.Where(change => change.Refusal is null || !refused.Contains(change.Entry)),
            .. forSize.Where(step => step.Refusal is null || !done.Contains(step.Entry)),
        ];
    }

    private static string? WhyTooMany(LogRotationRule rule, RotationEntry entry, DateTimeOffset now) =>
        rule.DeleteAfter is { } age ? IsOlder(rule, entry, age, now) ? $"older than {Say.Duration(age)}" : null
        : rule.Keep is { } keep && rule.MaximumTotalSize is null ? $"beyond the newest {keep}"
        : null;

    // Compressing and tiering at once is one write: the compressed blob begins in its tier.
    private static RotationStep? Change(LogRotationRule rule, RotationEntry entry, DateTimeOffset now)
    {
        var compress = rule.CompressAfter is { } age && IsOlder(rule, entry, age, now) && entry is { CanCompress: true, IsCompressed: false, SizeBytes: >= SmallestToCompress, Tier: not LogTier.Archive };
        var wanted = rule.Tier ?? LogTier.Cool;
        var tier = rule.TierAfter is { } after && IsOlder(rule, entry, after, now) && entry.CanTier && (entry.Tier is not { } current || current < wanted);
        return compress ? new RotationStep(entry, LogRotationAction.Compress, $"older than {Say.Duration(rule.CompressAfter!.Value)}") { Tier = tier ? wanted : entry.Tier }
            : tier ? new RotationStep(entry, LogRotationAction.Tier, $"older than {Say.Duration(rule.TierAfter!.Value)}") { Tier = wanted }
            : null;
    }

    private static RotationStep Guarded(LogRotationRule rule, RotationStep step, DateTimeOffset now) => step with
    {
        Refusal = step.Entry.Hold
            ?? (step.Action == LogRotationAction.Delete ? WhyKept(step.Entry, now) : null)
            ?? (IsQuiet(rule, step.Entry, now) ? null : "It was written to a moment ago."),
    };

    private static string? WhyKept(RotationEntry entry, DateTimeOffset now) => entry.Retention switch
    {
        null => null,
        { Until: { } until } when until <= now => null,
        { Until: { } until } note => $"It is kept until {Say.Day(until)}: its metadata says {note.Text}.",
        { } note => $"It is kept for good: its metadata says {note.Text}.",
    };

    private static bool IsOlder(LogRotationRule rule, RotationEntry entry, TimeSpan age, DateTimeOffset now) => now - entry.Modified >= age && IsQuiet(rule, entry, now);

    private static bool IsQuiet(LogRotationRule rule, RotationEntry entry, DateTimeOffset now) => now - entry.Written >= rule.QuietTime;
}
