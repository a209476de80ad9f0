using System.Globalization;

namespace Maintenance.Engine.Retention;

/// <summary>Decides whether rows may come back into a table, and out of an archive table. Pure.</summary>
internal static class RestoreJudge
{
    /// <summary>An archive up to this size is read whole for each batch rather than refused for want of an index. Ours: a moment each.</summary>
    public const long SmallArchive = 64L << 20;

    /// <summary>What keeps rows from a table.</summary>
    public static MaintenanceException? Destination(TableFacts table)
    {
        if (table.Kind is not ('r' or 'p') || table.IsOfTheSystem)
        {
            return Refused($"{table.QuotedName} is no table that rows may come back into.", "Name an ordinary or a partitioned table of your own with -Destination.");
        }

        if (table.HidesRows)
        {
            return Hidden(table);
        }

        if (table.HasRules)
        {
            return Refused($"{table.QuotedName} has rules, which rewrite what we run: rows could be lost.", "Replace the rules by triggers, or restore into another table with -Destination.");
        }

        // SELECT, because what arrived is counted.
        return table is { MayInsert: true, MaySelect: true } ? null : Denied(table, "SELECT, INSERT");
    }

    /// <summary>What keeps rows in an archive table.</summary>
    public static MaintenanceException? Archive(TableFacts archive, TimeColumnFacts? time, string timeColumn, TableFacts destination)
    {
        if (archive.Oid == destination.Oid)
        {
            return Refused($"{archive.QuotedName} cannot be restored into itself.", "Name another table with -Destination.");
        }

        if (archive.Kind is not ('r' or 'p') || archive.IsOfTheSystem)
        {
            return Refused($"{archive.QuotedName} is no table that rows may leave.", "Name an ordinary or a partitioned table with -ArchiveTable.");
        }

        if (time?.Kind is null)
        {
            return new MaintenanceException(
                MaintenanceErrorCode.MappingInvalid,
                time is null ? $"The archive {archive.QuotedName} has no column {timeColumn}." : $"The column {time.QuotedName} of {archive.QuotedName} is {time.Type}, which does not tell a time.",
                "Name its column of type timestamptz, timestamp or date with -TimeColumn.");
        }

        if (archive.HidesRows)
        {
            return Hidden(archive);
        }

        if (archive.HasRules)
        {
            return Refused($"The archive {archive.QuotedName} has rules, which rewrite what we run: rows could be lost.", "Replace the rules by triggers.");
        }

        if (archive.HasChildren)
        {
            return Refused($"{archive.QuotedName} has tables that inherit from it, whose rows would go as well.", "Restore from each of them by itself.");
        }

        return archive is { MaySelect: true, MayDelete: true } ? null : Denied(archive, "SELECT, DELETE");
    }

    /// <summary>Privileges that are missing for rows to come back that a policy archives.</summary>
    public static IEnumerable<MaintenanceException> Denials(PolicyFacts facts, RetentionAction action)
    {
        if (action is RetentionAction.ArchiveToTable or RetentionAction.ArchiveToBlob && Destination(facts.Table) is { Code: MaintenanceErrorCode.PermissionDenied } denied)
        {
            yield return denied;
        }

        if (facts.Archive is { } archive && Archive(archive, facts.Time, "", facts.Table) is { Code: MaintenanceErrorCode.PermissionDenied } locked)
        {
            yield return locked;
        }
    }

    /// <summary>What makes an archive table too slow; null where it is fast enough, or that does not matter.</summary>
    public static MaintenanceException? Slow(TableFacts archive, TimeColumnFacts time, IReadOnlyList<string> timeIndexes, long bytes) =>
        timeIndexes.Count > 0 || bytes <= SmallArchive ? null : Refused(
            string.Create(CultureInfo.InvariantCulture, $"The archive {archive.QuotedName} has no index that begins with {time.QuotedName}: its {bytes >> 20} MiB would be read for each batch."),
            archive.IsPartitioned
                ? $"CREATE INDEX ON {archive.QuotedName} ({time.QuotedName}); at a quiet time. Or use -Force."
                : $"CREATE INDEX CONCURRENTLY ON {archive.QuotedName} ({time.QuotedName}); Or use -Force.");

    /// <summary>What whoever restores should know of the table.</summary>
    public static IEnumerable<string> Notes(TableFacts destination, RetentionPolicy? policy)
    {
        if (destination.Triggers.Where(trigger => trigger.OnInsert).ToList() is { Count: > 0 } triggers)
        {
            yield return $"Trigger(s) of {destination.QuotedName} will run: {string.Join(", ", triggers.Select(trigger => trigger.QuotedName))}.";
        }

        if (policy is not null)
        {
            yield return $"The retention policy of {policy.Table} takes rows older than {policy.Age.TotalDays:0.##} days again with its next run: suspend it, or give it a legal hold, if they are to stay.";
        }
    }

    private static MaintenanceException Hidden(TableFacts table) => new(
        MaintenanceErrorCode.PermissionDenied,
        $"Row security of {table.QuotedName} would hide rows from the role {table.QuotedRole}, or refuse them.",
        $"Run it as the table's owner (unless it says FORCE ROW LEVEL SECURITY), or: ALTER ROLE {table.QuotedRole} BYPASSRLS;");

    private static MaintenanceException Denied(TableFacts table, string privileges) => new(
        MaintenanceErrorCode.PermissionDenied,
        $"The role {table.QuotedRole} lacks {privileges.Replace(",", " or", StringComparison.Ordinal)} on {table.QuotedName}.",
        $"GRANT {privileges} ON TABLE {table.QuotedName} TO {table.QuotedRole};");

    private static MaintenanceException Refused(string message, string recommendation) => new(MaintenanceErrorCode.RetentionRefused, message, recommendation);
}
