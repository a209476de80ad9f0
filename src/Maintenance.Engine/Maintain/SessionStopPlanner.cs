using System.Globalization;

namespace Maintenance.Engine.Maintain;

/// <summary>Decides what is to be done to a session: from what was asked for and what the server says now. Pure.</summary>
internal static class SessionStopPlanner
{
    /// <summary>A victim as it was seen is left alone: its blocker is the one to stop.</summary>
    public static bool IsVictim(DbSessionStopRequest request) => request is { Force: false, Seen.BlockedBy.Count: > 0 };

    /// <summary>The plan.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="now">The session of that number as it is now, if there is one.</param>
    /// <param name="target">The target's name.</param>
    /// <param name="time">The time, for a result that is decided already.</param>
    public static DbSessionStopPlan Plan(DbSessionStopRequest request, DbSession? now, string target, DateTimeOffset time)
    {
        DbSessionStopPlan Decided(DbSessionStopOutcome outcome, string message, string? recommendation = null) => new()
        {
            Request = request,
            Description = Describe(now ?? request.Seen, request.ProcessId),
            Action = "Nothing",
            Decided = new DbSessionStop
            {
                Target = target,
                ProcessId = request.ProcessId,
                Role = (now ?? request.Seen)?.Role,
                ApplicationName = (now ?? request.Seen)?.ApplicationName,
                Outcome = outcome,
                Message = message,
                Recommendation = recommendation,
                Victims = now?.Victims ?? 0,
                CollectedAt = time,
            },
        };

        if (IsVictim(request))
        {
            return Decided(
                DbSessionStopOutcome.Skipped,
                request.Seen!.IsDeadlocked
                    ? $"Session {request.ProcessId} is part of a deadlock, which the server ends by itself after deadlock_timeout."
                    : string.Create(CultureInfo.InvariantCulture, $"Session {request.ProcessId} is a victim: its blocker ({string.Join(", ", request.Seen.BlockedBy.Select(BlockerName))}) comes first; once that has ended, it goes on by itself."),
                request.Seen.IsDeadlocked ? null : $"To stop it all the same: Stop-DbSession -ProcessId {request.ProcessId}.");
        }

        if (request.Seen?.PreparedTransaction is not null)
        {
            return Decided(DbSessionStopOutcome.Refused, request.Seen.ProtectionReason ?? "It is a prepared transaction.", "Connect to its database as its owner or a superuser, and commit it or roll it back.");
        }

        if (now is null || (request.Seen is { BackendStart: { } seen } && now.BackendStart is { } start && start != seen))
        {
            return Decided(DbSessionStopOutcome.AlreadyGone, $"Session {request.ProcessId} is gone{(now is null ? "" : "; another has its process number now")}.");
        }

        if (request.Seen is { IsHidden: false } && now.TransactionStart != request.Seen.TransactionStart)
        {
            return Decided(
                DbSessionStopOutcome.AlreadyGone,
                $"Session {request.ProcessId} has ended what it was seen doing: it is {(now.TransactionStart is null ? "in no transaction" : "in another transaction")} now.",
                $"To stop it all the same: Stop-DbSession -ProcessId {request.ProcessId}.");
        }

        if (now.Protection == DbSessionProtection.Always || (now.Protection == DbSessionProtection.NeedsForce && !request.Force))
        {
            return Decided(
                DbSessionStopOutcome.Refused,
                $"Session {request.ProcessId} is protected. {now.ProtectionReason}",
                now.Protection == DbSessionProtection.NeedsForce ? $"To stop it all the same: Stop-DbSession -ProcessId {request.ProcessId} -Force." : null);
        }

        var runs = now.State is DbSessionState.Active or DbSessionState.FastPathFunctionCall or DbSessionState.Background;
        if (request.Mode == DbSessionStopMode.Cancel && !runs)
        {
            return Decided(
                DbSessionStopOutcome.Refused,
                $"Session {request.ProcessId} is {StateName(now.State)}: it runs no statement that could be cancelled.",
                "Use -Mode Terminate.");
        }

        var mode = runs ? request.Mode : DbSessionStopMode.Terminate;
        return new DbSessionStopPlan
        {
            Request = request,
            Session = now,
            Mode = mode,
            Description = Describe(now, request.ProcessId),
            Action = mode switch
            {
                DbSessionStopMode.Cancel => "Cancel the statement",
                DbSessionStopMode.CancelThenTerminate => string.Create(
                    CultureInfo.InvariantCulture, $"Cancel the statement; if the transaction is still open after {request.Grace.TotalSeconds:0.#} s, terminate the session"),
                _ => runs ? "Terminate the session" : $"Terminate the session (it is {StateName(now.State)}, where a cancel does nothing)",
            },
        };
    }

    /// <summary>Who it is, what it does, whom it blocks and for how long.</summary>
    private static string Describe(DbSession? session, int processId)
    {
        if (session is null)
        {
            return string.Create(CultureInfo.InvariantCulture, $"session {processId}");
        }

        var parts = new List<string>
        {
            $"role {session.Role ?? "none"}",
            $"application {session.ApplicationName ?? "unnamed"}",
            StateName(session.State) + (session.StateAge is { } age ? $" for {Time(age)}" : ""),
        };
        if (session.TransactionAge is { } transaction)
        {
            parts.Add($"transaction open for {Time(transaction)}");
        }

        parts.Add(session.Victims == 0 ? "blocks nobody"
            : string.Create(CultureInfo.InvariantCulture, $"blocks {session.Victims} session(s)")
                + (session.VictimWait is { } wait ? $", which have waited {Time(wait)} together" : ""));
        return string.Create(CultureInfo.InvariantCulture, $"session {processId} of {session.Target} ({string.Join(", ", parts.Select(Harmless))})");
    }

    private static string StateName(DbSessionState state) => state switch
    {
        DbSessionState.IdleInTransaction => "idle in transaction",
        DbSessionState.IdleInTransactionAborted => "idle in a failed transaction",
        _ => state.ToString().ToLowerInvariant(),
    };

    private static string BlockerName(int process) => process == 0 ? "a prepared transaction" : process.ToString(CultureInfo.InvariantCulture);

    private static string Time(TimeSpan time) => time.TotalMinutes < 2
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s")
        : time.TotalHours < 2 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0} h");

    // This text is a question at a prompt: what a client calls itself must not be able to forge it.
    private static string Harmless(string text) =>
        string.Concat(text.Select(character => char.IsControl(character) || char.GetUnicodeCategory(character) == UnicodeCategory.Format ? '\uFFFD' : character));
}
