using Maintenance.Engine.History;

namespace Maintenance.Engine.Notify;

/// <summary>A message on its way.</summary>
/// <param name="Key">Its id, and the idempotency key of every attempt.</param>
/// <param name="Message">The message.</param>
/// <param name="Attempts">How many times it was tried, this one counted.</param>
/// <param name="CreatedAt">When it was sent off.</param>
internal sealed record OutboxEntry(Guid Key, NotificationMessage Message, int Attempts, DateTimeOffset CreatedAt);

/// <summary>
/// The messages of a target that wait in its history. Whoever sends one has leased it, so that two processes do not send it both;
/// a lease that was not settled, because its process has died, runs out, and the message is sent again with the same key.
/// </summary>
internal sealed class Outbox(IHistoryStore store, string target, TimeProvider time)
{
    /// <summary>Longer than any attempt, so that nobody else sends what is still being sent.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>How long delivered and rejected messages are kept, for questions afterwards.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>Keeps a new message, leased to whoever sends it now.</summary>
    public Task AddAsync(OutboxEntry entry, CancellationToken cancellationToken) =>
        store.AddToOutboxAsync(target, entry, time.GetUtcNow() + Lease, time.GetUtcNow() - Kept, cancellationToken);

    /// <summary>Leases the oldest message that is due; null if there is none.</summary>
    public Task<OutboxEntry?> ClaimAsync(CancellationToken cancellationToken) =>
        store.ClaimFromOutboxAsync(target, time.GetUtcNow(), time.GetUtcNow() + Lease, cancellationToken);

    /// <summary>Records what became of a message, and gives it back.</summary>
    /// <param name="key">Its id.</param>
    /// <param name="state">What became of it.</param>
    /// <param name="nextAttempt">When it is tried again.</param>
    /// <param name="statusCode">Status code of the answer.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task SettleAsync(Guid key, NotificationState state, DateTimeOffset? nextAttempt, int? statusCode, CancellationToken cancellationToken) =>
        store.SettleOutboxAsync(key, state, nextAttempt ?? time.GetUtcNow(), statusCode, time.GetUtcNow(), cancellationToken);

    /// <summary>Makes what waits for a channel due, but for what its webhook has asked to wait for: there is a message that must not overtake it.</summary>
    public Task HurryAsync(string channel, CancellationToken cancellationToken) => store.HurryOutboxAsync(target, channel, time.GetUtcNow(), cancellationToken);

    /// <summary>When what a message has to wait behind is tried again; null if nothing is before it.</summary>
    public Task<DateTimeOffset?> BeforeAsync(OutboxEntry entry, CancellationToken cancellationToken) =>
        store.ReadOutboxBeforeAsync(target, entry, time.GetUtcNow(), cancellationToken);

    /// <summary>The messages that were refused for good.</summary>
    public async Task<IReadOnlySet<Guid>> ReadRefusedAsync(CancellationToken cancellationToken) => (await store.ReadRefusedAsync(target, cancellationToken)).ToHashSet();

    /// <summary>The messages that wait, oldest first.</summary>
    public Task<IReadOnlyList<(OutboxEntry Entry, DateTimeOffset NextAttempt)>> ListAsync(CancellationToken cancellationToken) =>
        store.ReadOutboxAsync(target, cancellationToken);
}
