using Maintenance.Engine.Compliance;
using Maintenance.Engine.Functions;

namespace Maintenance.Engine.Repair.Actions;

/// <summary>Lets the function resolve its compliance issues of low severity (guide T4); others are never touched.</summary>
internal sealed class ResolveComplianceAction(ComplianceService compliance) : IRemedyAction
{
    public IReadOnlyList<string> Kinds { get; } = ["ResolveLowComplianceIssues"];

    public RemedyRisk LeastRisk => RemedyRisk.Low;

    public RemedyRisk Impact => RemedyRisk.Medium;

    public bool IsImmediate => true;

    public async Task<IssueLook?> MeasureAsync(RepairContext context, CancellationToken cancellationToken)
    {
        var plan = await compliance.PlanResolutionAsync(context.Target, context.Call with { Timeout = null }, cancellationToken);
        return plan.State switch
        {
            ComplianceResolutionState.Planned => new IssueLook(true, plan.Reason),
            ComplianceResolutionState.NothingToDo => new IssueLook(false, plan.Reason),
            _ => new IssueLook(null, plan.Reason),
        };
    }

    public async Task<RemedySteps> PlanAsync(RepairContext context, CancellationToken cancellationToken)
    {
        var plan = await compliance.PlanResolutionAsync(context.Target, context.Call with { Timeout = null }, cancellationToken);
        var action = FunctionCatalogue.AutoResolveIssues;
        return plan.State == ComplianceResolutionState.Planned
            ? new RemedySteps([new RepairStep($"Invoke-EdgeFunction {action.Function} {action.Action} @{{ severity = 'low' }}", new Dictionary<string, string>())])
            : throw new MaintenanceException(MaintenanceErrorCode.RemedyRefused, plan.Reason, "See what is left: Get-ComplianceReport.");
    }

    public async Task<string> RunAsync(RepairContext context, IReadOnlyList<RepairStep> steps, CancellationToken cancellationToken)
    {
        var call = context.Call with { Timeout = null };
        var plan = await compliance.PlanResolutionAsync(context.Target, call, cancellationToken);
        return (await compliance.ResolveAsync(context.Target, plan, call, cancellationToken)).Reason;
    }
}
