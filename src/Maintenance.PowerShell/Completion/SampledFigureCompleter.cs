using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Completion;

/// <summary>Completes the names of figures that are sampled.</summary>
public sealed class SampledFigureCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(wordToComplete, SampleService.Figures);
}
