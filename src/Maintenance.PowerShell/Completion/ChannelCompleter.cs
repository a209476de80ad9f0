using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>Completes the names of channels: the three that are always meant, and those of connected targets.</summary>
public sealed class ChannelCompleter : IArgumentCompleter
{
    private static readonly string[] Usual = ["Default", "Emergency", "Security"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(wordToComplete, Usual
            .Concat(MaintenanceSession.Get().Targets.SelectMany(target => target.Channels.Keys))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(name => (name, name)));
}
