using Maintenance.Engine.Security.Scan;

namespace Maintenance.Engine.Security.Audit;

/// <summary>Flaws in the configured sources, in the security audit.</summary>
internal sealed class CodePart(ScanService scans, TimeProvider time) : ScanPart(scans, ScanKind.Code, time)
{
    public override AuditPart Part => AuditPart.Code;
}
