using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Alerts;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Evaluates alert rules against metrics: what fires, what is over, and what nobody knows.</summary>
/// <remarks>
/// <para>Use it in a pipeline, Get-SystemHealth | Test-AlertRule | Send-MaintenanceNotification, every few minutes. Metrics, healths, and
/// other results with metrics may be piped, also as a file (ConvertFrom-Json, Import-Csv) or another machine gives them; of several values of
/// one metric the newest counts, and one that is older than what was looked at before changes nothing. With -Target, or nothing, the health
/// of the system is measured first.</para>
/// <para>Rules may be piped, too: those of Get-AlertRule, or tables with Name, Metric, Operator, Threshold, Severity and Message. Then these
/// rules alone are looked at, with the metrics that were piped beside them, or with a measurement of the target.</para>
/// <para>Where a rule stands is remembered in the target's history, so that For and KeepFiringFor hold over several calls, restarts and
/// machines. State is Inactive, Pending (bad, but not for long enough), Firing, Recovering (good again, but not for long enough), or
/// NoData. A metric that could not be measured never passes: its Status is Unknown, and the rule's NoData policy says whether people are
/// told. Of a whole health, rules whose metric is missing have no data; of single metrics, only their own rules are looked at.</para>
/// <para>News is what people do not know yet, and what Send-MaintenanceNotification tells, once, whoever evaluates. Suppressed says why it
/// is not told now: a critical rule of the same metric fires, somebody has silenced it, or a maintenance window is open. It is recorded
/// all the same, and told afterwards if it is still so.</para>
/// <para>-Replay says what the rules would have done with the values that the history has kept, and what of it nobody knows: gaps, and means
/// of hours or days that hide single peaks (Status Unknown). Inhibition, silences and windows are not replayed.</para>
/// <para>Without a history (history.kind None) it is remembered as long as the session lasts.</para>
/// <para>Privileges: those of Get-SystemHealth where it measures. It changes where rules stand and silences, in the target's history, and nothing else;
/// with -Replay nothing at all. -Silence and -EndSilence keep people from being told: -WhatIf shows of which rules.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30, and 60 where it measures first</default>
/// <example>
/// <code>Get-SystemHealth | Test-AlertRule | Send-MaintenanceNotification</code>
/// <para>Measures, evaluates, and tells what is new.</para>
/// </example>
/// <example>
/// <code>Test-AlertRule | Where-Object State -ne Inactive</code>
/// <para>Measures the health of the connected target, and lists what is not well.</para>
/// </example>
/// <example>
/// <code>Get-SystemHealth | Test-AlertRule -Rule @{ Name = 'error_rate_warning'; Threshold = 1; ClearThreshold = 0.5; For = '10m' }</code>
/// <para>Changes a rule for this call.</para>
/// </example>
/// <example>
/// <code>Get-AlertRule error_rate* | Test-AlertRule</code>
/// <para>Measures the health of the connected target, and looks at these rules alone.</para>
/// </example>
/// <example>
/// <code>Test-AlertRule -Replay -Since 30d -Rule @{ Name = 'db_connections_high'; Threshold = 70; For = '15m' }</code>
/// <para>Says how often the rules would have fired in the last 30 days, one of them with another limit.</para>
/// </example>
/// <example>
/// <code>Test-AlertRule -Silence db_connections* -Until 2h -Reason 'Load test'</code>
/// <para>Keeps people from being told of these rules for two hours. Get-AlertRule -Silenced lists such silences.</para>
/// </example>
/// <example>
/// <code>Test-AlertRule -EndSilence db_connections*</code>
/// <para>Ends that silence now.</para>
/// </example>
/// <seealso cref="GetAlertRuleCommand"/>
/// <seealso cref="SendMaintenanceNotificationCommand"/>
/// <seealso cref="GetSystemHealthCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "AlertRule", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = TargetSet)]
[OutputType(typeof(Alert), typeof(AlertSilence), typeof(AlertReplay))]
public sealed class TestAlertRuleCommand : MaintenanceCmdlet
{
    private const string TargetSet = "Target";
    private const string ObjectSet = "Object";
    private const string SilenceSet = "Silence";
    private const string EndSilenceSet = "EndSilence";
    private const string ReplaySet = "Replay";

    private static readonly TimeSpan LongestSilence = TimeSpan.FromDays(366);

    private readonly List<(string Target, IReadOnlyList<Metric> Metrics, bool IsComplete)> _piped = [];

    private readonly List<AlertRuleSettings> _rules = [];

