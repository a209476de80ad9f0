using Maintenance.Engine.Programs;
using Maintenance.Engine.Security.Scan.Code;
using Maintenance.Engine.Security.Scan.Dependencies;
using Maintenance.Engine.Security.Scan.Sarif;
using Maintenance.Engine.Security.Scan.Secrets;

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
        new SourceFilesScanner(),
        new GitHistoryScanner(SearchPath.Find),
        new GitleaksScanner(),
        new SecretlintScanner(),
        new SarifScanner(ScanKind.Secrets),
        new SemgrepScanner(),
        new SarifScanner(ScanKind.Code),
    ];
}
