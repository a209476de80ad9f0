using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Alerts;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Lists the alert rules in force: those that are built in, and those of the configuration.</summary>
/// <remarks>
/// <para>Use it to see what is watched, with which limits, and as the form of rules of your own. The ten rules of
/// the operations guide are built in, with its metrics, limits, severities and messages, and two of ours: <c>component_critical</c>, a part
/// of the system is critical, and <c>component_unknown</c>, it was not measured as a whole; <c>alerts.rules</c> of maintenance.json adds rules, or changes
/// one of the same name in what it says about it. Source tells where a rule comes from.</para>
/// <para>Silence tells whether somebody has silenced the rule (Test-AlertRule -Silence), until when and why; -Silenced lists the silences
/// themselves, also those that fit no rule. They are read from the target's history; where that cannot be read, a warning says so.</para>
/// <para>Without a connected target the rules that are built in are listed.</para>
/// <para>Privileges: none; to tell silences, to read the target's history (Get-MaintenanceHistory). It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30</default>
/// <example>
/// <code>Get-AlertRule</code>
/// <para>Lists the rules of the connected target.</para>
/// </example>
/// <example>
/// <code>Get-AlertRule error_rate*</code>
/// <para>Lists the rules about errors.</para>
/// </example>
/// <example>
/// <code>Get-AlertRule -Silenced</code>
/// <para>Lists the silences that hold now, with who made them, why, and until when.</para>
/// </example>
/// <example>
/// <code>Get-SystemHealth | Test-AlertRule -Rule (Get-AlertRule *_critical)</code>
/// <para>Looks at some of the rules only as far as they are changed: the others hold all the same. -Name restricts what is looked at.</para>
/// </example>
/// <seealso cref="TestAlertRuleCommand"/>
/// <seealso cref="GetMaintenanceHistoryCommand"/>
[Cmdlet(VerbsCommon.Get, "AlertRule")]
[OutputType(typeof(AlertRule), typeof(AlertSilence))]
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

    /// <summary>Lists the silences that hold instead of the rules, those of which the names fit.</summary>
    [Parameter]
    public SwitchParameter Silenced { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Target is null && Session.Current is null && !Silenced)
        {
            await WriteAsync(AlertService.BuiltIn);
            return;
        }

        foreach (var argument in Session.OrCurrent(Target))
        {
            try
            {
                var target = argument.Resolve(Session);
                await (Silenced ? WriteSilencesAsync(target, cancellationToken) : WriteRulesAsync(target, cancellationToken));
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, argument.Name);
            }
        }
    }

    private async Task WriteSilencesAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var isWanted = Wildcards.Matcher(Name ?? ["*"]);
        foreach (var silence in (await Engine.Alerts.ReadSilencesAsync(target, Call, cancellationToken)).Where(silence => isWanted(silence.Rule)))
        {
            await WriteObjectAsync(silence);
        }
    }

    private async Task WriteRulesAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var rules = AlertService.Rules(target, []);
        try
        {
            rules = AlertService.WithSilences(rules, await Engine.Alerts.ReadSilencesAsync(target, Call, cancellationToken), TimeProvider.System.GetUtcNow());
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            Call.Sink.Warning($"Whether rules of '{target.Name}' are silenced is not known. {exception.Message}");
        }

        await WriteAsync(rules);
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
