using System.Collections.Concurrent;
using Maintenance.Engine.History;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Alerts;

/// <summary>Watches the rules of a target: evaluates them, remembers where they stand, and tells people what is new, once.</summary>
public sealed class AlertService
{
    /// <summary>How often one begins anew where somebody else was faster. Each time somebody has got on.</summary>
    private const int MostTries = 10;

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly HistoryService _history;
    private readonly NotificationService _notifications;
    private readonly TimeProvider _time;

    /// <summary>What is remembered of targets whose history keeps nothing, for as long as the session lasts.</summary>
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<AlertKey, AlertMemory>> _session = new(StringComparer.OrdinalIgnoreCase);

    internal AlertService(HistoryService history, NotificationService notifications, TimeProvider time)
    {
        _history = history;
        _notifications = notifications;
        _time = time;
    }

    /// <summary>The ten rules that are built in.</summary>
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
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        if (StoreOf(target, call) is { } store)
        {
            try
            {
                return await deadline.RunAsync("Evaluating the alert rules", token => InTurnAsync(() => EvaluateAsync(store, target, rules, metrics, isComplete, token), token));
            }
            catch (MaintenanceException exception) when (IsBroken(exception))
            {
                // To raise the alarm is more important than to remember it.
                call.Sink.Warning($"Where the alerts stood is not known: each is looked at as if for the first time in this session. {exception.Message}");
            }
        }

