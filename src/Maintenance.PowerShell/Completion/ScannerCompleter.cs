namespace Maintenance.Completion;

/// <summary>Completes the names of the scanners that a cmdlet can run.</summary>
public sealed class ScannerCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => request.Session.Engine.Scans.NamesOf(KindOf(request.Command)).Select(name => new NameChoice(name)));

    private static ScanKind KindOf(string command) =>
        command.EndsWith("Secret", StringComparison.OrdinalIgnoreCase) ? ScanKind.Secrets
        : command.EndsWith("CodeScan", StringComparison.OrdinalIgnoreCase) ? ScanKind.Code
        : ScanKind.Dependencies;
}
