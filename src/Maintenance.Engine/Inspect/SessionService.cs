using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Thresholds;
using Npgsql;

namespace Maintenance.Engine.Inspect;

/// <summary>Sessions of a server: what they do, who waits for whom, and how many more there may be.</summary>
public sealed class SessionService
{
    /// <summary>Time between two looks of a burst.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly DatabaseConnector _connector;
    private readonly TimeProvider _time;

    internal SessionService(DatabaseConnector connector, TimeProvider time)
    {
        _connector = connector;
        _time = time;
    }

    /// <summary>Reads sessions: blocking trees first, parents before those below them. Default timeout 30 s beyond the burst.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">Which sessions.</param>
    /// <param name="call">Where to tell what may not be seen.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public async Task<IReadOnlyList<DbSession>> ReadAsync(
        MaintenanceTarget target, DbSessionQuery query, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(30) + (query.Burst ?? TimeSpan.Zero), _time, cancellationToken);
        return await deadline.RunAsync($"Reading the sessions of '{target.Name}'", async token =>
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Get-DbSession", deadline.Remaining), call, token);
            var reader = Reader(session);
            var snapshot = await reader.ReadAsync(token);
            await WarnOfHiddenAsync(session, snapshot, call, token);
            var sessions = SessionBuilder.Build(snapshot);
            if (query.Burst is { } burst)
            {
                sessions = await SampleAsync(reader, sessions, burst, call, token);
            }

            return (IReadOnlyList<DbSession>)[.. query.Apply(sessions)];
        });
    }

    /// <summary>Reads how many connections are in use and how many there may be. Default timeout 30 s.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public async Task<IReadOnlyList<DbConnectionHeadroom>> ReadHeadroomAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(30), _time, cancellationToken);
        return await deadline.RunAsync($"Reading the connections of '{target.Name}'", async token =>
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Get-DbSession", deadline.Remaining), call, token);
            return (IReadOnlyList<DbConnectionHeadroom>)await session.QueryAsync("Inspect/Sql/Headroom.sql", row => Headroom(target, row), token);
        });
    }

    /// <summary>Opens a session and leaves it to whoever comes next: it was answered.</summary>
    internal async Task GreetAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        await (await _connector.OpenAsync(target, new SessionOptions("Find-SystemIssue"), call, cancellationToken)).DisposeAsync();

    /// <summary>Reads whom the role may not end. Default timeout 30 s.</summary>
    internal async Task<SessionRights> ReadRightsAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(30), _time, cancellationToken);
        return await deadline.RunAsync($"Reading what the role may do on '{target.Name}'", async token =>
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Get-DbSession", deadline.Remaining), call, token);
            return (await session.QueryAsync(
                "Maintain/Sql/SignalRights.sql", row => new SessionRights(row.GetString(0), row.GetFieldValue<int[]>(1).ToHashSet()), token))[0];
        });
    }

    /// <summary>The way to look at the sessions of a server over a connection that is open already.</summary>
    internal SessionReader Reader(DatabaseSession session) => new(session, () => _connector.OpenProcesses, _time);

    private async Task<IReadOnlyList<DbSession>> SampleAsync(
        SessionReader reader, IReadOnlyList<DbSession> first, TimeSpan length, CallContext call, CancellationToken cancellationToken)
    {
        const string Activity = "Sampling sessions";
        var burst = new SessionBurst();
        burst.Add(first);
        var started = _time.GetTimestamp();
        for (var taken = 1; _time.GetElapsedTime(started) is var elapsed && elapsed < length; taken++)
        {
            call.Sink.Progress(new ProgressUpdate(Activity, $"{taken} looks", (int)(100 * elapsed / length)));
            // The next look is due at its time, however long the last one took.
            var due = (Interval * taken) - elapsed;
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due < length - elapsed ? due : length - elapsed, _time, cancellationToken);
            }

            burst.Add(SessionBuilder.Build(await reader.ReadAsync(cancellationToken)));
        }

        call.Sink.Progress(new ProgressUpdate(Activity, "Done", 100, Completed: true));
        return burst.Merge();
    }

    private static async Task WarnOfHiddenAsync(DatabaseSession session, SessionSnapshot snapshot, CallContext call, CancellationToken cancellationToken)
    {
        var hidden = snapshot.Sessions.Count(row => row is { IsHidden: true, HasRole: true });
        if (hidden > 0)
        {
            var role = (await session.QueryAsync("Database/Sql/QuotedUser.sql", row => row.GetString(0), cancellationToken))[0];
            call.Sink.Warning(
                $"The role may not look at {hidden} session(s) of '{session.Target.Name}': what they do is unknown. Run as an administrator: GRANT pg_monitor TO {role};");
        }
    }

    private DbConnectionHeadroom Headroom(MaintenanceTarget target, NpgsqlDataReader row)
    {
        var (used, limit, sees) = (row.GetInt32(2), row.GetInt32(3), row.GetBoolean(10));
        int? Number(int column) => row.IsDBNull(column) ? null : row.GetInt32(column);
        return new DbConnectionHeadroom
        {
            Target = target.Name,
            Scope = Enum.Parse<DbConnectionScope>(row.GetString(0)),
            Name = row.IsDBNull(1) ? null : row.GetString(1),
            Used = used,
            Limit = limit,
            Active = sees ? Number(4) : null,
            Idle = sees ? Number(5) : null,
            IdleInTransaction = sees ? Number(6) : null,
            MaxConnections = Number(7),
            SuperuserReserved = Number(8),
            Reserved = Number(9),
            // A limit of nought is on purpose.
            Status = limit == 0 ? HealthStatus.Ok : ThresholdCatalogue.For(target, "connection_pool_usage")!.Evaluate(100.0 * used / limit),
            CollectedAt = _time.GetUtcNow(),
        };
    }
}
