using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>Completes the names of the targets that the configuration file describes, and of connected ones.</summary>
public sealed class MaintenanceTargetNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        var session = MaintenanceSession.Get();
        var names = session.Engine.Configuration
            .TargetNames(FullPath(fakeBoundParameters["Path"] as string), FullPath(".")!)
            .Concat(session.Targets.Select(target => target.Name))
            .Distinct(StringComparer.OrdinalIgnoreCase);
        return Completions.Matching(wordToComplete, names.Select(name => (name, name)));
    }

    // The location of the session, which need not be that of the process.
    private static string? FullPath(string? path) => path is null ? null : ScriptBlock
        .Create("param($Path) $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)")
        .Invoke(path)
        .Select(result => result.BaseObject as string)
        .FirstOrDefault();
}
