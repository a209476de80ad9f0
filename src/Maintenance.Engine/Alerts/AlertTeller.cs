using Maintenance.Engine.History;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Resilience;
using Polly;

namespace Maintenance.Engine.Alerts;

/// <summary>Tells people what is new of a target's alerts, and the digest of the day: once, whoever tells it, and what could not be told again.</summary>
internal sealed class AlertTeller(HistoryService history, NotificationService notifications, AlertSession session, TimeProvider time)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly ResiliencePipeline _inTurn = ResiliencePipelines.HistoryConflict(time);

    /// <inheritdoc cref="AlertService.NotifyAsync"/>
    public async Task<IReadOnlyList<NotificationResult>> NotifyAsync(
        MaintenanceTarget target, IReadOnlyList<Alert> alerts, string? channel, string? title, CallContext call, CancellationToken cancellationToken)
    {
        if (history.StoreOf(target, call) is not { } store)
        {
            return await NotifyInSessionAsync(target, alerts, channel, title, call, cancellationToken);
        }

        IReadOnlyList<OutboxEntry> claimed;
        try
        {
            using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, time, cancellationToken);
            claimed = await deadline.RunAsync(
                "Recording what people are told", async token => await _inTurn.ExecuteAsync(async turn => await ClaimAsync(store, target, alerts, channel, title, call, turn), token));
        }
        catch (MaintenanceException exception) when (IsOfHistory(exception, cancellationToken))
        {
            // Rather twice than never.
            call.Sink.Warning($"What people were told is not known: they may be told again. {exception.Message}");
            return await NotifyInSessionAsync(target, alerts, channel, title, call, cancellationToken);
        }

        // What is refused, now or after it has waited, does not count as told: whoever looks next finds that in the outbox.
        return await notifications.SendLeasedAsync(target, claimed, call, cancellationToken);
    }

    /// <inheritdoc cref="AlertService.PreviewAsync"/>
    public async Task<IReadOnlyList<NotificationMessage>> PreviewAsync(
        MaintenanceTarget target, IReadOnlyList<Alert> alerts, string? channel, string? title, CallContext call, CancellationToken cancellationToken)
    {
        if (history.StoreOf(target, call) is { } store)
        {
            try
            {
                using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, time, cancellationToken);
                return await deadline.RunAsync("Reading what people were told", async token =>
                {
                    var (tellings, _) = await PlanAsync(store, target, alerts, channel, title, call, token);
                    return (IReadOnlyList<NotificationMessage>)[.. tellings.Select(telling => telling.Message)];
                });
            }
            catch (MaintenanceException exception) when (IsOfHistory(exception, cancellationToken))
            {
                call.Sink.Warning($"What people were told is not known: they may be told again. {exception.Message}");
            }
        }

        return [.. Plan(target, alerts, session.Of(target.Name), channel, title, time.GetUtcNow()).Select(telling => telling.Message)];
    }

    /// <summary>Whether an exception says that the history cannot be used, and nothing else.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="cancellationToken">The caller's wish to stop, which is none of it.</param>
    public static bool IsOfHistory(MaintenanceException exception, CancellationToken cancellationToken) =>
        // A history in the target's own database fails as that does, which may be the very news.
        exception.Code is not (MaintenanceErrorCode.ChannelNotFound or MaintenanceErrorCode.InvalidArgument) && !cancellationToken.IsCancellationRequested;

    // In one transaction: what counts as told lies in the outbox, and whoever dies in between has told it all the same.
    private async Task<IReadOnlyList<OutboxEntry>> ClaimAsync(
        IHistoryStore store, MaintenanceTarget target, IReadOnlyList<Alert> alerts, string? channel, string? title, CallContext call, CancellationToken token)
    {
        var now = time.GetUtcNow();
        var (tellings, memories) = await PlanAsync(store, target, alerts, channel, title, call, token);
        IReadOnlyList<(AlertTelling Telling, OutboxEntry Entry)> claimed = [.. tellings.Select(telling => (telling, new OutboxEntry(Guid.CreateVersion7(now), telling.Message with { Ends = Ends(telling) }, 1, now)))];
        IReadOnlyList<AlertMemory> told =
        [
            .. claimed.SelectMany(one => one.Telling.Told.Zip(one.Telling.Before, (after, before) => after.By(one.Entry.Key, before))),
            .. FirstLook(target, memories, now),
        ];
        if (claimed.Count > 0 || told.Count > 0)
        {
            await store.RecordAsync(new AlertRecord(target.Name, told, [], [.. claimed.Select(one => one.Entry)], now), now + Outbox.Lease, now - Outbox.Kept, token);
        }

        session.Keep(target.Name, memories, told);
        return [.. claimed.Select(one => one.Entry)];
    }

    private async Task<(IReadOnlyList<AlertTelling> Tellings, IReadOnlyDictionary<AlertKey, AlertMemory> Memories)> PlanAsync(
        IHistoryStore store, MaintenanceTarget target, IReadOnlyList<Alert> alerts, string? channel, string? title, CallContext call, CancellationToken token)
    {
        var now = time.GetUtcNow();
        var memories = await AlertReader.ReadAsync(store, target.Name, token);
        var tellings = Plan(target, alerts, memories, channel, title, now);
        if (AlertDigest.At(target.Alerts, memories.GetValueOrDefault(AlertDigest.Key), now) is not (true, { } digest))
        {
            return (tellings, memories);
        }

        // However the alerts are told: whoever waits for the digest waits for it there.
        if (!HasChannel(target, AlertDigest.Channel))
        {
            // No reason not to tell the alerts.
            call.Sink.Warning($"The daily digest of '{target.Name}' is not sent: there is no channel {AlertDigest.Channel}.");
            return (tellings, memories);
        }

        var situation = new AlertSituation(target, AlertRules.Of(target.Alerts, []), await store.ReadSilencesAsync(target.Name, now, token), null, now);
        var missed = await HeartbeatAsync(store, target, null, now, token);
        return ([.. tellings, new AlertTelling(AlertDigest.Of(situation, alerts, memories, missed, AlertDigest.Channel), [digest], [digest with { ToldAt = now }])], memories);
    }

    /// <summary>Which runs were expected and did not happen, as the history knows them.</summary>
    public static async Task<IReadOnlyList<Finding>> HeartbeatAsync(IHistoryStore store, MaintenanceTarget target, string? running, DateTimeOffset now, CancellationToken token) =>
        AlertHeartbeat.Judge(target.Name, target.Alerts.Expected, await LastRuns.ReadAsync(store, target.Name, target.Alerts.Expected.Keys, token), now, running);

    // What began is told before what ended. Should the webhook refuse the one while the other waits behind it, the other has to say so.
    private static IReadOnlyList<IReadOnlyList<Guid>> Ends(AlertTelling telling) =>
        [.. telling.Before.Zip(telling.Told).Where(one => one.Second.Told == AlertTold.Nothing).Select(one => one.First.ToldBy).Where(messages => messages.Count > 0)];

    // A digest that nobody has asked for before is due when its time comes, not at once.
    private static IEnumerable<AlertMemory> FirstLook(MaintenanceTarget target, IReadOnlyDictionary<AlertKey, AlertMemory> memories, DateTimeOffset now) =>
        !memories.ContainsKey(AlertDigest.Key) && AlertDigest.At(target.Alerts, null, now) is (false, { } begin) ? [begin] : [];

    private async Task<IReadOnlyList<NotificationResult>> NotifyInSessionAsync(
        MaintenanceTarget target, IReadOnlyList<Alert> alerts, string? channel, string? title, CallContext call, CancellationToken cancellationToken)
    {
        var tellings = session.Change(target.Name, memories =>
        {
            var plan = Plan(target, alerts, memories, channel, title, time.GetUtcNow());
            return (plan, plan.SelectMany(telling => telling.Told));
        });
        var results = new List<NotificationResult>();
        foreach (var telling in tellings)
        {
            var result = await notifications.SendAsync(target, telling.Message, call, cancellationToken);
            results.Add(result);
            if (IsInVain(result))
            {
                session.Change(target.Name, memories => (true, AlertPlan.TakenBack(telling, memories).ToList()));
            }
        }

        return results;
    }

    private static bool IsInVain(NotificationResult result) => result.State is NotificationState.Rejected or NotificationState.Undelivered;

    private static IReadOnlyList<AlertTelling> Plan(
        MaintenanceTarget target, IReadOnlyList<Alert> alerts, IReadOnlyDictionary<AlertKey, AlertMemory> memories, string? channel, string? title, DateTimeOffset now)
    {
        var tellings = AlertPlan.Of(target, alerts, memories, channel, title, now);
        foreach (var telling in tellings)
        {
            // Before anything counts as told.
            NotificationService.RequireChannel(target, telling.Message.Channel);
        }

        return tellings;
    }

    private static bool HasChannel(MaintenanceTarget target, string channel)
    {
        try
        {
            NotificationService.RequireChannel(target, channel);
            return true;
        }
        catch (MaintenanceException)
        {
            return false;
        }
    }
}
