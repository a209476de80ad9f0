using System.Globalization;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Maintain;

/// <summary>Vacuums or analyzes one table on one connection, and measures what came of it.</summary>
/// <param name="session">The connection.</param>
/// <param name="watchdog">Guards every statement.</param>
/// <param name="progress">Where to tell which table is worked on.</param>
/// <param name="time">The clock.</param>
internal sealed class VacuumWorker(DatabaseSession session, Watchdog watchdog, VacuumProgress progress, TimeProvider time)
{
    private const string StateSql = "Maintain/Sql/VacuumState.sql";

    private const string Measured = "MeasuredBy";

    /// <summary>Class of SQLSTATE: the disk is full, or memory is out.</summary>
    private const string InsufficientResources = "53";

    // A connection that was lost does not tell it any more.
    private readonly int _processId = session.Connection.ProcessID;

    /// <summary>Does it.</summary>
    /// <returns>The action with its result; a result that is LockTimeout may be tried again.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; the statement has ended on the server.</exception>
    public async Task<DbAction> RunAsync(DbAction planned, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var action = planned with { StartedAt = time.GetUtcNow(), Attempts = planned.Attempts + 1, Recommendation = null };
        progress.Begin(_processId, action);
        try
        {
            return await TryAsync(action, cancellationToken) with { Duration = (planned.Duration ?? TimeSpan.Zero) + time.GetElapsedTime(started) };
        }
        catch (MaintenanceException exception)
        {
            return await FailedAsync(action, exception, cancellationToken) with { Duration = (planned.Duration ?? TimeSpan.Zero) + time.GetElapsedTime(started) };
        }
        finally
        {
            progress.End(_processId, action);
        }
    }

    private async Task<DbAction> TryAsync(DbAction action, CancellationToken cancellationToken)
    {
        if (await StateAsync(action, cancellationToken) is not { } before)
        {
            return Gone(action);
        }

        // What was planned, and confirmed, is what runs: the table that the server calls so now, or nothing.
        if (!action.Sql.EndsWith($" {before.QuotedName}", StringComparison.Ordinal) || !(action.Sql.StartsWith("VACUUM (", StringComparison.Ordinal) || action.Sql.StartsWith("ANALYZE (", StringComparison.Ordinal)))
        {
            return Gone(action);
        }

        action = action with { SizeBytes = before.SizeBytes ?? action.SizeBytes, Effect = new Dictionary<string, object?>(action.Effect) { ["DeadRowsBefore"] = before.DeadRows, ["ChangedRowsBefore"] = before.ChangedRows, ["FrozenAgeBefore"] = before.FrozenAge } };
        var (report, after) = await ExecuteAsync(action, cancellationToken);
        if (!report.Ran)
        {
            return await NotRunAsync(action, report, before, cancellationToken);
        }

        var done = await DescribeAsync(action with { State = StepState.Done, Error = null, SizeBytesAfter = after?.SizeBytes, Effect = Effect(action, report, before, after) }, report, before, after, cancellationToken);
        return !report.MetLock ? done : done with
        {
            State = StepState.Deferred,
            Error = MaintenanceErrorCode.LockTimeout,
            Message = $"{done.Message} A part was left out, because its lock was not to be had.",
            Recommendation = "It comes first in the next run.",
        };
    }

    private async Task<(VacuumReport Report, TableState? After)> ExecuteAsync(DbAction action, CancellationToken cancellationToken)
    {
        var notices = new List<ServerNotice>();
        void Hear(object sender, NpgsqlNoticeEventArgs told) => notices.Add(new ServerNotice(
            told.Notice.InvariantSeverity == "WARNING", told.Notice.SqlState, told.Notice.Detail is { } detail ? $"{told.Notice.MessageText}\n{detail}" : told.Notice.MessageText));
        session.Connection.Notice += Hear;
        try
        {
            var after = await watchdog.RunAsync(session, action.Sql, (connection, token) => ExecuteAndMeasureAsync(connection, action, token), cancellationToken);
            return (new VacuumReport(notices), after);
        }
        finally
        {
            session.Connection.Notice -= Hear;
        }
    }

