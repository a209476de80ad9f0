using Maintenance.Engine.Security.Access;

namespace Maintenance.Engine.Security.Audit;

/// <summary>Roles and what they do, in the security audit. Takes a sample of who is active, as each review does.</summary>
internal sealed class AccessPart(AccessReviewService review) : IAuditPart
{
    public AuditPart Part => AuditPart.Access;

    public string? NotConfigured(MaintenanceTarget target) => target.Database is null ? "No database is configured." : null;

    public async Task<IReadOnlyList<Finding>> CollectAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        (await review.ReviewAsync(target, new DbAccessQuery(), call, cancellationToken)).Findings;
}
