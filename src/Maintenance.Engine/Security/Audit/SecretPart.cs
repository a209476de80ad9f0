using Maintenance.Engine.Security.Scan;

namespace Maintenance.Engine.Security.Audit;

/// <summary>Secrets in the configured sources, in the security audit.</summary>
internal sealed class SecretPart(ScanService scans, TimeProvider time) : ScanPart(scans, ScanKind.Secrets, time)
{
    public override AuditPart Part => AuditPart.Secrets;
}