    // Sent together, so that a small table does not wait for the network twice. The barrier makes two transactions of it.
    private static async Task<TableState?> ExecuteAndMeasureAsync(NpgsqlConnection connection, DbAction action, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { EnableErrorBarriers = true, Timeout = 0 };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SqlText.Marked(action.Sql)));
        var measuring = new NpgsqlBatchCommand(SqlText.ReadMarked(StateSql)) { Parameters = { new() { Value = action.Oid }, new() { Value = action.Schema }, new() { Value = action.Name } } };
        batch.BatchCommands.Add(measuring);
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? Map(reader) : null;
        }
        catch (PostgresException exception) when (exception.BatchCommand == measuring)
        {
            // Somebody locked the table before it could be measured; what was done stays done.
            return null;
        }
    }

    // The server only warns. What it warned of is told by its code, and by what the role may do.
    private async Task<DbAction> NotRunAsync(DbAction action, VacuumReport report, TableState before, CancellationToken cancellationToken)
    {
        if (report.MetLock)
        {
            return await LockedAsync(action, cancellationToken);
        }

        return report.MetNothing ? Gone(action) : action with
        {
            State = StepState.Failed,
            Error = MaintenanceErrorCode.PermissionDenied,
            Message = $"The server left it out: {report.Warning ?? "it gave no reason"}.",
            Recommendation = MaintenanceGrant.For(session.MajorVersion, before.QuotedName, before.Owner, before.OwnerIsPowerful, await RoleAsync(cancellationToken)),
        };
    }

    private async Task<DbAction> LockedAsync(DbAction action, CancellationToken cancellationToken)
    {
        var holder = (await session.QueryAsync(
            "Maintain/Sql/MaintenanceLockHolder.sql",
            row => string.Create(CultureInfo.InvariantCulture, $"server process {row.GetInt32(0)} holds {row.GetString(1)} ({row.GetString(2)}, role {(row.IsDBNull(3) ? "?" : row.GetString(3))}, {(row.IsDBNull(4) ? "?" : row.GetString(4))})"),
            cancellationToken,
            action.Oid)).FirstOrDefault();
        return action with
        {
            State = StepState.Deferred,
            Error = MaintenanceErrorCode.LockTimeout,
            Message = $"Its lock was not to be had: {holder ?? "who held it has just let go"}.",
            Recommendation = "It comes first in the next run.",
        };
    }

    private async Task<DbAction> FailedAsync(DbAction action, MaintenanceException exception, CancellationToken cancellationToken) => exception.Code switch
    {
        MaintenanceErrorCode.LockTimeout => await LockedAsync(action, cancellationToken),
        MaintenanceErrorCode.BlockedOthers => Ended(action, StepState.Deferred, exception) with { Recommendation = $"{exception.Recommendation} It comes first in the next run." },
        MaintenanceErrorCode.ObjectNotFound => Gone(action),
        // No statement_timeout is set: somebody has sent it a cancellation.
        MaintenanceErrorCode.StatementTimeout => action with
        {
            State = StepState.Cancelled,
            Error = MaintenanceErrorCode.Cancelled,
            Message = "Somebody else cancelled it on the server.",
            Recommendation = "Ask who; then run it again.",
        },
        MaintenanceErrorCode.DatabaseError when exception.Detail?.StartsWith(InsufficientResources, StringComparison.Ordinal) == true =>
            Ended(action, StepState.Failed, exception) with { Error = MaintenanceErrorCode.UnsafeNow, Recommendation = "The server has no room: make some first." },
        _ => Ended(action, StepState.Failed, exception),
    };

    private static DbAction Ended(DbAction action, StepState state, MaintenanceException exception) =>
        action with { State = state, Error = exception.Code, Message = exception.Message, Recommendation = exception.Recommendation };

    private static DbAction Gone(DbAction action) => action with
    {
        State = StepState.Skipped,
        Error = MaintenanceErrorCode.ObjectNotFound,
        Message = $"There is no {action.Schema}.{action.Name} with the OID {action.Oid} any more: it was dropped, renamed or moved meanwhile.",
        Recommendation = "Nothing is to be done, unless it has another name now.",
    };

    private async Task<DbAction> DescribeAsync(DbAction action, VacuumReport report, TableState before, TableState? after, CancellationToken cancellationToken)
    {
        if (action.Kind == DbActionKind.Analyze)
        {
            return action with { Message = "Its statistics were gathered." };
        }

        var message = VacuumOutcome.Of(report, before.DeadRows, after?.DeadRows).Message;
        if (report.NotRemovable is not > 0)
        {
            return action with { Message = message };
        }

        var holders = await XminHolders.ReadAsync(session, cancellationToken);
        var holder = holders.Oldest?.Description ?? (holders.HiddenSessions > 0 ? "a session that this role may not look at (GRANT pg_monitor)" : "somebody who has just let go");
        return action with
        {
            Message = string.Create(CultureInfo.InvariantCulture, $"{message} {report.NotRemovable:N0} cannot be removed yet because of: {holder}."),
            Recommendation = "Release what holds them back; then run it again.",
            Effect = new Dictionary<string, object?>(action.Effect) { ["Holder"] = holder },
        };
    }

    private static Dictionary<string, object?> Effect(DbAction action, VacuumReport report, TableState before, TableState? after)
    {
        var effect = new Dictionary<string, object?>(action.Effect)
        {
            ["DeadRowsAfter"] = after?.DeadRows,
            ["ChangedRowsAfter"] = after?.ChangedRows,
            ["FrozenAgeAfter"] = after?.FrozenAge,
        };
        if (action.Kind == DbActionKind.Vacuum)
        {
            var outcome = VacuumOutcome.Of(report, before.DeadRows, after?.DeadRows);
            effect["RowsRemoved"] = outcome.RowsRemoved;
            effect["RowsPrunedBefore"] = outcome.RowsPrunedBefore;
            effect["ItemIdentifiersRemoved"] = report.ItemIdentifiersRemoved;
            effect["ToastRowsRemoved"] = outcome.ToastRowsRemoved;
            effect["RowsNotRemovable"] = report.NotRemovable ?? after?.DeadRows;
            effect["PagesScanned"] = report.PagesScanned;
            effect["PagesRemoved"] = report.PagesRemoved;
            effect["PagesAfter"] = report.PagesRemaining;
            effect["WalBytes"] = report.WalBytes;
            effect[HeldBackRule.Cutoff] = report.Cutoff;
            effect[Measured] = report.Removed is null ? "Statistics" : "Server";
        }

        return effect;
    }

    private async Task<TableState?> StateAsync(DbAction action, CancellationToken cancellationToken) =>
        (await session.QueryAsync(StateSql, Map, cancellationToken, action.Oid, action.Schema, action.Name)).FirstOrDefault();

    private static TableState Map(NpgsqlDataReader row) =>
        new(row.GetString(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.IsDBNull(4) ? null : row.GetInt64(4), row.GetString(5), row.GetBoolean(6));

    private async Task<string> RoleAsync(CancellationToken cancellationToken) =>
        (await session.QueryAsync("Database/Sql/QuotedUser.sql", row => row.GetString(0), cancellationToken))[0];

    private sealed record TableState(string QuotedName, long? SizeBytes, long DeadRows, long ChangedRows, long? FrozenAge, string Owner, bool OwnerIsPowerful);
}
