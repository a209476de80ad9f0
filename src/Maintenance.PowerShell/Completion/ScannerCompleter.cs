using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>Completes the names of the scanners that a cmdlet can run.</summary>
public sealed class ScannerCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(commandName);
        var kind = commandName.EndsWith("Secret", StringComparison.OrdinalIgnoreCase) ? ScanKind.Secrets
            : commandName.EndsWith("CodeScan", StringComparison.OrdinalIgnoreCase) ? ScanKind.Code
            : ScanKind.Dependencies;
        return Completions.Matching(wordToComplete, MaintenanceSession.Get().Engine.Scans.NamesOf(kind).Select(name => (name, name)));
    }
}
