using Maintenance.Engine.Security.Scan;

namespace Maintenance.Engine.Security.Audit;

/// <summary>Vulnerable dependencies of the configured sources, in the security audit.</summary>
internal sealed class DependencyPart(ScanService scans, TimeProvider time) : ScanPart(scans, ScanKind.Dependencies, time)
{
    public override AuditPart Part => AuditPart.Dependencies;
}
