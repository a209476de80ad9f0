using System.Globalization;
using Maintenance.Engine.History;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Notify;

/// <summary>Tells people, on the channels of a target, and keeps what could not be delivered in an outbox until it is.</summary>
public sealed class NotificationService : IDisposable
{
    private const string DefaultChannel = "Default";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How many messages of the outbox one call sends at most, so that a new one does not wait behind all of them.</summary>
    private const int MostAtOnce = 20;

    private readonly HistoryService _history;
    private readonly TimeProvider _time;
    private readonly WebhookClient _client;

    internal NotificationService(HistoryService history, TimeProvider time)
    {
        _history = history;
        _time = time;
        _client = new WebhookClient(time);
    }

    /// <summary>Puts several results of this module into one message, the worst first.</summary>
    /// <param name="channel">Channel to tell it on.</param>
    /// <param name="title">Title; null for one made of what there is.</param>
    /// <param name="items">Findings, healths, runs and other results.</param>
    public static NotificationMessage Compose(string channel, string? title, IReadOnlyList<object> items) => MessageBuilder.Of(channel, title, items);

    /// <summary>Sends a message, after those of its channel that wait in the outbox: it overtakes none. What fails is in the result; nothing queued is lost.</summary>
    /// <param name="target">The target.</param>
    /// <param name="message">The message.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends the attempt; the message then waits in the outbox.</param>
    /// <exception cref="MaintenanceException">ChannelNotFound.</exception>
    public async Task<NotificationResult> SendAsync(MaintenanceTarget target, NotificationMessage message, CallContext call, CancellationToken cancellationToken)
    {
        _ = ChannelsFor(target, message.Channel);
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        var entry = new OutboxEntry(Guid.CreateVersion7(_time.GetUtcNow()), message, 1, _time.GetUtcNow());
        var outbox = await TryAddAsync(target, entry, call, deadline);
        return outbox is null ? await DeliverAsync(target, null, entry, call, deadline) : (await SendInTurnAsync(target, outbox, [entry], call, deadline))[0];
    }

    /// <summary>Whether a message of this channel can go anywhere.</summary>
    /// <exception cref="MaintenanceException">ChannelNotFound.</exception>
    internal static void RequireChannel(MaintenanceTarget target, string channel) => _ = ChannelsFor(target, channel);

    /// <summary>
    /// Sends messages that lie in the outbox already, leased to this call, after those that wait there. None overtakes an older one of its
    /// channel: where that cannot be sent, it waits behind it.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="entries">The messages, oldest first; with none, only what waits is sent.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends the attempt; what is left waits in the outbox.</param>
    internal async Task<IReadOnlyList<NotificationResult>> SendLeasedAsync(
        MaintenanceTarget target, IReadOnlyList<OutboxEntry> entries, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await SendInTurnAsync(target, OutboxOf(target, call), entries, call, deadline);
    }

    private async Task<IReadOnlyList<NotificationResult>> SendInTurnAsync(
        MaintenanceTarget target, Outbox outbox, IReadOnlyList<OutboxEntry> entries, CallContext call, Deadline deadline)
    {
        await HurryAsync(outbox, entries.Select(entry => entry.Message.Channel), call, deadline);
        await FlushAsync(target, outbox, false, call, deadline);
        var results = new List<NotificationResult>();
        foreach (var entry in entries)
        {
            results.Add(await BeforeAsync(outbox, entry, call, deadline) is { } next
                ? await WaitAsync(target, outbox, entry, next, call)
                : await DeliverAsync(target, outbox, entry, call, deadline));
        }

        return results;
    }

