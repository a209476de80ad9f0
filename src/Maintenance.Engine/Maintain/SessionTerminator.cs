using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Maintain;

/// <summary>
/// Ends sessions: cancel, grace, terminate. Each signal is sent by the statement that checks once more that the process is still the
/// session that was meant; what came of it is looked at afterwards.
/// </summary>
public sealed class SessionTerminator
{
    /// <summary>How long the server gets to take a session away after it was told to.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>How long victims get to go on.</summary>
    private static readonly TimeSpan Releasing = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly DatabaseConnector _connector;
    private readonly TimeProvider _time;

    internal SessionTerminator(DatabaseConnector connector, TimeProvider time)
    {
        _connector = connector;
        _time = time;
    }

    /// <summary>Says what would be done to a session. Changes nothing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="request">Which session, and how far to go.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <exception cref="MaintenanceException">PermissionDenied, with the GRANT that is missing.</exception>
    public async Task<DbSessionStopPlan> PlanAsync(
        MaintenanceTarget target, DbSessionStopRequest request, CallContext call, CancellationToken cancellationToken)
    {
        if (SessionStopPlanner.IsVictim(request))
        {
            return SessionStopPlanner.Plan(request, null, target.Name, _time.GetUtcNow());
        }

        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(30), _time, cancellationToken);
        return await deadline.RunAsync($"Looking at session {request.ProcessId} of '{target.Name}'", async token =>
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Stop-DbSession", deadline.Remaining), call, token);
            var now = Find(SessionBuilder.Build(await Reader(session).ReadAsync(token)), request.ProcessId);
            if (now is { IsHidden: true, Role: not null })
            {
                throw await HiddenAsync(session, now, token);
            }

            var plan = SessionStopPlanner.Plan(request, now, target.Name, _time.GetUtcNow());
            if (plan.Decided is null)
            {
                await CheckPrivilegeAsync(session, plan.Session!, token);
            }

            return plan;
        });
    }

    /// <summary>Carries a plan out and looks at what came of it. Cancelling during the grace leaves the session alive.</summary>
    /// <param name="target">The target.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Ends the waiting; nothing more is done to the session then.</param>
    public async Task<DbSessionStop> ExecuteAsync(
        MaintenanceTarget target, DbSessionStopPlan plan, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Decided is { } decided)
        {
            return decided;
        }

        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(30) + plan.Request.Grace, _time, cancellationToken);
        return await deadline.RunAsync($"Stopping session {plan.Request.ProcessId} of '{target.Name}'", async token =>
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Stop-DbSession", deadline.Remaining), call, token);
            return await new Stopping(session, Reader(session), plan, call.Sink, _time).RunAsync(token);
        });
    }

    private SessionReader Reader(DatabaseSession session) => new(session, () => _connector.OpenProcesses, _time);

    private static DbSession? Find(IEnumerable<DbSession> sessions, int processId) =>
        sessions.FirstOrDefault(session => session.ProcessId == processId && session.PreparedTransaction is null);

    private static async Task<MaintenanceException> HiddenAsync(DatabaseSession session, DbSession hidden, CancellationToken cancellationToken)
    {
        var role = (await session.QueryAsync("Database/Sql/QuotedUser.sql", row => row.GetString(0), cancellationToken))[0];
        return new MaintenanceException(
            MaintenanceErrorCode.PermissionDenied,
            $"The role may not look at session {hidden.ProcessId} of '{session.Target.Name}', so nobody could tell whether it is still the one that was meant.",
            $"Run as an administrator: GRANT pg_monitor, pg_signal_backend TO {role};");
    }

    private static async Task CheckPrivilegeAsync(DatabaseSession session, DbSession victim, CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync(
            "Maintain/Sql/SignalPrivilege.sql", row => (May: row.GetBoolean(0), Superuser: row.GetBoolean(1), Role: row.GetString(2)), cancellationToken, victim.ProcessId);
        if (rows is [{ May: false } lacking])
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied,
                $"The role may not stop session {victim.ProcessId} of '{session.Target.Name}', which belongs to {(victim.Role is null ? "the server" : lacking.Superuser ? "a superuser" : "another role")}.",
                lacking.Superuser ? "Connect as a superuser."
                : victim.Role is not null ? $"Run as an administrator: GRANT pg_signal_backend TO {lacking.Role};"
                : session.MajorVersion >= 18 ? $"Run as an administrator: GRANT pg_signal_autovacuum_worker TO {lacking.Role};"
                : "Connect as a superuser.");
        }
    }

    /// <summary>One session being stopped.</summary>
    private sealed class Stopping(DatabaseSession session, SessionReader reader, DbSessionStopPlan plan, IMaintenanceSink sink, TimeProvider time)
    {
        private readonly DbSession _meant = plan.Session!;
        private readonly long _started = time.GetTimestamp();
        private HashSet<(int, DateTimeOffset?)> _victims = [];

        public async Task<DbSessionStop> RunAsync(CancellationToken cancellationToken)
        {
            _victims = await VictimsAsync(cancellationToken);
            return plan.Mode == DbSessionStopMode.Terminate
                ? await TerminateAsync(plan.Request.Seen is not null, _meant.TransactionStart, cancellationToken)
                : await CancelAsync(cancellationToken);
        }

        private async Task<DbSessionStop> CancelAsync(CancellationToken cancellationToken)
        {
            var (sent, transaction) = await SignalAsync("Maintain/Sql/CancelSession.sql", plan.Request.Seen is not null, _meant.TransactionStart, cancellationToken);
            if (sent != true)
            {
                return await NotSentAsync(sent, cancellationToken);
            }

            sink.Verbose($"Cancelled the statement of session {_meant.ProcessId}; waiting up to {plan.Request.Grace.TotalSeconds:0.#} s for its transaction to end.");
            switch (await WatchAsync(plan.Request.Grace, now => now is null || now.Value.Transaction != transaction, cancellationToken))
            {
                case (true, null):
                    return await ResultAsync(DbSessionStopOutcome.Terminated, "ended after its statement was cancelled", null, cancellationToken);
                case (true, _):
                    return await ResultAsync(DbSessionStopOutcome.Cancelled, "was cancelled, and its transaction is over", null, cancellationToken);
            }

            if (plan.Mode == DbSessionStopMode.Cancel)
            {
                return await ResultAsync(
                    DbSessionStopOutcome.StillRunning,
                    FormattableString.Invariant($"was cancelled, but its transaction is still open after {plan.Request.Grace.TotalSeconds:0.#} s"),
                    "Wait longer with -Grace, or end the session: Stop-DbSession -Mode Terminate.",
                    cancellationToken);
            }

            sink.Verbose($"The transaction of session {_meant.ProcessId} is still open: terminating the session.");
            return await TerminateAsync(sameTransaction: true, transaction, cancellationToken);
        }

        private async Task<DbSessionStop> TerminateAsync(bool sameTransaction, DateTimeOffset? transaction, CancellationToken cancellationToken)
        {
            var (sent, _) = await SignalAsync("Maintain/Sql/TerminateSession.sql", sameTransaction, transaction, cancellationToken);
            if (sent != true)
            {
                return await NotSentAsync(sent, cancellationToken);
            }

            var (gone, _) = await WatchAsync(Settling, now => now is null, cancellationToken);
            return gone
                ? await ResultAsync(DbSessionStopOutcome.Terminated, "was terminated", null, cancellationToken)
                : await ResultAsync(
                    DbSessionStopOutcome.StillRunning,
                    "was told to end, but is still there",
                    "It may be rolling back or inside an operation that cannot be interrupted. Look again in a while: Get-DbSession -ProcessId.",
                    cancellationToken);
        }

        // Null: no such session any more, or in another transaction. False: the server could not signal it.
        private async Task<(bool? Sent, DateTimeOffset? Transaction)> SignalAsync(
            string sql, bool sameTransaction, DateTimeOffset? transaction, CancellationToken cancellationToken)
        {
            var rows = await session.QueryAsync(
                sql,
                row => ((bool?)row.GetBoolean(0), row.IsDBNull(1) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(1)),
                cancellationToken,
                _meant.ProcessId,
                _meant.BackendStart,
                sameTransaction,
                transaction);
            return rows is [var row] ? row : (null, null);
        }

        private Task<DbSessionStop> NotSentAsync(bool? sent, CancellationToken cancellationToken) => sent is null
            ? ResultAsync(DbSessionStopOutcome.AlreadyGone, "had ended by itself, or gone on to another transaction, before it was signalled", null, cancellationToken)
            : ResultAsync(DbSessionStopOutcome.Failed, "could not be signalled", "See the server's log.", cancellationToken);

        // Looks until something is true of the session (null once it is gone) or the time is up.
        private async Task<(bool Reached, (DateTimeOffset? Transaction, string? State)? Now)> WatchAsync(
            TimeSpan limit, Func<(DateTimeOffset? Transaction, string? State)?, bool> reached, CancellationToken cancellationToken)
        {
            var started = time.GetTimestamp();
            while (true)
            {
                var rows = await session.QueryAsync(
                    "Maintain/Sql/SessionTransaction.sql",
                    row => (row.IsDBNull(0) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(0), row.IsDBNull(1) ? null : row.GetString(1)),
                    cancellationToken,
                    _meant.ProcessId,
                    _meant.BackendStart);
                (DateTimeOffset?, string?)? now = rows is [var row] ? row : null;
                if (reached(now))
                {
                    return (true, now);
                }

                if (time.GetElapsedTime(started) >= limit)
                {
                    return (false, now);
                }

                await Task.Delay(Interval, time, cancellationToken);
            }
        }

        private async Task<HashSet<(int, DateTimeOffset?)>> VictimsAsync(CancellationToken cancellationToken)
        {
            var snapshot = await reader.ReadAsync(cancellationToken);
            var waits = new LockWaits(snapshot);
            var tree = new BlockingTree([.. waits.Waits.Select(wait => wait?.Blockers ?? [])]);
            return [.. waits.Nodes.Index()
                .Where(node => node.Item.Session is { } row && row.ProcessId == _meant.ProcessId && row.BackendStart == _meant.BackendStart)
                .SelectMany(node => tree.VictimsOf(node.Index))
                .Select(victim => waits.Nodes[victim].Session)
                .OfType<SessionRow>()
                .Select(row => (row.ProcessId, row.BackendStart))];
        }

        private async Task<int> StillWaitingAsync(CancellationToken cancellationToken)
        {
            var waits = new LockWaits(await reader.ReadAsync(cancellationToken));
            return waits.Nodes.Index().Count(node =>
                waits.Waits[node.Index] is not null && node.Item.Session is { } row && _victims.Contains((row.ProcessId, row.BackendStart)));
        }

        private async Task<DbSessionStop> ResultAsync(
            DbSessionStopOutcome outcome, string what, string? recommendation, CancellationToken cancellationToken)
        {
            var waiting = _victims.Count;
            var acted = outcome is DbSessionStopOutcome.Cancelled or DbSessionStopOutcome.Terminated;
            var looking = time.GetTimestamp();
            while (waiting > 0)
            {
                waiting = await StillWaitingAsync(cancellationToken);
                if (waiting == 0 || !acted || time.GetElapsedTime(looking) >= Releasing)
                {
                    break;
                }

                await Task.Delay(Interval, time, cancellationToken);
            }

            var released = _victims.Count - waiting;
            var effect = _victims.Count == 0 ? "" : FormattableString.Invariant($" Of {_victims.Count} session(s) that waited for it, {released} wait(s) no longer.");
            return new DbSessionStop
            {
                Target = session.Target.Name,
                ProcessId = _meant.ProcessId,
                Role = _meant.Role,
                ApplicationName = _meant.ApplicationName,
                Outcome = outcome,
                Message = $"Session {_meant.ProcessId} {what}.{effect}",
                Recommendation = recommendation ?? (waiting > 0 && acted ? "The others wait for each other, or for another blocker: Get-DbSession -Blocking." : null),
                Victims = _victims.Count,
                Released = released,
                Duration = time.GetElapsedTime(_started),
                CollectedAt = time.GetUtcNow(),
            };
        }
    }
}
