using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>Completes the ids of sandboxes that run on this machine.</summary>
public sealed class SandboxCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(
            wordToComplete,
            MaintenanceSession.Get().Engine.Sandboxes.List(everyone: true).Select(sandbox =>
                (sandbox.Id, string.Create(CultureInfo.CurrentCulture, $"{sandbox.Target.Name}, PostgreSQL {sandbox.PostgresVersion}, started {sandbox.StartedAt:g}"))));
}
