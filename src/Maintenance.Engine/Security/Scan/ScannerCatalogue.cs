using Maintenance.Engine.Security.Scan.Dependencies;

namespace Maintenance.Engine.Security.Scan;

/// <summary>Every scanner that there is an adapter for, by kind in the order in which they run.</summary>
internal static class ScannerCatalogue
{
    public static IReadOnlyList<Scanner> All { get; } =
    [
        new NpmAudit(),
        new PipAudit(),
        new SafetyCheck(),
        new DotnetList(),
    ];
}
