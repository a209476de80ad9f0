using System.Globalization;
using Maintenance.Engine.Health;

namespace Maintenance.Engine.Inspect;

/// <summary>Turns ages and rates into dates, metrics and findings, for each database. Pure.</summary>
internal static class WraparoundEvaluator
{
    /// <summary>From this share of autovacuum's limit on multixacts are many enough for their members to matter.</summary>
    private const double MembersMatterPercent = 25;

    public static IReadOnlyList<DbWraparound> Evaluate(
        MaintenanceTarget target, WraparoundFacts facts, CounterRate xid, CounterRate multixact, DateTimeOffset now) =>
        [.. facts.Databases
            .Select(database => Evaluate(target, facts, database, xid, multixact, now))
            .OrderByDescending(result => result.IsConnected)
            .ThenByDescending(result => result.Xid.Stop.Percent)
            .ThenBy(result => result.Database, StringComparer.Ordinal)];

    private static DbWraparound Evaluate(
        MaintenanceTarget target, WraparoundFacts facts, DatabaseAge database, CounterRate xid, CounterRate multixact, DateTimeOffset now)
    {
        var tables = database.IsConnected ? facts.Tables.Select(table => Owned(table, facts)).ToList() : [];
        var memberPercent = facts.MemberFiles is { } files ? WraparoundLimits.MemberPercent(files) : (double?)null;
        var result = new DbWraparound
        {
            Target = target.Name,
            Database = database.Name,
            Status = HealthStatus.Unknown,
            CollectedAt = now,
            IsConnected = database.IsConnected,
            AllowsConnections = database.AllowsConnections,
            Xid = Counter(
                database.XidAge, xid, Freeze(database.XidAge, facts.FreezeLimit, tables.Select(table => (table.Table, table.Table.XidAge, table.Table.FreezeLimit))),
                WraparoundLimits.Failsafe(facts.FailsafeAge, facts.FreezeLimit), WraparoundLimits.XidStop(facts.MajorVersion), now),
            Multixact = Counter(
                database.MultixactAge, multixact,
                Freeze(database.MultixactAge, facts.MultixactFreezeLimit, tables.Select(table => (table.Table, table.Table.MultixactAge, table.Table.MultixactFreezeLimit))),
                WraparoundLimits.Failsafe(facts.MultixactFailsafeAge, facts.MultixactFreezeLimit), WraparoundLimits.MultixactStop(facts.MajorVersion), now),
            MultixactMemberPercent = memberPercent,
            MultixactMemberReason = memberPercent is null ? facts.MemberReason : null,
            Blocker = facts.Holders.MaxBy(holder => holder.XminAge),
            Note = Note(database, facts.IsStandby),
            Tables = [.. tables.Select(table => table.Table)],
        };
        var metrics = Metrics(target, result, now);
        var findings = new WraparoundFindings(facts, result, tables).All(metrics)
            .Select(finding => finding with { Target = target.Name, CollectedAt = now })
            .OrderByDescending(finding => finding.Status)
            .ThenByDescending(finding => finding.Severity)
            .ToList();
        return result with
        {
            Metrics = metrics,
            Findings = findings,
            Status = findings.Select(finding => finding.Status).Concat(metrics.Select(metric => metric.Status)).Max(),
        };
    }

    private static List<Metric> Metrics(MaintenanceTarget target, DbWraparound result, DateTimeOffset now)
    {
        var factory = new MetricFactory(target, now);
        List<Metric> metrics =
        [
            factory.Create("xid_age_percent", result.Xid.Stop.Percent),
            factory.Create("xid_freeze_percent", result.Xid.Freeze.Percent),
            factory.Create("multixact_age_percent", result.Multixact.Stop.Percent),
            factory.Create("multixact_freeze_percent", result.Multixact.Freeze.Percent),
        ];

        // Members come with multixacts: while those are few, it does not matter that nobody may count the members.
        if (result.MultixactMemberPercent is not null || result.Multixact.Freeze.Percent >= MembersMatterPercent)
        {
            metrics.Add(factory.Create("multixact_members_percent", result.MultixactMemberPercent, result.MultixactMemberReason));
        }

        // Without a rate there is no such metric; the ages above are judged all the same.
        if (result.StopAt is { } stop)
        {
            metrics.Add(factory.Create("wraparound_days_left", Math.Max(0, (stop - now).TotalDays)));
        }

        return [.. metrics.Select(metric => metric with { Labels = new Dictionary<string, string> { ["database"] = result.Database } })];
    }

