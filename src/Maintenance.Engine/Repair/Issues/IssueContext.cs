using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>What the probes of one search share: the target, the clock, and readings that several of them need and one takes.</summary>
internal sealed class IssueContext(MaintenanceTarget target, CallContext call, SessionService sessions, DateTimeOffset now, CancellationToken searching)
{
    private const int FunctionShare = 4;

    private readonly Lazy<Task<IReadOnlyList<DbSession>>> _sessions = new(() => sessions.ReadAsync(target, new DbSessionQuery(), call, searching));

    private readonly Lazy<Task<IReadOnlyList<DbConnectionHeadroom>>> _headroom = new(() => sessions.ReadHeadroomAsync(target, call, searching));

    private readonly Lazy<Task<SessionRights?>> _rights = new(() => RightsAsync(target, call, sessions, searching));

    /// <summary>The target. Where its database was asked and does not answer, connecting to it takes no more than a moment: the probes say so, and have time for the rest.</summary>
    public MaintenanceTarget Target => target;

    /// <summary>What came of asking the database whether it answers; null where it does, or where there is none to ask.</summary>
    public MaintenanceException? DatabaseTrouble { get; init; }

    /// <summary>The call, with the time that the whole search may take.</summary>
    public CallContext Call => call;

    public DateTimeOffset Now => now;

    /// <summary>
    /// The call for questions to functions, with a part of the time: one that hangs must not keep those waiting that look at the database.
    /// </summary>
    public CallContext FunctionCall { get; } = call with { Timeout = call.Timeout / FunctionShare };

    /// <summary>The sessions of the server's clients, as they were when the first probe asked for them.</summary>
    public Task<IReadOnlyList<DbSession>> SessionsAsync() => _sessions.Value;

    /// <summary>How many connections are in use, of the server and of databases and roles with limits of their own.</summary>
    public Task<IReadOnlyList<DbConnectionHeadroom>> HeadroomAsync() => _headroom.Value;

    /// <summary>Whom the role may end, for those who are about to say so; null where that cannot be read.</summary>
    public Task<SessionRights?> RightsAsync() => _rights.Value;

    private static async Task<SessionRights?> RightsAsync(MaintenanceTarget target, CallContext call, SessionService sessions, CancellationToken cancellationToken)
    {
        try
        {
            return await sessions.ReadRightsAsync(target, call, cancellationToken);
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Verbose($"Whom the role may end on '{target.Name}' is not known: {exception.Message}");
            return null;
        }
    }
}
