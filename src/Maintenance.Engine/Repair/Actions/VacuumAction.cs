using Maintenance.Engine.Inspect;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Repair.Actions;

/// <summary>Vacuums a table, or freezes it, as Invoke-DbVacuum does: with its limits, its watchdog and its measurement.</summary>
internal sealed class VacuumAction(VacuumService vacuum, WraparoundService wraparound) : IRemedyAction
{
    private const string Freeze = "FreezeTable";

    private const int MostTables = 20;

    public IReadOnlyList<string> Kinds { get; } = ["Vacuum", Freeze];

    public RemedyRisk LeastRisk => RemedyRisk.Low;

    public RemedyRisk Impact => RemedyRisk.Medium;

    public bool IsImmediate => true;

    public async Task<IssueLook?> MeasureAsync(RepairContext context, CancellationToken cancellationToken)
    {
        if (context.Remedy.Kind == Freeze)
        {
            var ages = await wraparound.GetAsync(context.Target, MostTables, context.Call with { Timeout = null }, cancellationToken);
            var now = ages.SelectMany(age => age.Findings).FirstOrDefault(finding => finding.Fingerprint == context.Finding.Fingerprint);
            return new IssueLook(now is not null, now?.Message ?? "no table of this name is overdue any more", now);
        }

        var actions = await ActionsAsync(context, cancellationToken);
        return actions switch
        {
            [] => new IssueLook(null, "the table was not found"),
            _ when actions.Any(action => action.State is StepState.Failed) => new IssueLook(null, actions.First(action => action.State is StepState.Failed).Message),
            _ => new IssueLook(actions.Any(action => action.State == StepState.Planned || action.Error is not null), string.Join(" ", actions.Select(action => action.Message))),
        };
    }

    public async Task<RemedySteps> PlanAsync(RepairContext context, CancellationToken cancellationToken)
    {
        var actions = await ActionsAsync(context, cancellationToken);
        var planned = actions.Where(action => action.State == StepState.Planned).ToList();
        if (planned.Count == 0)
        {
            var first = actions.Count > 0 ? actions[0] : null;
            throw new MaintenanceException(first?.Error ?? MaintenanceErrorCode.RemedyRefused, first?.Message ?? "The table was not found.", first?.Recommendation ?? "Look at it: Invoke-DbVacuum -WhatIf.");
        }

        return new RemedySteps([.. planned.Select(action => new RepairStep(action.Sql, new Dictionary<string, string>()))]);
    }

    public async Task<string> RunAsync(RepairContext context, IReadOnlyList<RepairStep> steps, CancellationToken cancellationToken)
    {
        var planned = (await ActionsAsync(context, cancellationToken)).Where(action => action.State == StepState.Planned && steps.Any(step => step.Command == action.Sql)).ToList();
        var done = new List<DbAction>();
        await foreach (var action in vacuum.ExecuteAsync(context.Target, planned, Options(context), context.Call, cancellationToken))
        {
            done.Add(action);
        }

        return done.FirstOrDefault(action => action.State != StepState.Done) is { } failed
            ? throw new MaintenanceException(failed.Error ?? MaintenanceErrorCode.RemedyRefused, $"{failed.Kind} of {failed.Schema}.{failed.Name}: {failed.Message}", failed.Recommendation ?? "Run it again at a quieter time.")
            : string.Join(" ", done.Select(action => Say.Text($"{action.Kind} of {action.Schema}.{action.Name}: {action.Message}")));
    }

    // What is due is the vacuum: statistics are another matter, which autovacuum sees to by itself, and the finding does not speak of.
    private static VacuumOptions Options(RepairContext context) => new() { Objects = [Reference(context)], Freeze = context.Remedy.Kind == Freeze, Analyze = VacuumAnalyze.Never };

    private async Task<IReadOnlyList<DbAction>> ActionsAsync(RepairContext context, CancellationToken cancellationToken) =>
        (await vacuum.PlanAsync(context.Target, Options(context), context.Call, cancellationToken)).Actions;

    private static DbObjectReference Reference(RepairContext context) => new(new Named(
        context.Target.Name,
        context.Remedy.Optional("database") ?? context.Finding.Database ?? context.Target.Database?.Database ?? "",
        context.Remedy.Needed("schema"),
        context.Remedy.Needed("name"),
        context.Remedy.NeededOid("oid")));

    private sealed record Named(string Target, string Database, string Schema, string Name, long Oid) : IDbObject;
}
