using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Tasks that were expected to run, and did not.</summary>
/// <param name="heartbeat">Says which; the alerts know.</param>
internal sealed class MissedRunProbe(Func<MaintenanceTarget, CallContext, CancellationToken, Task<IReadOnlyList<Finding>>> heartbeat) : IIssueProbe
{
    public string Name => "expected runs";

    public IReadOnlyList<IssueKind> Kinds => [IssueCatalogue.RunMissed];

    // Where no run is expected none can be missed.
    public bool AppliesTo(MaintenanceTarget target) => target.Alerts.Expected.Count > 0;

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken) =>
        (await heartbeat(context.Target, context.Call, cancellationToken))
            .OrPassed(Kinds[0], $"{Say.Count(context.Target.Alerts.Expected.Count, "task", "tasks")} ran when they were expected.", ("Tasks", context.Target.Alerts.Expected.Keys.ToArray()));
}
