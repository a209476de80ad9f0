namespace Maintenance.Engine.Repair.Issues;

/// <summary>Looks for an issue again with the probe that has found it.</summary>
internal sealed class IssueLooker(IssueService issues) : IIssueLooker
{
    public async Task<IssueLook?> FindAgainAsync(MaintenanceTarget target, Finding finding, CallContext call, CancellationToken cancellationToken)
    {
        if (!issues.Kinds.Any(kind => kind.Id.Equals(finding.Id, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        var again = await issues.FindAgainAsync(target, finding, call, cancellationToken);
        return new IssueLook(again.IsThere, again.Message, again.IsThere == true ? again.Finding : null);
    }
}
