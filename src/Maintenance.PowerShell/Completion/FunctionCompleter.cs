using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Engine.Functions;

namespace Maintenance.Completion;

/// <summary>Completes the names of the functions that the module knows.</summary>
public sealed class FunctionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(wordToComplete, FunctionService.Known.Select(name => (name, name)));
}

/// <summary>Completes the actions that the module knows of a function.</summary>
public sealed class FunctionActionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        var functions = fakeBoundParameters["Function"] is { } function ? [function.ToString()!] : FunctionService.Known;
        return Completions.Matching(wordToComplete, functions.SelectMany(FunctionService.ActionsOf).Distinct().Select(name => (name, name)));
    }
}
