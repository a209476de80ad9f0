using System.Globalization;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>A backup that this module made, as far as it matters for keeping it.</summary>
/// <param name="Backup">The backup; its time is that of its manifest.</param>
/// <param name="IsWhole">True if the store holds all of it.</param>
/// <param name="Passed">How the last verification of it ended; null if there was none.</param>
internal sealed record OldBackup(DatabaseBackup Backup, bool IsWhole, bool? Passed = null)
{
    /// <summary>A backup to rely on, as far as anybody knows.</summary>
    public bool IsGood => IsWhole && Passed != false;
}

/// <summary>Decides which backups of one database and format may go, when a new one was made. Pure.</summary>
/// <remarks>
/// A backup that is not good takes nobody's place: it is not counted, and stays as long as a good one of its age would. Whatever the
/// rules, the one just made is kept, which is the newest good one as far as anybody knows; the newest that passed a verification, until a
/// newer one has; and everything that is younger than the one just made, or that the store must not delete.
/// </remarks>
internal static class BackupKeeper
{
    /// <summary>The backups that no rule keeps, the oldest first.</summary>
    /// <param name="old">The backups, without the one just made.</param>
    /// <param name="made">The backup just made: good.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="now">The time (UTC).</param>
    public static IReadOnlyList<OldBackup> Expired(IEnumerable<OldBackup> old, DatabaseBackup made, BackupKeepRules rules, DateTimeOffset now)
    {
        if (rules is { Last: null, Daily: null, Weekly: null, Monthly: null, Within: null })
        {
            return [];
        }

        var all = old.Where(backup => backup.Backup.Name != made.Name).Append(new OldBackup(made, IsWhole: true))
            .OrderByDescending(backup => backup.Backup.TakenAt)
            .ThenByDescending(backup => backup.Backup.Name, StringComparer.Ordinal)
            .ToList();
        var good = all.Where(backup => backup.IsGood).ToList();
        var kept = new HashSet<OldBackup>(Kept(good, rules));
        if (kept.Count > 0)
        {
            var oldest = kept.Min(backup => backup.Backup.TakenAt);
            kept.UnionWith(all.Where(backup => !backup.IsGood && backup.Backup.TakenAt > oldest));
        }

        kept.UnionWith(all.Where(backup => now - backup.Backup.TakenAt < rules.Within || backup.Backup.TakenAt >= made.TakenAt || IsHeld(backup.Backup, now)));
        kept.UnionWith(good.Where(backup => backup.Passed == true).Take(1));
        return [.. all.Where(backup => !kept.Contains(backup)).Reverse()];
    }

    private static IEnumerable<OldBackup> Kept(List<OldBackup> good, BackupKeepRules rules) =>
    [
        .. good.Take(rules.Last ?? 0),
        .. LastOfEach(good, rules.Daily, time => time.ToString("yyyyMMdd", CultureInfo.InvariantCulture)),
        .. LastOfEach(good, rules.Weekly, time => string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(time)}-{ISOWeek.GetWeekOfYear(time)}")),
        .. LastOfEach(good, rules.Monthly, time => time.ToString("yyyyMM", CultureInfo.InvariantCulture)),
    ];

    // Days without a backup do not count: a job that stood still for a week must not cost the week before it.
    private static IEnumerable<OldBackup> LastOfEach(List<OldBackup> newestFirst, int? count, Func<DateTime, string> period) =>
        newestFirst.DistinctBy(backup => period(backup.Backup.TakenAt.UtcDateTime)).Take(count ?? 0);

    private static bool IsHeld(DatabaseBackup backup, DateTimeOffset now) => backup.LegalHold == true || backup.ImmutableUntil > now;
}
