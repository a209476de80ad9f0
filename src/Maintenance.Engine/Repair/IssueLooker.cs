using Maintenance.Engine.Repair.Issues;

namespace Maintenance.Engine.Repair;

/// <summary>Looks for an issue again with the probe that finds such issues.</summary>
/// <param name="issues">The probes.</param>
internal sealed class IssueLooker(IssueService issues) : IIssueLooker
{
    public async Task<IssueLook?> FindAgainAsync(MaintenanceTarget target, Finding finding, CallContext call, CancellationToken cancellationToken)
    {
        if (!issues.Kinds.Any(kind => kind.Id.Equals(finding.Id, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        var look = await issues.FindAgainAsync(target, finding, call, cancellationToken);
        return new IssueLook(look.IsThere, look.Message, look.IsThere == true ? look.Finding : null);
    }
}
