using Maintenance.Engine.Functions;

namespace Maintenance.Engine.Repair.Actions;

/// <summary>Lets the function optimise the database (guide T2). Asked once: what it does is its own affair, and not known to be repeatable.</summary>
internal sealed class OptimizePerformanceAction(FunctionService functions) : IRemedyAction
{
    private readonly FunctionMeasures _measures = new(functions);

    public IReadOnlyList<string> Kinds { get; } = ["OptimizePerformance"];

    public RemedyRisk LeastRisk => RemedyRisk.Medium;

    public RemedyRisk Impact => RemedyRisk.Medium;

    public bool IsImmediate => false;

    public async Task<IssueLook?> MeasureAsync(RepairContext context, CancellationToken cancellationToken) => await _measures.ResponseTimeAsync(context, cancellationToken);

    public Task<RemedySteps> PlanAsync(RepairContext context, CancellationToken cancellationToken)
    {
        var action = FunctionCatalogue.OptimizePerformance;
        return Task.FromResult(new RemedySteps([new RepairStep($"Invoke-EdgeFunction {action.Function} {action.Action}", new Dictionary<string, string>())]));
    }

    public async Task<string> RunAsync(RepairContext context, IReadOnlyList<RepairStep> steps, CancellationToken cancellationToken)
    {
        var answer = await functions.CallAsync(context.Target, FunctionCatalogue.OptimizePerformance, new Dictionary<string, object?>(), context.Call with { Timeout = null }, cancellationToken);
        return answer.Actions is { Count: > 0 } done
            ? $"{FunctionCatalogue.DatabaseScalability} says that it has done: {string.Join("; ", done.Select(action => RepairText.Of(action, 200)))}"
            : $"{FunctionCatalogue.DatabaseScalability} says that it has done nothing in particular";
    }
}
