using Maintenance.Engine.Security.Azure;

namespace Maintenance.Engine.Security.Audit;

/// <summary>The configuration of Azure resources, in the security audit.</summary>
internal sealed class AzurePart(AzureSecurityService azure) : IAuditPart
{
    public AuditPart Part => AuditPart.Azure;

    public string? NotConfigured(MaintenanceTarget target) =>
        target.Security.Azure is null ? $"{AzureSecurityService.NotConfigured} Set security.azure.subscriptionId in the configuration file." : null;

    public Task<IReadOnlyList<Finding>> CollectAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        azure.AuditAsync(target, new AzureSecurityQuery { IncludePassed = true }, call, cancellationToken);
}
