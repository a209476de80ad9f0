using System.Globalization;

namespace Maintenance.Engine.Inspect;

/// <summary>What is worth attention in one database's ages. Pure.</summary>
internal sealed class WraparoundFindings(WraparoundFacts facts, DbWraparound result, IReadOnlyList<TableAgeFacts> tables)
{
    /// <summary>Beyond this share of its limit a table should have been frozen long since.</summary>
    private const double OverduePercent = 120;

    private const int MostTables = 10;

    public IEnumerable<Finding> All(IReadOnlyList<Metric> metrics) =>
        metrics.Where(metric => metric.Status is HealthStatus.Warning or HealthStatus.Critical).Select(FromMetric)
            .Concat(Blocked())
            .Concat(Hidden())
            .Concat(OverdueTables())
            .Concat(TemporaryTables())
            .Concat(result.IsConnected ? facts.Gaps.Select(gap => New(gap.Id, FindingSeverity.Medium, gap.Subject, gap.Message, gap.Recommendation) with { Outcome = gap.Outcome }) : []);

    /// <summary>Whether indexes must wait because nothing but freezing counts now.</summary>
    private bool IsEmergency => result.Xid.Failsafe is { Percent: >= 100 } || result.Multixact.Failsafe is { Percent: >= 100 } || result.Xid.Stop.Percent >= 80 || result.Multixact.Stop.Percent >= 80;

    private Finding FromMetric(Metric metric)
    {
        var severity = metric.Status == HealthStatus.Critical ? FindingSeverity.Critical : FindingSeverity.Medium;
        var value = metric.Value!.Value;
        return metric.Name switch
        {
            "xid_age_percent" => New(
                "XID-AGE-HIGH", severity, result.Database,
                Text($"{value:0.0} % of the transaction ids are used up (age {result.XidAge} of {result.Xid.Stop.Limit}); then the server stops taking writes."),
                Advice, ("Age", result.XidAge), ("StopLimit", result.Xid.Stop.Limit), ("StopAt", result.Xid.Stop.At)),
            "multixact_age_percent" => New(
                "MXID-AGE-HIGH", severity, result.Database,
                Text($"{value:0.0} % of the multixact ids are used up (age {result.MultixactAge} of {result.Multixact.Stop.Limit}); then no row can be locked by two transactions."),
                Advice, ("Age", result.MultixactAge), ("StopLimit", result.Multixact.Stop.Limit), ("StopAt", result.Multixact.Stop.At)),
            "xid_freeze_percent" => Overdue("XID-FREEZE-OVERDUE", "transaction ids", "autovacuum_freeze_max_age", severity, result.Xid),
            "multixact_freeze_percent" => Overdue("MXID-FREEZE-OVERDUE", "multixact ids", "autovacuum_multixact_freeze_max_age", severity, result.Multixact),
            "multixact_members_percent" => New(
                "MXID-MEMBERS-HIGH", severity, result.Database,
                Text($"About {value:0.0} % of the space for members of multixacts is in use; when it is full, no row can be locked by two transactions."),
                "Vacuum the tables whose rows are locked by many at once, oldest multixact age first; look for foreign keys to few hot rows and for SELECT ... FOR SHARE.",
                ("Percent", value)),
            "wraparound_days_left" => New(
                "XID-STOP-NEAR", severity, result.Database,
                Text($"At the measured rate the server stops taking writes in {value:0.0} days ({result.StopAt?.UtcDateTime:u}), unless something is frozen."),
                Advice, ("Days", value), ("XidPerSecond", result.Xid.PerSecond), ("MultixactPerSecond", result.Multixact.PerSecond)),
            _ => New(metric.Name.ToUpperInvariant().Replace('_', '-'), severity, result.Database, Text($"{metric.Name} is {value:0.##}."), "See its limit in the configuration."),
        };
    }

    private Finding Overdue(string id, string what, string setting, FindingSeverity severity, WraparoundCounter counter) => New(
        id, severity, counter.Freeze.Table ?? result.Database,
        Text($"Its oldest {what} are at {counter.Freeze.Percent:0} % of the age at which autovacuum must freeze them ({counter.Freeze.Limit}): autovacuum has not managed to."),
        result.Blocker is { } blocker && blocker.XminAge >= counter.Freeze.Limit
            ? $"First release what holds it back: {blocker.Description}."
            : "See whether autovacuum runs, is slowed down (autovacuum_vacuum_cost_delay) or keeps failing: pg_stat_progress_vacuum and the server's log tell.",
        ("Percent", counter.Freeze.Percent), ("Setting", setting), ("Limit", counter.Freeze.Limit));

    // While its snapshot lives, no vacuum can bring the age below its own.
    private IEnumerable<Finding> Blocked()
    {
        if (result.Blocker is { } blocker && result.Xid.Freeze.Percent >= 100 && blocker.XminAge >= result.Xid.Freeze.Limit)
        {
            yield return New(
                "XID-FREEZE-BLOCKED",
                IsEmergency ? FindingSeverity.Critical : FindingSeverity.Medium,
                result.Database,
                Text($"Freezing cannot help: {blocker.Description.Split(';')[0]} still holds a snapshot that is {blocker.XminAge} transactions old{Elsewhere(blocker)}."),
                $"{blocker.Description}. Then vacuum.",
                ("Kind", blocker.Kind.ToString()), ("Name", blocker.Name), ("ProcessId", blocker.ProcessId), ("XminAge", blocker.XminAge));
        }
    }

