using Maintenance.Engine.Security.PersonalData;

namespace Maintenance.Engine.Security.Audit;

/// <summary>Personal data and how they are looked after, in the security audit.</summary>
internal sealed class PersonalDataPart(PersonalDataService personalData) : IAuditPart
{
    public AuditPart Part => AuditPart.PersonalData;

    public string? NotConfigured(MaintenanceTarget target) => target.Database is null ? "No database is configured." : null;

    public Task<IReadOnlyList<Finding>> CollectAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        personalData.AuditAsync(target, new PersonalDataQuery(), call, cancellationToken);
}
