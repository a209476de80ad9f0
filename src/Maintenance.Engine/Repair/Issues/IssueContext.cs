using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>What the probes of one search share: the target, the clock, and readings that several of them need and one takes.</summary>
internal sealed class IssueContext(MaintenanceTarget target, CallContext call, SessionService sessions, DateTimeOffset now, CancellationToken searching)
{
    private readonly Lazy<Task<IReadOnlyList<DbSession>>> _sessions = new(() => sessions.ReadAsync(target, new DbSessionQuery(), call, searching));

    private readonly Lazy<Task<DbConnectionHeadroom>> _headroom = new(async () =>
        (await sessions.ReadHeadroomAsync(target, call, searching)).First(headroom => headroom.Scope == DbConnectionScope.Server));

    public MaintenanceTarget Target => target;

    /// <summary>The call, with the time that the whole search may take.</summary>
    public CallContext Call => call;

    public DateTimeOffset Now => now;

    /// <summary>The sessions of the server's clients, as they were when the first probe asked for them.</summary>
    public Task<IReadOnlyList<DbSession>> SessionsAsync() => _sessions.Value;

    /// <summary>How many connections of the whole server are in use.</summary>
    public Task<DbConnectionHeadroom> HeadroomAsync() => _headroom.Value;
}