    private static WraparoundCounter Counter(long age, CounterRate rate, (WraparoundLimit Limit, long Left) freeze, long? failsafe, long stop, DateTimeOffset now) => new()
    {
        Age = age,
        PerSecond = rate.PerSecond,
        SlowestPerSecond = rate.Slowest,
        FastestPerSecond = rate.Fastest,
        MeasuredSince = rate.Since,
        Reason = rate.Reason ?? (rate.PerSecond == 0 ? "The counter has not moved since then, so there is no date." : null),
        Freeze = Dated(freeze.Limit, freeze.Left, rate, now),
        Failsafe = failsafe is { } limit ? Dated(Limit(age, limit), limit - age, rate, now) : null,
        Stop = Dated(Limit(age, stop), stop - age, rate, now),
    };

    // A table with a lower limit of its own can be due before its database is.
    private static (WraparoundLimit Limit, long Left) Freeze(long age, long limit, IEnumerable<(DbTableAge Table, long Age, long Limit)> tables)
    {
        var sooner = tables.Where(table => table.Limit < limit && table.Limit - table.Age < limit - age).OrderBy(table => table.Limit - table.Age).FirstOrDefault();
        return sooner.Table is { } table
            ? (Limit(sooner.Age, sooner.Limit) with { Table = table.ToString() }, sooner.Limit - sooner.Age)
            : (Limit(age, limit), limit - age);
    }

    private static WraparoundLimit Limit(long age, long limit) => new() { Limit = limit, Percent = 100.0 * age / Math.Max(1, limit) };

    private static WraparoundLimit Dated(WraparoundLimit limit, long left, CounterRate rate, DateTimeOffset now) => limit with
    {
        At = After(left, rate.PerSecond, now),
        Earliest = After(left, rate.Fastest, now),
        Latest = After(left, rate.Slowest, now),
    };

    private static DateTimeOffset? After(long left, double? perSecond, DateTimeOffset now)
    {
        if (left <= 0)
        {
            return now;
        }

        // A date in a thousand years is none.
        return perSecond is > 0 and { } rate && left / rate < TimeSpan.FromDays(365_000).TotalSeconds ? now.AddSeconds(left / rate) : null;
    }

    private static TableAgeFacts Owned(TableAgeFacts facts, WraparoundFacts all)
    {
        if (!facts.Table.IsTemporary || all.IsStandby || !int.TryParse(facts.Table.Schema.AsSpan(facts.Table.Schema.LastIndexOf('_') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return facts;
        }

        // Where the server does not tell whose a schema is, only the absence of everybody else proves that it is nobody's.
        var told = all.MajorVersion >= 16;
        var owner = told ? all.TemporarySchemas.FirstOrDefault(schema => schema.Number == number)?.ProcessId : null;
        return facts with
        {
            Table = facts.Table with { OwnerProcessId = owner, IsOrphaned = told ? owner is null : all.TemporarySchemas.Count == 0 ? true : null },
        };
    }

    private static string? Note(DatabaseAge database, bool isStandby) => database switch
    {
        { IsInvalid: true } => "It was left behind by a DROP DATABASE that was interrupted, and counts for nothing. Drop it again.",
        { AllowsConnections: false } => "Nobody can connect to it, so nobody vacuums it but autovacuum, and that only once its age reaches the limit. An age below the limit is normal.",
        _ when isStandby => "It was measured on a standby: only the primary can freeze, and whose snapshots are in the way there cannot be seen here.",
        _ => null,
    };
}
