using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Alerts;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Lists the alert rules in force: the ten that are built in, and those of the configuration.</summary>
/// <remarks>
/// <para>Use it to see what is watched, with which limits, and as the form of rules of your own. Ten rules are built in, with the
/// metrics, limits, severities and messages of the operations guide; <c>alerts.rules</c> of maintenance.json adds rules, or changes
/// one of the same name in what it says about it. Source tells where a rule comes from.</para>
/// <para>Without a connected target the rules that are built in are listed. Nothing is read from a server, and nothing is changed.
/// Privileges: none.</para>
/// </remarks>
/// <example>
/// <code>Get-AlertRule</code>
/// <para>Lists the rules of the connected target.</para>
/// </example>
/// <example>
/// <code>Get-AlertRule error_rate*</code>
/// <para>Lists the rules about errors.</para>
/// </example>
/// <example>
/// <code>Get-SystemHealth | Test-AlertRule -Rule (Get-AlertRule *_critical)</code>
/// <para>Looks at some of the rules only as far as they are changed: the others hold all the same. -Name restricts what is looked at.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "AlertRule")]
[OutputType(typeof(AlertRule))]
public sealed class GetAlertRuleCommand : MaintenanceCmdlet
{
    /// <summary>Names of rules; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(AlertRuleCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>The maintained systems. Default: the one connected last, or none.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Target is null && Session.Current is null)
        {
            await WriteAsync(AlertService.BuiltIn);
            return;
        }

        foreach (var argument in Session.OrCurrent(Target))
        {
            try
            {
                await WriteAsync(AlertService.Rules(argument.Resolve(Session), []));
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, argument.Name);
            }
        }
    }

    private async Task WriteAsync(IReadOnlyList<AlertRule> rules)
    {
        var isWanted = Wildcards.Matcher(Name ?? ["*"]);
        foreach (var rule in rules.Where(rule => isWanted(rule.Name)))
        {
            await WriteObjectAsync(rule);
        }

        foreach (var name in (Name ?? []).Where(name => Wildcards.IsPlain(name) && !rules.Any(rule => rule.Name.Equals(name, StringComparison.OrdinalIgnoreCase))))
        {
            await WriteErrorAsync(
                new MaintenanceException(MaintenanceErrorCode.ObjectNotFound, $"There is no alert rule '{name}'.", "Get-AlertRule without a name lists them all."), name);
        }
    }
}
