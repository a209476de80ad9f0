using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>Completes ids of issues, with what each is. Asks nobody.</summary>
public sealed class IssueCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(wordToComplete, MaintenanceSession.Get().Engine.Issues.Kinds.Select(kind => (kind.Id, kind.Title)));
}

/// <summary>Completes areas of issues, with the ids in each. Asks nobody.</summary>
public sealed class IssueAreaCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(wordToComplete, MaintenanceSession.Get().Engine.Issues.Kinds.GroupBy(kind => kind.Area).Select(area => (area.Key, string.Join(", ", area.Select(kind => kind.Id)))));
}
