using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.Engine.Alerts;
using Maintenance.Infrastructure;

namespace Maintenance.Completion;

/// <summary>Completes the names of alert rules: those that are built in, and those of connected targets.</summary>
public sealed class AlertRuleCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Matching(wordToComplete, AlertService.BuiltIn.Select(rule => rule.Name)
            .Concat(MaintenanceSession.Get().Targets.SelectMany(target => target.Alerts.Rules.Select(rule => rule.Name)))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(name => (name, name)));
}