    /// <summary>Sends what waits in the outbox, oldest first, whenever it would be tried again: but for what its webhook has asked to wait for.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="MaintenanceException">NotConfigured without a history; History….</exception>
    public async Task<IReadOnlyList<NotificationResult>> FlushAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        var outbox = OutboxOf(target, call);
        var waiting = await outbox.ListAsync(deadline.Token);
        await HurryAsync(outbox, waiting.Select(one => one.Entry.Message.Channel), call, deadline);
        return await FlushAsync(target, outbox, true, call, deadline);
    }

    /// <summary>The messages that wait in the outbox, oldest first.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">NotConfigured without a history; History….</exception>
    public async Task<IReadOnlyList<NotificationResult>> ListAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
    [
        .. (await OutboxOf(target, call).ListAsync(cancellationToken)).Select(waiting => Result(target, waiting.Entry, NotificationState.Queued, null, null) with
        {
            Message = $"It waits in the outbox since {Text(waiting.Entry.CreatedAt)}.",
            NextAttempt = waiting.NextAttempt,
        }),
    ];

    /// <summary>What would be sent, without sending it.</summary>
    /// <param name="target">The target.</param>
    /// <param name="message">The message.</param>
    /// <exception cref="MaintenanceException">ChannelNotFound.</exception>
    public NotificationResult Preview(MaintenanceTarget target, NotificationMessage message)
    {
        var (name, settings) = ChannelsFor(target, message.Channel)[0];
        var entry = new OutboxEntry(Guid.Empty, message, 0, _time.GetUtcNow());
        return Result(target, entry, NotificationState.DryRun, name, null) with
        {
            Message = $"Nothing was sent. It would go to the {settings.Kind} webhook of {name}.",
            Payload = Payload(target, entry, settings),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>The channel that is meant, and after it the one to fall back on.</summary>
    private static List<(string Name, ChannelSettings Settings)> ChannelsFor(MaintenanceTarget target, string channel)
    {
        var found = new[] { channel, DefaultChannel }
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(name => target.Channels.FirstOrDefault(known => known.Key.Equals(name, StringComparison.OrdinalIgnoreCase)))
            .Where(known => known.Value is not null)
            .Select(known => (Name: known.Key, Settings: known.Value))
            .ToList();
        return found.Count > 0 ? found : throw new MaintenanceException(
            MaintenanceErrorCode.ChannelNotFound,
            $"The target '{target.Name}' has no channel '{channel}', and no channel Default to fall back on.",
            "Set channels in maintenance.json, or SLACK_WEBHOOK_URL, SLACK_EMERGENCY_WEBHOOK and SECURITY_SLACK_WEBHOOK.");
    }

    private Outbox OutboxOf(MaintenanceTarget target, CallContext call) =>
        _history.StoreOf(target, call) is { } store
            ? new Outbox(store, target.Name, _time)
            : throw new MaintenanceException(
                MaintenanceErrorCode.NotConfigured,
                $"The target '{target.Name}' keeps no history (history.kind is None), and so has no outbox.",
                "Set history.kind to Sqlite or Postgres in maintenance.json.");

    private async Task<Outbox?> TryAddAsync(MaintenanceTarget target, OutboxEntry entry, CallContext call, Deadline deadline)
    {
        if (target.History.Kind == HistoryKind.None)
        {
            return null;
        }

        try
        {
            var outbox = OutboxOf(target, call);
            await deadline.RunAsync("Putting the notification into the outbox", async token =>
            {
                await outbox.AddAsync(entry, token);
                return true;
            });
            return outbox;
        }
        catch (MaintenanceException exception)
        {
            // Telling people is more important than keeping it: a broken history may be the very news.
            call.Sink.Warning($"The notification is sent without an outbox. {exception.Message}");
            return null;
        }
    }

    // A webhook that is asked anyway is asked to take the oldest message first.
    private static async Task HurryAsync(Outbox outbox, IEnumerable<string> channels, CallContext call, Deadline deadline)
    {
        try
        {
            foreach (var channel in channels.Distinct(StringComparer.OrdinalIgnoreCase))
            {
                await outbox.HurryAsync(channel, deadline.Token);
            }
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Verbose($"What waits in the outbox is sent when it is due. {exception.Message}");
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            call.Sink.Verbose("What waits in the outbox is sent when it is due.");
        }
    }

    private static async Task<DateTimeOffset?> BeforeAsync(Outbox outbox, OutboxEntry entry, CallContext call, Deadline deadline)
    {
        try
        {
            return await outbox.BeforeAsync(entry, deadline.Token);
        }
        catch (MaintenanceException exception)
        {
            // In the wrong order rather than not at all.
            call.Sink.Verbose($"Whether older notifications wait is not known. {exception.Message}");
            return null;
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            return null;
        }
    }

    private async Task<NotificationResult> WaitAsync(MaintenanceTarget target, Outbox outbox, OutboxEntry entry, DateTimeOffset next, CallContext call)
    {
        var result = Result(target, entry with { Attempts = 0 }, NotificationState.Queued, null, null) with
        {
            Message = $"Older notifications of the channel {entry.Message.Channel} could not be delivered yet. It waits in the outbox behind them, and is sent with the next notification after {Text(next)}, or with Send-MaintenanceNotification -Flush.",
            NextAttempt = next,
        };
        await SettleAsync(outbox, entry, result, call);
        return result;
    }

    private async Task<IReadOnlyList<NotificationResult>> FlushAsync(MaintenanceTarget target, Outbox outbox, bool tryAll, CallContext call, Deadline deadline)
    {
        var results = new List<NotificationResult>();
        var failing = new Dictionary<string, DateTimeOffset>(StringComparer.OrdinalIgnoreCase);
        try
        {
            while (results.Count < MostAtOnce && await outbox.ClaimAsync(deadline.Token) is { } entry)
            {
                if (failing.TryGetValue(entry.Message.Channel, out var next))
                {
                    // It would most likely fare no better, and must not overtake.
                    results.Add(await WaitAsync(target, outbox, entry, next, call));
                    continue;
                }

                var result = await DeliverAsync(target, outbox, entry, call, deadline);
                results.Add(result);
                if (result.State != NotificationState.Delivered && !tryAll)
                {
                    // The next one would most likely fare no better, and somebody waits.
                    break;
                }

                if (result.NextAttempt is { } later)
                {
                    failing[entry.Message.Channel] = later;
                }
            }
        }
        catch (MaintenanceException exception) when (results.Count > 0 || exception.Code is not MaintenanceErrorCode.NotConfigured)
        {
            call.Sink.Warning($"What waits in the outbox could not be sent. {exception.Message}");
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            call.Sink.Verbose("The outbox was not emptied in the time there was.");
        }

        return results;
    }

    private async Task<NotificationResult> DeliverAsync(MaintenanceTarget target, Outbox? outbox, OutboxEntry entry, CallContext call, Deadline deadline)
    {
        NotificationResult result;
        try
        {
            entry = outbox is null ? entry : await WithUntoldAsync(outbox, entry, call, deadline);
            result = await TryChannelsAsync(target, outbox, entry, call, deadline);
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            result = Failed(target, outbox, entry, entry.Message.Channel, new WebhookAttempt(null, deadline.Exceeded("Sending the notification")));
        }

        if (outbox is not null)
        {
            await SettleAsync(outbox, entry, result, call);
        }

        return result;
    }

    // That something is over makes no sense to people who never heard that it began.
    private static async Task<OutboxEntry> WithUntoldAsync(Outbox outbox, OutboxEntry entry, CallContext call, Deadline deadline)
    {
        if (entry.Message.Ends.Count == 0)
        {
            return entry;
        }

        try
        {
            var refused = await outbox.ReadRefusedAsync(deadline.Token);
            var untold = entry.Message.Ends.Count(messages => messages.All(refused.Contains));
            return untold == 0 ? entry : entry with
            {
                Message = entry.Message with
                {
                    Text = $"{entry.Message.Text}\n" + (untold == 1 && entry.Message.Ends.Count == 1
                        ? "Nobody was told when this began: the webhook refused that notification."
                        : string.Create(CultureInfo.InvariantCulture, $"Of {untold} of what is over nobody was told when it began: the webhook refused those notifications.")),
                },
            };
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Verbose($"Whether an earlier notification was refused is not known. {exception.Message}");
            return entry;
        }
    }

    private async Task<NotificationResult> TryChannelsAsync(MaintenanceTarget target, Outbox? outbox, OutboxEntry entry, CallContext call, Deadline deadline)
    {
        var tried = new List<(string Channel, WebhookAttempt Attempt)>();
        foreach (var (name, settings) in ChannelsFor(target, entry.Message.Channel))
        {
            var attempt = await _client.PostAsync(name, settings, Payload(target, entry, settings), entry.Key, call, deadline);
            if (attempt.IsDelivered)
            {
                var why = tried.Count > 0 ? $" {tried[0].Attempt.Error!.Message}"
                    : name.Equals(entry.Message.Channel, StringComparison.OrdinalIgnoreCase) ? ""
                    : $" The channel {entry.Message.Channel} is not configured.";
                return Result(target, entry, NotificationState.Delivered, name, attempt.StatusCode) with { Message = $"Delivered on {name}.{why}" };
            }

            tried.Add((name, attempt));
            call.Sink.Verbose(attempt.Error!.Message);
        }

        // As long as one of them may still take it, it is not refused for good.
        var (channel, failure) = tried.Find(one => !one.Attempt.IsRejected) is { Attempt: not null } hopeful ? hopeful : tried[0];
        return Failed(target, outbox, entry, channel, failure);
    }

    private NotificationResult Failed(MaintenanceTarget target, Outbox? outbox, OutboxEntry entry, string channel, WebhookAttempt attempt)
    {
        var state = attempt.IsRejected ? NotificationState.Rejected : outbox is null ? NotificationState.Undelivered : NotificationState.Queued;
        DateTimeOffset? next = state == NotificationState.Queued ? _time.GetUtcNow() + (attempt.RetryAfter ?? Backoff(entry.Attempts)) : null;
        return Result(target, entry, state, channel, attempt.StatusCode) with
        {
            Message = state switch
            {
                // What a webhook has asked to wait for is not hurried.
                NotificationState.Queued when attempt.StatusCode == 429 => $"{attempt.Error!.Message} It waits in the outbox, and is sent with the next notification after {Text(next!.Value)}, or with Send-MaintenanceNotification -Flush from then on.",
                NotificationState.Queued => $"{attempt.Error!.Message} It waits in the outbox, and is sent with the next notification after {Text(next!.Value)}, or with Send-MaintenanceNotification -Flush.",
                NotificationState.Undelivered => $"{attempt.Error!.Message} There is no outbox to keep it: it is lost.",
                _ => attempt.Error!.Message,
            },
            NextAttempt = next,
            Error = attempt.Error.Code,
            Recommendation = attempt.Error.Recommendation,
        };
    }

    // Not cancellable: what was delivered must not be sent again.
    private static async Task SettleAsync(Outbox outbox, OutboxEntry entry, NotificationResult result, CallContext call)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await outbox.SettleAsync(entry.Key, result.State, result.NextAttempt, result.StatusCode, patience.Token);
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            call.Sink.Warning($"What became of the notification could not be recorded; it may be sent a second time, with the same idempotency key. {(exception as MaintenanceException)?.Message}");
        }
    }

    private static string Payload(MaintenanceTarget target, OutboxEntry entry, ChannelSettings settings) =>
        settings.Kind.Equals("Json", StringComparison.OrdinalIgnoreCase)
            ? JsonPayload.Of(target.Name, entry.Message, entry.Key, entry.CreatedAt)
            : SlackPayload.Of(target.Name, entry.Message, entry.CreatedAt);

    private NotificationResult Result(MaintenanceTarget target, OutboxEntry entry, NotificationState state, string? channel, int? statusCode) => new()
    {
        Target = target.Name,
        State = state,
        Channel = entry.Message.Channel,
        ChannelUsed = channel,
        Title = entry.Message.Title,
        Message = state.ToString(),
        IdempotencyKey = entry.Key,
        Attempts = entry.Attempts,
        StatusCode = statusCode,
        CollectedAt = _time.GetUtcNow(),
    };

    // A minute, two, four, ... at most an hour: trouble of a webhook lasts minutes or hours.
    private static TimeSpan Backoff(int attempts) => TimeSpan.FromMinutes(Math.Min(60, Math.Pow(2, Math.Min(attempts - 1, 6))));

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
