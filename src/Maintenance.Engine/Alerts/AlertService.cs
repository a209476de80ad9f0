using Maintenance.Engine.History;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Tasks;
using Polly;

namespace Maintenance.Engine.Alerts;

/// <summary>Watches the rules of a target: evaluates them, remembers where they stand, and tells people what is new, once.</summary>
public sealed class AlertService
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly HistoryService _history;
    private readonly TimeProvider _time;
    private readonly AlertSession _session = new();
    private readonly AlertTeller _teller;
    private readonly ResiliencePipeline _inTurn;

    internal AlertService(HistoryService history, NotificationService notifications, TimeProvider time)
    {
        _history = history;
        _time = time;
        _teller = new AlertTeller(history, notifications, _session, time);
        _inTurn = ResiliencePipelines.HistoryConflict(time);
    }

    /// <summary>The rules that are built in: the guide's ten, and two of ours.</summary>
    public static IReadOnlyList<AlertRule> BuiltIn => BuiltInRules.All;

    /// <summary>The rules in force.</summary>
    /// <param name="target">The target.</param>
    /// <param name="given">Rules beside the configuration's, or changes to them; the last of a name counts.</param>
    /// <exception cref="MaintenanceException">InvalidArgument: names every mistake.</exception>
    public static IReadOnlyList<AlertRule> Rules(MaintenanceTarget target, IReadOnlyList<AlertRuleSettings> given) => AlertRules.Of(target.Alerts, given);

    /// <summary>Evaluates rules, and remembers where they stand.</summary>
    /// <param name="target">The target.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="metrics">The values.</param>
    /// <param name="isComplete">Whether they are all that is known: a metric that is not among them has no data. Otherwise its rules are left alone.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends it; nothing is kept then.</param>
    /// <returns>One alert for each rule and series that was looked at.</returns>
    public async Task<IReadOnlyList<Alert>> EvaluateAsync(
        MaintenanceTarget target, IReadOnlyList<AlertRule> rules, IReadOnlyList<Metric> metrics, bool isComplete, CallContext call, CancellationToken cancellationToken)
    {
        if (_history.StoreOf(target, call) is { } store)
        {
            try
            {
                using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
                return await deadline.RunAsync(
                    "Evaluating the alert rules", async token => await _inTurn.ExecuteAsync(async turn => await EvaluateAsync(store, target, rules, metrics, isComplete, turn), token));
            }
            catch (MaintenanceException exception) when (AlertTeller.IsOfHistory(exception, cancellationToken))
            {
                // To raise the alarm is more important than to remember it.
                call.Sink.Warning($"Where the alerts stood is not known: each is looked at with what this session knows. {exception.Message}");
            }
        }

        return _session.Change(target.Name, memories =>
        {
            var outcomes = AlertEvaluator.Evaluate(Situation(target, rules, [], _time.GetUtcNow()), metrics, memories, isComplete);
            return ((IReadOnlyList<Alert>)[.. outcomes.Select(outcome => outcome.Alert with { IsKept = target.History.Kind == HistoryKind.None })], outcomes.Select(outcome => outcome.After));
        });
    }

    /// <summary>That values of rules were not asked for on purpose, in one sentence; null where all were.</summary>
    /// <param name="target">The target.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="metrics">The values, which are all that is known.</param>
    public static string? NotAsked(MaintenanceTarget target, IReadOnlyList<AlertRule> rules, IReadOnlyList<Metric> metrics) => AlertUnwatched.NotAsked(target, rules, metrics) is ({ Count: > 0 } names, var parts)
        ? $"Not asked on purpose ({string.Join(", ", parts)} in excludedComponents): {string.Join(", ", names)}."
        : null;

    /// <summary>How the rules in force would stand with these values, which are all that is known. Nothing is remembered of it, and nobody is told.</summary>
    internal async Task<IReadOnlyList<Alert>> LookAsync(MaintenanceTarget target, IReadOnlyList<Metric> metrics, CallContext call, CancellationToken cancellationToken)
    {
        var memories = _history.StoreOf(target, call) is { } store
            ? (await store.ReadAlertsAsync(target.Name, cancellationToken)).ToDictionary(memory => memory.Key)
            : [];
        return [.. AlertEvaluator.Evaluate(Situation(target, Rules(target, []), [], _time.GetUtcNow()), metrics, memories, isComplete: true).Select(outcome => outcome.Alert)];
    }

    /// <summary>
    /// Tells people what is new of alerts, on the channels of their rules; what was told before is not told again. Also sends what waits in the
    /// outbox, and the daily digest when it is due.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="alerts">Alerts as they were evaluated.</param>
    /// <param name="channel">Channel to tell all of it on; null for those of the rules.</param>
    /// <param name="title">Title; null for one made of the alerts.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends it; what was not sent waits in the outbox, or is new the next time.</param>
    /// <returns>One result for each message; none where there is no news. What a webhook refuses does not count as told.</returns>
    /// <exception cref="MaintenanceException">ChannelNotFound; then nothing counts as told.</exception>
    public Task<IReadOnlyList<NotificationResult>> NotifyAsync(
        MaintenanceTarget target, IReadOnlyList<Alert> alerts, string? channel, string? title, CallContext call, CancellationToken cancellationToken) =>
        _teller.NotifyAsync(target, alerts, channel, title, call, cancellationToken);

    /// <summary>The messages that <see cref="NotifyAsync"/> would send now, without sending them.</summary>
    /// <param name="target">The target.</param>
    /// <param name="alerts">Alerts as they were evaluated.</param>
    /// <param name="channel">Channel to tell all of it on; null for those of the rules.</param>
    /// <param name="title">Title; null for one made of the alerts.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">ChannelNotFound.</exception>
    public Task<IReadOnlyList<NotificationMessage>> PreviewAsync(
        MaintenanceTarget target, IReadOnlyList<Alert> alerts, string? channel, string? title, CallContext call, CancellationToken cancellationToken) =>
        _teller.PreviewAsync(target, alerts, channel, title, call, cancellationToken);

    /// <summary>Which runs were expected (<see cref="AlertPolicy.Expected"/>) and did not happen. Where nobody knows, that is the finding. Never throws but for a cancellation.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>One finding <c>ALERT-RUN-MISSED</c> for each task that is late.</returns>
    public Task<IReadOnlyList<Finding>> HeartbeatAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        HeartbeatAsync(target, null, call, cancellationToken);

    /// <summary>As above, asked by a task that runs right now.</summary>
    internal async Task<IReadOnlyList<Finding>> HeartbeatAsync(MaintenanceTarget target, string? running, CallContext call, CancellationToken cancellationToken)
    {
        var expected = target.Alerts.Expected;
        if (expected.Count == 0)
        {
            return [];
        }

        if (_history.StoreOf(target, call) is not { } store)
        {
            var none = HistoryService.NotConfigured(target);
            return AlertHeartbeat.Unknown(target.Name, expected, none.Message, none.Recommendation, _time.GetUtcNow());
        }

        try
        {
            using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
            return await deadline.RunAsync("Reading when tasks ran last", token => AlertTeller.HeartbeatAsync(store, target, running, _time.GetUtcNow(), token));
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return AlertHeartbeat.Unknown(target.Name, expected, exception.Message, exception.Recommendation, _time.GetUtcNow());
        }
    }

    /// <summary>What rules would have done with what the history has kept. Nothing is remembered of it, and nobody is told.</summary>
    /// <param name="target">The target.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="since">The earliest time.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>One for each rule and series.</returns>
    /// <exception cref="MaintenanceException">NotConfigured without a history; History….</exception>
    public async Task<IReadOnlyList<AlertReplay>> ReplayAsync(
        MaintenanceTarget target, IReadOnlyList<AlertRule> rules, DateTimeOffset since, CallContext call, CancellationToken cancellationToken)
    {
        var store = RequireStore(target, call);
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await deadline.RunAsync("Replaying the alert rules", async token =>
        {
            var now = _time.GetUtcNow();
            var reader = new SampleReader(store);
            var past = new PastValues(
                store, target.Name, since, await reader.ReadAsync(target.Name, SampleKinds.Metrics, since, now, token), await reader.ReadAsync(target.Name, SampleKinds.Health, since, now, token));
            var replays = new List<AlertReplay>();
            foreach (var rule in rules.Where(rule => rule.IsEnabled))
            {
                var values = await past.OfAsync(rule, token);
                replays.AddRange(values.Count == 0
                    ? [AlertReplayer.Replay(target, rule, "", [], since, now)]
                    : values.OrderBy(series => series.Key, StringComparer.Ordinal).Select(series => AlertReplayer.Replay(target, rule, series.Key, series.Value, since, now)));
            }

            return (IReadOnlyList<AlertReplay>)replays;
        });
    }

    /// <summary>Keeps people from being told of rules for a while.</summary>
    /// <param name="target">The target.</param>
    /// <param name="silence">The silence.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">NotConfigured without a history; History….</exception>
    public Task SilenceAsync(MaintenanceTarget target, AlertSilence silence, CallContext call, CancellationToken cancellationToken) =>
        RequireStore(target, call).RecordAsync(silence, _time.GetUtcNow(), cancellationToken);

    /// <summary>Ends a silence now.</summary>
    /// <param name="target">The target.</param>
    /// <param name="silence">The silence.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The silence as it is now.</returns>
    /// <exception cref="MaintenanceException">NotConfigured without a history; History….</exception>
    public async Task<AlertSilence> EndSilenceAsync(MaintenanceTarget target, AlertSilence silence, CallContext call, CancellationToken cancellationToken)
    {
        var ended = silence with { Until = _time.GetUtcNow() };
        await SilenceAsync(target, ended, call, cancellationToken);
        return ended;
    }

    /// <summary>The silences that hold now, or will.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">History….</exception>
    public async Task<IReadOnlyList<AlertSilence>> ReadSilencesAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        _history.StoreOf(target, call) is { } store ? await store.ReadSilencesAsync(target.Name, _time.GetUtcNow(), cancellationToken) : [];

    /// <summary>Rules with the silences that hold for them.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="silences">The silences.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<AlertRule> WithSilences(IReadOnlyList<AlertRule> rules, IReadOnlyList<AlertSilence> silences, DateTimeOffset now) =>
        [.. rules.Select(rule => rule with { Silence = AlertSilences.For(silences, rule.Name, now) })];

    private async Task<IReadOnlyList<Alert>> EvaluateAsync(
        IHistoryStore store, MaintenanceTarget target, IReadOnlyList<AlertRule> rules, IReadOnlyList<Metric> metrics, bool isComplete, CancellationToken token)
    {
        var now = _time.GetUtcNow();
        var memories = await AlertReader.ReadAsync(store, target.Name, token);
        var outcomes = AlertEvaluator.Evaluate(Situation(target, rules, await store.ReadSilencesAsync(target.Name, now, token), now), metrics, memories, isComplete);
        IReadOnlyList<AlertMemory> changed = [.. outcomes.Where(outcome => outcome.IsChanged).Select(outcome => outcome.After)];
        if (changed.Count > 0)
        {
            IReadOnlyList<AlertTransition> transitions = [.. outcomes.Where(outcome => outcome.IsTransition).Select(Transition)];
            await store.RecordAsync(new AlertRecord(target.Name, changed, transitions, [], now), now, now, token);
        }

        _session.Keep(target.Name, memories, changed);
        return [.. outcomes.Select(outcome => outcome.Alert)];
    }

    private static AlertTransition Transition(AlertOutcome outcome) => new()
    {
        Target = outcome.Alert.Target,
        Rule = outcome.Alert.Rule,
        Metric = outcome.Alert.Metric,
        Series = outcome.Alert.Series,
        Severity = outcome.Alert.Severity,
        From = outcome.Before.State,
        To = outcome.After.State,
        Value = outcome.Alert.Value ?? outcome.Alert.Bound,
        Suppressed = outcome.Alert.Suppressed,
        At = outcome.Alert.CollectedAt,
    };

    private static AlertSituation Situation(MaintenanceTarget target, IReadOnlyList<AlertRule> rules, IReadOnlyList<AlertSilence> silences, DateTimeOffset now)
    {
        // Without windows maintenance may always change the system: that is no reason to be silent for ever.
        var window = target.Windows.Count > 0 && MaintenanceWindows.At(target.Windows, now) is { IsOpen: true, ClosesAt: { } closes }
            ? Inspect.Say.Text($"a maintenance window is open until {closes.UtcDateTime:yyyy-MM-dd HH:mm'Z'}")
            : null;
        var inForce = AlertRules.Of(target.Alerts, []);
        var looked = rules.Select(rule => rule.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new AlertSituation(target, rules, silences, window, now)
        {
            // Whoever looks at some of the rules alone says nothing about the others.
            InForce = inForce.All(rule => !rule.IsEnabled || looked.Contains(rule.Name)) ? inForce : null,
        };
    }

    private IHistoryStore RequireStore(MaintenanceTarget target, CallContext call) => _history.StoreOf(target, call) ?? throw new MaintenanceException(
        MaintenanceErrorCode.NotConfigured,
        $"The target '{target.Name}' keeps no history (history.kind is None): neither past values nor silences.",
        "Set history.kind to Sqlite or Postgres in maintenance.json.");
}