        var memories = _session.GetValueOrDefault(target.Name) ?? new Dictionary<AlertKey, AlertMemory>();
        var outcomes = AlertEvaluator.Evaluate(Situation(target, rules, []), metrics, memories, isComplete);
        _session[target.Name] = With(memories, outcomes.Select(outcome => outcome.After));
        return [.. outcomes.Select(outcome => outcome.Alert)];
    }

    /// <summary>Tells people what is new of alerts, on the channels of their rules; what was told before is not told again.</summary>
    /// <param name="target">The target.</param>
    /// <param name="alerts">Alerts as they were evaluated.</param>
    /// <param name="channel">Channel to tell all of it on; null for those of the rules.</param>
    /// <param name="title">Title; null for one made of the alerts.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends it; what was not sent waits in the outbox, or is new the next time.</param>
    /// <returns>One result for each message; none where there is no news.</returns>
    /// <exception cref="MaintenanceException">ChannelNotFound; then nothing counts as told.</exception>
    public async Task<IReadOnlyList<NotificationResult>> NotifyAsync(
        MaintenanceTarget target, IReadOnlyList<Alert> alerts, string? channel, string? title, CallContext call, CancellationToken cancellationToken)
    {
        if (StoreOf(target, call) is not { } store)
        {
            return await NotifyInSessionAsync(target, alerts, channel, title, call, cancellationToken);
        }

        IReadOnlyList<OutboxEntry> entries;
        try
        {
            using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
            entries = await deadline.RunAsync("Recording what people are told", token => InTurnAsync(() => ClaimAsync(store, target, alerts, channel, title, token), token));
        }
        catch (MaintenanceException exception) when (IsBroken(exception))
        {
            // Rather twice than never.
            call.Sink.Warning($"What people were told is not known: they may be told again. {exception.Message}");
            return await NotifyInSessionAsync(target, alerts, channel, title, call, cancellationToken);
        }

        return entries.Count == 0 ? [] : await _notifications.SendLeasedAsync(target, entries, call, cancellationToken);
    }

    /// <summary>The messages that would be sent now, without sending them.</summary>
    /// <param name="target">The target.</param>
    /// <param name="alerts">Alerts as they were evaluated.</param>
    /// <param name="channel">Channel to tell all of it on; null for those of the rules.</param>
    /// <param name="title">Title; null for one made of the alerts.</param>
    public static IReadOnlyList<NotificationMessage> Preview(MaintenanceTarget target, IReadOnlyList<Alert> alerts, string? channel, string? title) => Messages(target, Due(alerts), channel, title);

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
            var sampled = await new SampleReader(store).ReadAsync(target.Name, SampleKinds.Metrics, since, now, token);
            var watched = await new SampleReader(store).ReadAsync(target.Name, SampleKinds.Health, since, now, token);
            var replays = new List<AlertReplay>();
            foreach (var rule in rules.Where(rule => rule.IsEnabled))
            {
                var values = await PastValues.ReadAsync(store, target.Name, rule, sampled, watched, since, token);
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

    /// <summary>The silences that hold now, or will.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">History….</exception>
    public async Task<IReadOnlyList<AlertSilence>> ReadSilencesAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        StoreOf(target, call) is { } store ? await store.ReadSilencesAsync(target.Name, _time.GetUtcNow(), cancellationToken) : [];

    private async Task<IReadOnlyList<Alert>> EvaluateAsync(
        IHistoryStore store, MaintenanceTarget target, IReadOnlyList<AlertRule> rules, IReadOnlyList<Metric> metrics, bool isComplete, CancellationToken token)
    {
        var now = _time.GetUtcNow();
        var memories = (await store.ReadAlertsAsync(target.Name, token)).ToDictionary(memory => memory.Key);
        var outcomes = AlertEvaluator.Evaluate(Situation(target, rules, await store.ReadSilencesAsync(target.Name, now, token)), metrics, memories, isComplete);
        if (outcomes.Count > 0)
        {
            IReadOnlyList<AlertTransition> transitions = [.. outcomes.Where(outcome => outcome.IsTransition).Select(Transition)];
            await store.RecordAsync(new AlertRecord(target.Name, [.. outcomes.Select(outcome => outcome.After)], transitions, [], now), now, now, token);
        }

        return [.. outcomes.Select(outcome => outcome.Alert)];
    }

    // In one transaction: what counts as told lies in the outbox, and whoever dies in between has told it all the same.
    private async Task<IReadOnlyList<OutboxEntry>> ClaimAsync(
        IHistoryStore store, MaintenanceTarget target, IReadOnlyList<Alert> alerts, string? channel, string? title, CancellationToken token)
    {
        var now = _time.GetUtcNow();
        var memories = (await store.ReadAlertsAsync(target.Name, token)).ToDictionary(memory => memory.Key);
        var (told, messages) = Plan(target, alerts, memories, channel, title, now);
        IReadOnlyList<OutboxEntry> entries = [.. messages.Select(message => new OutboxEntry(Guid.CreateVersion7(now), message, 1, now))];
        if (entries.Count > 0)
        {
            await store.RecordAsync(new AlertRecord(target.Name, told, [], entries, now), now + Outbox.Lease, now - Outbox.Kept, token);
        }

        return entries;
    }

    private async Task<IReadOnlyList<NotificationResult>> NotifyInSessionAsync(
        MaintenanceTarget target, IReadOnlyList<Alert> alerts, string? channel, string? title, CallContext call, CancellationToken cancellationToken)
    {
        var memories = _session.GetValueOrDefault(target.Name) ?? new Dictionary<AlertKey, AlertMemory>();
        var (told, messages) = Plan(target, alerts, memories, channel, title, _time.GetUtcNow());
        _session[target.Name] = With(memories, told);
        var results = new List<NotificationResult>();
        foreach (var message in messages)
        {
            results.Add(await _notifications.SendAsync(target, message, call, cancellationToken));
        }

        return results;
    }

    /// <summary>What there is to tell, judged by what is remembered now: somebody else may have told it since the alerts were evaluated.</summary>
    private static (IReadOnlyList<AlertMemory> Told, IReadOnlyList<NotificationMessage> Messages) Plan(
        MaintenanceTarget target, IReadOnlyList<Alert> alerts, IReadOnlyDictionary<AlertKey, AlertMemory> memories, string? channel, string? title, DateTimeOffset now)
    {
        var due = new List<Alert>();
        var told = new List<AlertMemory>();
        foreach (var alert in Due(alerts).DistinctBy(alert => new AlertKey(alert.Rule, alert.Series)))
        {
            if (memories.GetValueOrDefault(new AlertKey(alert.Rule, alert.Series)) is not { } memory)
            {
                // Nobody remembers it: the history has broken since.
                due.Add(alert);
            }
            else if (AlertNotices.Of(alert.Definition, memory, target.Alerts, now) is var news and not AlertNews.None)
            {
                due.Add(alert with { News = news });
                told.Add(AlertNotices.Told(memory, news, now));
            }
        }

        return (told, Messages(target, due, channel, title));
    }

    private static IEnumerable<Alert> Due(IReadOnlyList<Alert> alerts) => alerts.Where(alert => alert is { News: not AlertNews.None, Suppressed: null });

    private static IReadOnlyList<NotificationMessage> Messages(MaintenanceTarget target, IEnumerable<Alert> due, string? channel, string? title)
    {
        IReadOnlyList<NotificationMessage> messages =
        [
            .. due.GroupBy(alert => channel ?? AlertNotices.Channel(alert.Definition, alert.News, target.Alerts), StringComparer.OrdinalIgnoreCase)
                .Select(group => AlertMessageBuilder.Of(group.Key, [.. group], title)),
        ];
        foreach (var message in messages)
        {
            // Before anything counts as told.
            NotificationService.RequireChannel(target, message.Channel);
        }

        return messages;
    }

    private static async Task<T> InTurnAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.HistoryConflict && attempt < MostTries)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private static bool IsBroken(MaintenanceException exception) =>
        exception.Code is MaintenanceErrorCode.HistoryUnavailable or MaintenanceErrorCode.HistoryCorrupt or MaintenanceErrorCode.HistoryTooNew or MaintenanceErrorCode.HistoryConflict;

    private static AlertTransition Transition(AlertOutcome outcome) => new()
    {
        Target = outcome.Alert.Target,
        Rule = outcome.Alert.Rule,
        Metric = outcome.Alert.Metric,
        Series = outcome.Alert.Series,
        Severity = outcome.Alert.Severity,
        From = outcome.Before.State,
        To = outcome.After.State,
        Value = outcome.Alert.Value,
        Suppressed = outcome.Alert.Suppressed,
        At = outcome.Alert.CollectedAt,
    };

    private static Dictionary<AlertKey, AlertMemory> With(IReadOnlyDictionary<AlertKey, AlertMemory> memories, IEnumerable<AlertMemory> changed)
    {
        var all = new Dictionary<AlertKey, AlertMemory>(memories);
        foreach (var memory in changed)
        {
            all[memory.Key] = memory;
        }

        return all;
    }

    private AlertSituation Situation(MaintenanceTarget target, IReadOnlyList<AlertRule> rules, IReadOnlyList<AlertSilence> silences)
    {
        var now = _time.GetUtcNow();
        // Without windows maintenance may always change the system: that is no reason to be silent for ever.
        var window = target.Windows.Count > 0 && MaintenanceWindows.At(target.Windows, now) is { IsOpen: true, ClosesAt: { } closes }
            ? Inspect.Say.Text($"a maintenance window is open until {closes.UtcDateTime:yyyy-MM-dd HH:mm'Z'}")
            : null;
        return new AlertSituation(target, rules, silences, window, now);
    }

    private IHistoryStore? StoreOf(MaintenanceTarget target, CallContext call) => _history.StoreOf(target, call);

    private IHistoryStore RequireStore(MaintenanceTarget target, CallContext call) => StoreOf(target, call) ?? throw new MaintenanceException(
        MaintenanceErrorCode.NotConfigured,
        $"The target '{target.Name}' keeps no history (history.kind is None): neither past values nor silences.",
        "Set history.kind to Sqlite or Postgres in maintenance.json.");
}
