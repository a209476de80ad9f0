using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>Completes the names of tasks.</summary>
public sealed class TaskCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(wordToComplete, MaintenanceSession.Get().Engine.Tasks.List().Select(task => (task.Name, task.Description)));
}
