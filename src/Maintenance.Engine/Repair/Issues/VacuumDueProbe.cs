using Maintenance.Engine.Inspect;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Tables that autovacuum should have taken, and has not.</summary>
internal sealed class VacuumDueProbe(VacuumService vacuum) : IIssueProbe
{
    /// <summary>More than so many are one issue, not many: autovacuum does not come at all.</summary>
    private const int MostTables = 20;

    private static readonly IssueKind Kind = IssueCatalogue.VacuumDue;

    // Autovacuum's own threshold, not the half of it at which planned maintenance begins: before that nothing is wrong.
    private static readonly VacuumOptions Options = new() { ThresholdPercent = 100, Analyze = VacuumAnalyze.Never };

    public string Name => "what autovacuum has left";

    public IReadOnlyList<IssueKind> Kinds => [Kind];

    public bool AppliesTo(MaintenanceTarget target) => IssueScope.HasDatabase(target);

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken)
    {
        try
        {
            return Judge(await vacuum.PlanAsync(context.Target, Options, context.Call, cancellationToken));
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.DatabaseReadOnly)
        {
            return [Issue.NotKnown(Kind, FindingSeverity.Info, "A standby is vacuumed by its primary, where this has to be looked at.", "Find-SystemIssue for the primary.", exception.Code)];
        }
    }

    /// <summary>One finding for each table, the most urgent first. Pure.</summary>
    public static IReadOnlyList<Finding> Judge(VacuumPlan plan)
    {
        var due = plan.Actions.Where(action => action.Kind == DbActionKind.Vacuum).ToList();
        var more = due.Count - MostTables;
        return due.Take(MostTables)
            .Select((action, place) => Of(action, place == MostTables - 1 && more > 0 ? Say.Text($" And {more} more tables.") : ""))
            .OrPassed(Kind, $"Autovacuum has left none of {Say.Count(plan.TablesConsidered, "table", "tables")}.", ("Tables", plan.TablesConsidered)) is var findings && due.Count == 0
            ? [findings[0] with { Database = plan.Database }]
            : findings;
    }

    private static Finding Of(DbAction action, string more)
    {
        var subject = $"{action.Schema}.{action.Name}";
        var isHeld = action.Error == MaintenanceErrorCode.HeldBack;
        return Issue.Found(
            Kind,
            isHeld ? FindingSeverity.Medium : FindingSeverity.Low,
            subject,
            isHeld ? $"{subject} is due for a vacuum, which would not help now. {action.Message}{more}" : $"{subject} is due for a vacuum that autovacuum has not made. {action.Message}{more}",
            action.Recommendation ?? "Vacuum it, and see why autovacuum did not: it may be off, slowed down, or not come around (autovacuum_naptime, autovacuum_max_workers).",
            ("SizeBytes", action.SizeBytes),
            ("DeadRows", action.Effect.GetValueOrDefault("DeadRowsBefore")),
            ("Error", action.Error?.ToString())) with
        {
            Database = action.Database,
            Remedy = action is { State: StepState.Planned, Sql.Length: > 0 } ? IssueRemedies.VacuumTable(action) : null,
        };
    }
}
