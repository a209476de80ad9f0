namespace Maintenance.Engine.Security.Audit;

/// <summary>The catalogue and the settings of the database, in the security audit.</summary>
internal sealed class CataloguePart(DbSecurityService audit) : IAuditPart
{
    public AuditPart Part => AuditPart.Catalogue;

    public string? NotConfigured(MaintenanceTarget target) => target.Database is null ? "No database is configured." : null;

    public Task<IReadOnlyList<Finding>> CollectAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        audit.AuditAsync(target, new SecurityAuditQuery { IncludePassed = true }, call, cancellationToken);
}
