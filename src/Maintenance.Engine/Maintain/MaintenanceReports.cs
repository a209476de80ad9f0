using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Health;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Maintain;

/// <summary>What a part that only looks came to.</summary>
internal sealed record MaintenanceReport(MaintenanceStep Step)
{
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public IReadOnlyList<Metric> Metrics { get; init; } = [];
}

/// <summary>The parts of database maintenance that only look: which indexes deserve attention (guide W7), and how large things are (guide WR).</summary>
internal static class MaintenanceReports
{
    private const int LargestTables = 10;

    /// <summary>Index advice as findings; what is only watched is not one.</summary>
    public static async Task<MaintenanceReport> IndexesAsync(DbMaintenanceParts parts, TaskContext context, CancellationToken cancellationToken)
    {
        var advice = await parts.Indexes.GetAsync(context.Target, new IndexAdviceQuery(), context.Call, cancellationToken);
        var findings = advice.Where(item => item.Verdict is IndexVerdict.Drop or IndexVerdict.Create || item.Status == HealthStatus.Unknown).Select(ToFinding).ToList();
        var droppable = advice.Where(item => item.Verdict == IndexVerdict.Drop).ToList();
        return new MaintenanceReport(Step(
            StepState.Done,
            findings.Select(finding => finding.Status).DefaultIfEmpty(HealthStatus.Ok).Max(),
            advice.Count == 0
                ? "No index deserves attention."
                : string.Create(CultureInfo.InvariantCulture, $"{droppable.Count} to drop ({droppable.Sum(item => item.SizeBytes ?? 0) / 1048576.0:0.0} MB), {advice.Count(item => item.Verdict == IndexVerdict.Create)} to create, {advice.Count(item => item.Verdict == IndexVerdict.Observe)} to observe: Get-DbIndexAdvice.")))
        {
            Findings = findings,
        };
    }

    /// <summary>The size of the database, and of its largest tables with everything that belongs to them.</summary>
    public static async Task<MaintenanceReport> SizesAsync(DbMaintenanceParts parts, TaskContext context, CancellationToken cancellationToken)
    {
        await using var session = await parts.Connector.OpenAsync(context.Target, new SessionOptions("Size report", TimeSpan.FromSeconds(30)), context.Call, cancellationToken);
        var total = (await session.QueryAsync("Maintain/Sql/DatabaseSize.sql", row => row.GetInt64(0), cancellationToken))[0];
        var tables = await session.QueryAsync(
            "Maintain/Sql/LargestTables.sql", row => (Name: row.GetString(0), Bytes: row.IsDBNull(1) ? (long?)null : row.GetInt64(1)), cancellationToken, LargestTables);
        var factory = new MetricFactory(context.Target, context.Time.GetUtcNow());
        return new MaintenanceReport(Step(
            StepState.Done,
            HealthStatus.Ok,
            string.Create(CultureInfo.InvariantCulture, $"The database {session.Database} has {total / 1048576.0:0.0} MB; the largest tables are {string.Join(", ", tables.Take(3).Select(table => $"{table.Name} ({table.Bytes / 1048576.0:0.0} MB)"))}.")))
        {
            Metrics =
            [
                factory.Create("database_size_bytes", total, unit: MetricUnit.Bytes),
                .. tables.Select(table => factory.Create("table_size_bytes", table.Bytes, "Somebody holds it locked.", MetricUnit.Bytes) with
                {
                    Labels = new Dictionary<string, string> { ["table"] = table.Name },
                }),
            ],
        };
    }

    private static Finding ToFinding(IndexAdvice advice) => new()
    {
        Id = advice.Kind switch
        {
            IndexAdviceKind.Invalid => "DB-INDEX-INVALID",
            IndexAdviceKind.Duplicate => "DB-INDEX-DUPLICATE",
            IndexAdviceKind.Covered => "DB-INDEX-COVERED",
            IndexAdviceKind.UnsupportedForeignKey => "DB-INDEX-FK-UNSUPPORTED",
            IndexAdviceKind.Bloated => "DB-BLOAT-INDEX",
            _ => "DB-INDEX-UNUSED",
        },
        Area = "Database",
        Outcome = advice.Status == HealthStatus.Unknown ? FindingOutcome.Unknown : FindingOutcome.Fail,
        // It costs writes and space, and nobody waits for it; an invalid one is a failure that somebody should know of.
        Severity = advice.Kind == IndexAdviceKind.Invalid ? FindingSeverity.Medium : FindingSeverity.Low,
        Subject = $"{advice.Schema}.{advice.Name}",
        Message = $"{advice.Schema}.{advice.Name}: {(advice.Reasons.Count > 0 ? advice.Reasons[0] : $"{advice.Verdict}, {advice.Kind}.")}",
        Evidence = advice.Evidence,
        Recommendation = advice.Sql.Count > 0 ? string.Join(" ", advice.Sql) : null,
        Remedy = advice.Sql.Count == 0 ? null : new Remedy
        {
            Kind = advice.Verdict == IndexVerdict.Create ? "CreateIndex" : "DropIndex",
            Command = string.Join("\n", advice.Sql),
            Rollback = advice.RollbackSql.Count == 0 ? null : string.Join("\n", advice.RollbackSql),
        },
        Target = advice.Target,
        CollectedAt = advice.CollectedAt,
    };

    private static MaintenanceStep Step(StepState state, HealthStatus status, string message) =>
        new() { Name = "", State = state, Status = status, Message = message, StartedAt = default };
}