    /// <summary>What to look at: metrics, healths, and other results of this module that have metrics; and rules to look with, as Get-AlertRule gives them or as tables.</summary>
    [Parameter(ParameterSetName = ObjectSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>The maintained systems. Default: what the piped objects are about, or the one connected last.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>Names of the rules to look at; wildcards are allowed. Default: all.</summary>
    [Parameter(ParameterSetName = TargetSet, Position = 0)]
    [Parameter(ParameterSetName = ObjectSet, Position = 0)]
    [Parameter(ParameterSetName = ReplaySet, Position = 0)]
    [ArgumentCompleter(typeof(AlertRuleCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Rules beside those in force, or changes to them by their names, for this call. Default: none.</summary>
    [Parameter(ParameterSetName = TargetSet)]
    [Parameter(ParameterSetName = ObjectSet)]
    [Parameter(ParameterSetName = ReplaySet)]
    [AlertRule]
    [ValidateNotNullOrEmpty]
    public AlertRuleSettings[]? Rule { get; set; }

    /// <summary>Says what the rules would have done with the values that the history has kept. Nothing is remembered, and nobody is told.</summary>
    [Parameter(ParameterSetName = ReplaySet, Mandatory = true)]
    public SwitchParameter Replay { get; set; }

    /// <summary>How far back: a date and time, or a duration such as 7d. Default: 7d.</summary>
    [Parameter(ParameterSetName = ReplaySet)]
    [ArgumentCompleter(typeof(AgeCompleter))]
    [TimeOrAgo]
    public DateTimeOffset Since { get; set; } = TimeProvider.System.GetUtcNow().AddDays(-7);

    /// <summary>Names of rules of which people are not told for a while; the wildcards * and ? are allowed.</summary>
    [Parameter(ParameterSetName = SilenceSet, Mandatory = true)]
    [ArgumentCompleter(typeof(AlertRuleCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Silence { get; set; }

    /// <summary>How long from now on, a year at most: a TimeSpan, 2h or 7d.</summary>
    [Parameter(ParameterSetName = SilenceSet, Mandatory = true)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan Until { get; set; }

    /// <summary>Why.</summary>
    [Parameter(ParameterSetName = SilenceSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Reason { get; set; } = "";

    /// <summary>Who. Default: the user of this machine.</summary>
    [Parameter(ParameterSetName = SilenceSet)]
    [ValidateNotNullOrEmpty]
    public string By { get; set; } = Environment.UserName;

    /// <summary>Silences to end now: the names they were made for; wildcards are allowed. Get-AlertRule -Silenced lists them.</summary>
    [Parameter(ParameterSetName = EndSilenceSet, Mandatory = true)]
    [ArgumentCompleter(typeof(AlertRuleCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? EndSilence { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (InputObject is not null)
        {
            await CollectAsync(InputObject);
            return;
        }

        foreach (var argument in Session.OrCurrent(Target))
        {
            await TryAsync(argument, target => ParameterSetName switch
            {
                SilenceSet => SilenceAsync(target, cancellationToken),
                EndSilenceSet => EndSilenceAsync(target, cancellationToken),
                ReplaySet => ReplayAsync(target, cancellationToken),
                _ => MeasureAsync(target, cancellationToken),
            }, cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_rules.Count > 0 && _piped.Count == 0)
        {
            // Rules alone: the target is measured for them.
            foreach (var argument in Session.OrCurrent(Target))
            {
                await TryAsync(argument, target => MeasureAsync(target, cancellationToken), cancellationToken);
            }
        }

        foreach (var group in _piped.GroupBy(piped => piped.Target, StringComparer.OrdinalIgnoreCase))
        {
            foreach (var argument in Target ?? (group.Key.Length > 0 ? [new TargetArgument(group.Key)] : Session.OrCurrent(null)))
            {
                await TryAsync(argument, target => EvaluatePipedAsync(target, [.. group.SelectMany(piped => piped.Metrics)], group.Any(piped => piped.IsComplete), cancellationToken), cancellationToken);
            }
        }
    }

    private async Task CollectAsync(PSObject item)
    {
        try
        {
            if (PipedRules.Of(item) is { } rule)
            {
                _rules.Add(rule);
                return;
            }

            _piped.AddRange(PipedMetrics.Of(item, TimeProvider.System.GetUtcNow()));
        }
        catch (MaintenanceException exception)
        {
            await WriteErrorAsync(exception, item.BaseObject);
        }
    }

    private async Task TryAsync(TargetArgument argument, Func<MaintenanceTarget, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(argument.Resolve(Session));
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, argument.Name);
        }
    }

    private async Task MeasureAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        // A rule that is wrong is told before anybody waits for a measurement.
        _ = RulesOf(target);
        if (await IsWantedAsync(target))
        {
            var health = await Engine.Health.GetSystemHealthAsync(target, Call, cancellationToken);
            await EvaluateAsync(target, health.Metrics, true, cancellationToken);
        }
    }

    private Task<bool> IsWantedAsync(MaintenanceTarget target) => ShouldProcessAsync(target.Name, "Evaluate the alert rules, and remember where they stand");

    private async Task EvaluatePipedAsync(MaintenanceTarget target, IReadOnlyList<Metric> metrics, bool isComplete, CancellationToken cancellationToken)
    {
        _ = RulesOf(target);
        if (await IsWantedAsync(target))
        {
            await EvaluateAsync(target, metrics, isComplete, cancellationToken);
        }
    }

    private async Task EvaluateAsync(MaintenanceTarget target, IReadOnlyList<Metric> metrics, bool isComplete, CancellationToken cancellationToken)
    {
        var alerts = await Engine.Alerts.EvaluateAsync(target, RulesOf(target), metrics, isComplete, Call, cancellationToken);
        if (isComplete && AlertService.NotAsked(target, RulesOf(target), metrics) is { } notAsked)
        {
            Call.Sink.Warning(notAsked);
        }
        else if (alerts.Count == 0)
        {
            Call.Sink.Warning(RulesOf(target).All(rule => !rule.IsEnabled)
                ? $"The rules that were asked for are switched off in '{target.Name}': nothing was evaluated. An evaluation of all rules ends what they had begun."
                : $"No alert rule of '{target.Name}' looks at any of these metrics: nothing was evaluated. Get-AlertRule lists the rules.");
        }

        foreach (var alert in alerts)
        {
            await WriteObjectAsync(alert);
        }
    }

    private async Task ReplayAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        foreach (var replay in await Engine.Alerts.ReplayAsync(target, RulesOf(target), Since, Call, cancellationToken))
        {
            await WriteObjectAsync(replay);
        }
    }

    private IReadOnlyList<AlertRule> RulesOf(MaintenanceTarget target)
    {
        // Whoever pipes rules looks with these, and with those of -Rule.
        string[] piped = [.. _rules.Concat(Rule ?? []).Select(rule => WildcardPattern.Escape(rule.Name))];
        var isWanted = Wildcards.Matcher(Name ?? (_rules.Count > 0 ? piped : ["*"]));
        IReadOnlyList<AlertRule> wanted = [.. AlertService.Rules(target, [.. Rule ?? [], .. _rules]).Where(rule => isWanted(rule.Name))];
        return wanted.Count > 0 ? wanted : throw new MaintenanceException(
            MaintenanceErrorCode.ObjectNotFound, $"There is no alert rule '{string.Join("', '", Name ?? [])}'.", "Get-AlertRule lists them.");
    }

    private async Task SilenceAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        if (Until <= TimeSpan.Zero)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "-Until is how long from now on, and must be longer than nothing.", "Give a duration, such as 2h.");
        }

        if (Until > LongestSilence)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                "-Until is at most a year from now on: nobody remembers a silence that holds longer.",
                "Switch a rule off for good in maintenance.json: { \"name\": \"NAME\", \"isEnabled\": false } in alerts.rules.");
        }

        var now = TimeProvider.System.GetUtcNow();
        var rules = AlertService.Rules(target, []);
        foreach (var rule in Silence!)
        {
            var silence = new AlertSilence { Id = Guid.CreateVersion7(now), Target = target.Name, Rule = rule, From = now, Until = now + Until, Reason = Reason, By = By };
            if (!AlertService.WithSilences(rules, [silence], now).Any(known => known.Silence is not null))
            {
                Call.Sink.Warning($"No alert rule of '{target.Name}' is called '{rule}': the silence keeps nobody from being told of anything. Get-AlertRule lists the rules.");
            }

            if (await ShouldProcessAsync($"{target.Name}: {rule}", $"Tell nobody of it until {silence.Until.UtcDateTime:yyyy-MM-dd HH:mm'Z'}"))
            {
                await Engine.Alerts.SilenceAsync(target, silence, Call, cancellationToken);
                await WriteObjectAsync(silence);
            }
        }
    }

    private async Task EndSilenceAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var silences = await Engine.Alerts.ReadSilencesAsync(target, Call, cancellationToken);
        foreach (var name in EndSilence!)
        {
            // A silence for db_* ends by that very name, too.
            var isMeant = Wildcards.Matcher(name);
            var meant = silences.Where(silence => silence.Rule.Equals(name, StringComparison.OrdinalIgnoreCase) || isMeant(silence.Rule)).ToList();
            if (meant.Count == 0)
            {
                await WriteErrorAsync(
                    new MaintenanceException(
                        MaintenanceErrorCode.ObjectNotFound,
                        $"No silence for '{name}' holds in '{target.Name}'.{(silences.Count > 0 ? $" There are silences for {string.Join(", ", silences.Select(silence => $"'{silence.Rule}'"))}." : "")}",
                        "Get-AlertRule -Silenced lists the silences that hold."),
                    name);
            }

            foreach (var silence in meant)
            {
                if (await ShouldProcessAsync($"{target.Name}: {silence.Rule}", "End the silence now"))
                {
                    await WriteObjectAsync(await Engine.Alerts.EndSilenceAsync(target, silence, Call, cancellationToken));
                }
            }
        }
    }
}