    private string Elsewhere(XminHolder holder) => holder.Database is { } database && database != result.Database
        ? $", in database {database}: it holds back the catalogues that all databases share"
        : holder.CatalogOnly ? ", which holds back the system catalogues" : "";

    private IEnumerable<Finding> Hidden()
    {
        if (facts.IsStandby && Math.Max(result.Xid.Freeze.Percent, result.Multixact.Freeze.Percent) >= 100)
        {
            yield return New(
                "XID-HOLDERS-UNKNOWN", FindingSeverity.Medium, "sessions",
                "Whose snapshots keep rows from being frozen cannot be seen on a standby.",
                "Measure the primary, and vacuum there.") with { Outcome = FindingOutcome.Unknown };
        }
        else if (!facts.SeesOthers && !facts.IsStandby)
        {
            yield return New(
                "XID-HOLDERS-NOT-PERMITTED", FindingSeverity.Medium, "sessions",
                "The role may not see other roles' transactions and standbys, so who keeps rows from being frozen is unknown.",
                $"Run as an administrator: GRANT pg_monitor TO {facts.QuotedUser};") with { Outcome = FindingOutcome.NotPermitted };
        }
    }

    private IEnumerable<Finding> OverdueTables() => tables
        .Where(entry => entry.Table.FreezePercent > OverduePercent && !entry.Table.IsTemporary)
        .Take(MostTables)
        .Select(entry => New(
            "XID-TABLE-OVERDUE",
            FindingSeverity.Medium,
            entry.Table.ToString(),
            Text($"It is at {entry.Table.FreezePercent:0} % of the age at which autovacuum must freeze it (transaction ids {entry.Table.XidAge} of {entry.Table.FreezeLimit}, multixact ids {entry.Table.MultixactAge} of {entry.Table.MultixactFreezeLimit})."),
            facts.IsStandby ? "Freeze it on the primary." : IsEmergency
                ? "Freeze it now, without its indexes; they can wait until the danger is over."
                : "Freeze it in a quiet hour, in the order of the list. Leave its indexes in.",
            ("XidAge", entry.Table.XidAge), ("MultixactAge", entry.Table.MultixactAge), ("SizeBytes", entry.Table.SizeBytes)) with
        {
            Remedy = facts.IsStandby ? null : new Remedy
            {
                Kind = "FreezeTable",
                Command = $"VACUUM (FREEZE{(IsEmergency ? ", INDEX_CLEANUP off" : "")}) {entry.Quoted};",
                Risk = RemedyRisk.Medium,
                // In an emergency a person decides about the indexes: nothing to carry it out with is said.
                Parameters = IsEmergency ? new Dictionary<string, string>() : new Dictionary<string, string>
                {
                    ["database"] = entry.Table.Database,
                    ["schema"] = entry.Table.Schema,
                    ["name"] = entry.Table.Name,
                    ["oid"] = entry.Table.Oid.ToString(CultureInfo.InvariantCulture),
                },
            },
        });

    private IEnumerable<Finding> TemporaryTables()
    {
        foreach (var (table, quoted) in tables.Where(entry => entry.Table.IsTemporary).Select(entry => (entry.Table, entry.Quoted)))
        {
            if (table.IsOrphaned == true)
            {
                yield return New(
                    "XID-TEMP-ORPHANED", FindingSeverity.Low, table.ToString(),
                    Text($"The session of this temporary table is gone, and its age of {table.XidAge} counts for the whole database."),
                    "Autovacuum drops it when it comes by. If autovacuum is off, drop it by hand.",
                    ("XidAge", table.XidAge)) with
                {
                    Remedy = new Remedy { Kind = "DropOrphanedTable", Command = $"DROP TABLE {quoted};" },
                };
            }
            else if (table.FreezePercent >= 100)
            {
                yield return New(
                    "XID-TEMP-OLD", FindingSeverity.Medium, table.ToString(),
                    Text($"A temporary table is {table.FreezePercent:0} % of the way to its limit, and autovacuum cannot vacuum it: only the session that made it can."),
                    table.OwnerProcessId is { } owner
                        ? Text($"End session {owner}, or have it vacuum or drop the table.")
                        : "Find the session that made it; ending it drops the table. If it is gone, autovacuum drops it.",
                    ("XidAge", table.XidAge), ("OwnerProcessId", table.OwnerProcessId));
            }
        }
    }

    private string Advice => IsEmergency
        ? "Now: end what holds the oldest snapshot, then vacuum the oldest tables of this database with VACUUM (FREEZE, INDEX_CLEANUP off), oldest first. Not in single-user mode, and not with VACUUM FULL."
        : "Find out why autovacuum does not freeze: what holds the oldest snapshot, or settings that slow it down. Then VACUUM (FREEZE) the oldest tables.";

    private static Finding New(
        string id, FindingSeverity severity, string? subject, string message, string recommendation, params (string Key, object? Value)[] evidence) => new()
        {
            Id = id,
            Area = "Wraparound",
            Severity = severity,
            Subject = subject,
            Message = message,
            Recommendation = recommendation,
            Evidence = evidence.ToDictionary(pair => pair.Key, pair => pair.Value),
        };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
