using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>
/// How long a recovery of the whole system takes, and what it loses. Pure. There may be two ways back: the dumps of all databases, one
/// after another, or the base backups with their write-ahead log. The figures are those of one way alone: of those by which everything
/// came back, the one that loses least.
/// </summary>
/// <param name="Time">How long it takes; null where no way brought everything back.</param>
/// <param name="TimeNote">How that comes about, or why it is not known.</param>
/// <param name="Point">How much is lost: the worst over the parts of the way.</param>
/// <param name="PointNote">Of which backup that is, or why it is not known.</param>
internal sealed record RecoveryFigures(TimeSpan? Time, string TimeNote, TimeSpan? Point, string PointNote)
{
    /// <summary>The figures of a drill.</summary>
    /// <param name="attempts">What was restored.</param>
    /// <param name="missing">What the configuration wants, and is not there.</param>
    /// <param name="unlisted">Whether the backups could not be listed.</param>
    public static RecoveryFigures Of(IReadOnlyList<DrillAttempt> attempts, IReadOnlyList<DrillItem> missing, bool unlisted)
    {
        if (unlisted)
        {
            const string why = "The backups could not be listed.";
            return new RecoveryFigures(null, why, null, why);
        }

        var ways = attempts.Select(attempt => attempt.Item.Physical).Distinct()
            .Select(physical => (
                Parts: Parts(attempts.Where(attempt => attempt.Item.Physical == physical)),
                // A kind that is missing is no gap where the same database comes back by another.
                IsWhole: missing.All(item => item.Physical != physical || attempts.Any(attempt => Same(attempt.Item, item)))))
            .ToList();
        var whole = ways.Where(way => way.IsWhole && way.Parts.All(part => part.Best is not null))
            .Select(way => Of([.. way.Parts.Select(part => part.Best!)]))
            .OrderBy(figures => figures.Point ?? TimeSpan.MaxValue)
            .ThenBy(figures => figures.Time)
            .ToList();
        if (whole.Count > 0)
        {
            return whole[0];
        }

        var names = attempts.Where(attempt => attempt.Restored is null).Select(attempt => attempt.Item.Name).Concat(missing.Select(item => item.Name)).Distinct().ToList();
        var reason = names.Count == 0 ? "There is no backup to restore." : $"Not everything came back: {Some(names)}.";
        return new RecoveryFigures(null, reason, null, reason);
    }

    // The same database by two kinds of dump is one part: whoever needs it restores one of them, that which loses least.
    private static List<(string Database, BackupVerification? Best)> Parts(IEnumerable<DrillAttempt> attempts) =>
    [
        .. attempts.GroupBy(attempt => attempt.Item.Key.Database).Select(group => (
            group.Key,
            group.Select(attempt => attempt.Restored).OfType<BackupVerification>()
                .OrderBy(test => test.RecoveryPoint ?? TimeSpan.MaxValue).ThenBy(test => test.RecoveryTime).FirstOrDefault())),
    ];

    private static bool Same(DrillItem item, DrillItem other) => item.Key.Database == other.Key.Database && item.Physical == other.Physical;

    private static RecoveryFigures Of(IReadOnlyList<BackupVerification> parts)
    {
        var time = parts.Aggregate(TimeSpan.Zero, (sum, part) => sum + part.RecoveryTime!.Value);
        var list = Some([.. parts.Select(part => $"{part.Database ?? part.Name} {DrillText.Duration(part.RecoveryTime!.Value)}")]);
        var timeNote = parts.Count == 1
            ? $"Measured with {parts[0].Name}, from fetching the backup to a database that answers."
            : Say.Text($"The sum over {parts.Count} restores, one after another: {list}.");
        if (parts.FirstOrDefault(test => test.RecoveryPoint is null) is { } unknown)
        {
            return new RecoveryFigures(time, timeNote, null, $"It is not known which moment the backup {unknown.Name} holds.");
        }

        var worst = parts.MaxBy(test => test.RecoveryPoint)!;
        return new RecoveryFigures(
            time,
            timeNote,
            worst.RecoveryPoint,
            $"{(parts.Count == 1 ? "That of" : "The worst, that of")} {worst.Name}: what it holds is that much older than the drill.");
    }

    private static string Some(List<string> names) =>
        names.Count <= 6 ? string.Join(", ", names) : Say.Text($"{string.Join(", ", names.Take(5))} and {names.Count - 5} more");
}
