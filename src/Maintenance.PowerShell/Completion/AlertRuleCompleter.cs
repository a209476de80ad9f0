using Maintenance.Engine.Alerts;

namespace Maintenance.Completion;

/// <summary>Completes the names of alert rules: those that are built in, and those of connected targets.</summary>
public sealed class AlertRuleCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => AlertService.BuiltIn.Select(rule => rule.Name)
            .Concat(request.Targets.SelectMany(target => target.Alerts.Rules.Select(rule => rule.Name)))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(name => new NameChoice(name)));
}
