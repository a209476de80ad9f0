using System.Runtime.CompilerServices;
using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Maintain;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>Rows past their age: planned with exact counts, confirmed by whoever calls, and then taken, each exactly once.</summary>
public sealed class RetentionService
{
    /// <summary>What we are called in pg_stat_activity and in the advisory lock.</summary>
    internal const string Task = "Invoke-DbRetention";

    private static readonly TimeSpan PlanningTimeout = TimeSpan.FromMinutes(10);

    private readonly DatabaseConnector _connector;
    private readonly ActionHistory _history;
    private readonly ArchiveStores _stores = new();
    private readonly TimeProvider _time;

    internal RetentionService(DatabaseConnector connector, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _history = new ActionHistory(history, time);
        _time = time;
    }

    /// <summary>Called between the steps of the work; tests break it there.</summary>
    internal FaultPointReached Reached { get; set; } = _ => ValueTask.CompletedTask;

    /// <summary>Says what would be done. Changes nothing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>One result for each policy, in the order in which they run: Planned, Skipped where nothing is due, Failed where a check says no.</returns>
    /// <exception cref="MaintenanceException">NotConfigured without any policy, DatabaseReadOnly on a standby, or what the server reports.</exception>
    public async Task<IReadOnlyList<RetentionResult>> PlanAsync(MaintenanceTarget target, RetentionOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        var policies = options.Policies.Count > 0 ? options.Policies : target.Retention;
        if (policies.Count == 0)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.NotConfigured,
                $"The target '{target.Name}' has no retention policy.",
                "Add \"retention\" to the target in maintenance.json, or give policies with -Policy.");
        }

        var remembering = _history.ReadAsync(target, call, cancellationToken);
        await using var session = await OpenAsync(target, call, PlanningTimeout, cancellationToken);
        var past = await remembering;
        var results = new List<RetentionResult>();
        foreach (var policy in policies.OrderBy(policy => policy.Order))
        {
            if (await PlanOneAsync(session, target, policy, options, past, cancellationToken) is { } planned)
            {
                results.Add(planned);
            }
        }

        if (results.Count == 0 && !options.Resume)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.ObjectNotFound,
                $"No retention policy is for {string.Join(" or ", options.Tables)}.",
                $"The policies are for: {string.Join(", ", policies.Select(policy => policy.Table))}.");
        }

        return results;
    }

    /// <summary>Carries out what was planned. What is not Planned is passed through, and recorded.</summary>
    /// <param name="target">The target.</param>
    /// <param name="planned">What was planned and confirmed.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Cancels on the server too; what was done is recorded.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, PoolerNotSupported, UnsafeNow, or what the server reports before the first row.</exception>
    public async IAsyncEnumerable<RetentionResult> ExecuteAsync(
        MaintenanceTarget target, IReadOnlyList<RetentionResult> planned, RetentionOptions options, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var held = await AdvisoryLock.AcquireAsync(_connector, target, Task, call, cancellationToken);
        await foreach (var result in held.GuardAsync(token => ExecuteAsync(held, target, planned, options, call, token), cancellationToken))
        {
            yield return result;
        }
    }

    /// <summary>The same for a caller who holds the lock of this work.</summary>
    internal IAsyncEnumerable<RetentionResult> ExecuteAsync(
        AdvisoryLock held, MaintenanceTarget target, IReadOnlyList<RetentionResult> planned, RetentionOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(held);
        return new RetentionRun(_connector, _history, _time, target, options, call, _stores, Reached).RunAsync(planned, cancellationToken);
    }

    /// <summary>Forgets the secrets of a target's archive store.</summary>
    internal void Close(MaintenanceTarget target) => _stores.Close(target);

    /// <summary>Opens a session in which rows are never hidden, and values have one form as text.</summary>
    internal static async Task<DatabaseSession> OpenAsync(
        DatabaseConnector connector, MaintenanceTarget target, CallContext call, TimeSpan? statementTimeout, CancellationToken cancellationToken)
    {
        var session = await connector.OpenAsync(target, new SessionOptions(Task, statementTimeout), call, cancellationToken);
        try
        {
            await session.ExecuteAsync("Retention/Sql/Session.sql", cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private async Task<DatabaseSession> OpenAsync(MaintenanceTarget target, CallContext call, TimeSpan statementTimeout, CancellationToken cancellationToken)
    {
        var session = await OpenAsync(_connector, target, call, statementTimeout, cancellationToken);
        if (!session.IsStandby)
        {
            return session;
        }

        await session.DisposeAsync();
        throw new MaintenanceException(
            MaintenanceErrorCode.DatabaseReadOnly, $"The server of '{target.Name}' is a standby, which cannot be maintained by itself.", "Connect to the primary server.");
    }

    private async Task<RetentionResult?> PlanOneAsync(
        DatabaseSession session, MaintenanceTarget target, RetentionPolicy policy, RetentionOptions options, PastActions past, CancellationToken cancellationToken)
    {
        PolicyFacts? facts = null;
        try
        {
            if (RetentionRules.Check(policy, target.ArchiveStore is not null).FirstOrDefault() is { } mistake)
            {
                throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"The policy for {policy.Table} cannot be used, because of its {mistake.Setting}. {mistake.Message}", "Correct the policy.");
            }

            facts = await PolicyProbe.ReadAsync(session, policy, cancellationToken);
            if (!IsWanted(facts, options))
            {
                return null;
            }

            var judgement = PolicyJudge.Decide(policy, facts, options.Force);
            if (judgement.Refusal is { } refusal)
            {
                throw refusal;
            }

            var (kind, zone) = (facts.Time!.Kind!.Value, TimeZoneInfo.FindSystemTimeZoneById(policy.TimeZone));
            var cutOff = CutOff.Of(facts.ServerTime, policy.Age, kind, zone);
            var statements = new RetentionStatements(policy, facts, options.Verify);
            await CheckHoldAsync(session, policy, statements, cancellationToken);
            var partitions = await PartitionProbe.PlanAsync(session, policy, facts, cutOff, statements, options, cancellationToken);
            if (partitions.Unripe is { } unripe)
            {
                cutOff = CutOff.At(unripe.BeginMicroseconds, kind, zone);
            }

            var counts = await CountAsync(session, statements, cutOff, cancellationToken);
            var planned = RetentionPlanner.Plan(
                target.Name, policy, facts, cutOff, counts, statements, DestinationOf(policy, facts), [.. judgement.Notes, .. await PartitionProbe.UnfinishedAsync(session, facts, cancellationToken)], past, _time.GetUtcNow(), partitions);
            return options.Resume && !RetentionActions.IsPutOff(past, policy, planned) ? null : planned;
        }
        catch (MaintenanceException exception) when (exception.Code is not MaintenanceErrorCode.DatabaseUnreachable)
        {
            return RetentionPlanner.Refuse(target.Name, session.Database, policy, facts, exception, _time.GetUtcNow());
        }
    }

    // Whether it means anything, and a yes or no, the server says; and it should be told of the hold, not of the statement around it.
    private static async Task CheckHoldAsync(DatabaseSession session, RetentionPolicy policy, RetentionStatements statements, CancellationToken cancellationToken)
    {
        if (policy.LegalHold is null)
        {
            return;
        }

        try
        {
            await session.RunAsync(
                statements.TryHold,
                _ => "it can be used",
                async (connection, token) =>
                {
                    await using var command = new NpgsqlCommand(SqlText.Marked(statements.TryHold), connection);
                    return await command.ExecuteNonQueryAsync(token);
                },
                cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Code is MaintenanceErrorCode.DatabaseError or MaintenanceErrorCode.ObjectNotFound or MaintenanceErrorCode.PermissionDenied)
        {
            throw new MaintenanceException(
                exception.Code == MaintenanceErrorCode.PermissionDenied ? exception.Code : MaintenanceErrorCode.MappingInvalid,
                $"The legal hold of {statements.Table} cannot be used. {exception.Message}",
                "Correct \"legalHold\": a condition on the table's columns, other tables with their schema.",
                exception.Detail);
        }
    }

    private static string? DestinationOf(RetentionPolicy policy, PolicyFacts facts) => policy.Action switch
    {
        RetentionAction.ArchiveToTable => $"{facts.Archive!.Schema}.{facts.Archive.Name}",
        RetentionAction.ArchiveToBlob => policy.Destination ?? ArchiveNames.FolderOf(facts.Table.Schema, facts.Table.Name),
        _ => null,
    };

    private static bool IsWanted(PolicyFacts facts, RetentionOptions options) =>
        options.Tables.Count == 0
        || options.Tables.Any(reference => reference.Oid is { } oid
            ? oid == facts.Table.Oid
            : reference.Name == facts.Table.Name && (reference.Schema is null || reference.Schema == facts.Table.Schema));

    private static Task<RetentionCounts> CountAsync(DatabaseSession session, RetentionStatements statements, CutOff cutOff, CancellationToken cancellationToken) => session.RunAsync(
        statements.Count,
        _ => "counted",
        async (connection, token) =>
        {
            long due, held;
            DateTimeOffset? oldest;
            await using (var command = new NpgsqlCommand(SqlText.Marked(statements.Count), connection))
            {
                command.Parameters.Add(new() { Value = cutOff.Value });
                await using var reader = await command.ExecuteReaderAsync(token);
                await reader.ReadAsync(token);
                (due, held) = (reader.GetInt64(0), reader.GetInt64(1));
                oldest = reader.IsDBNull(3) ? null : FromMicroseconds(reader.GetInt64(3));
            }

            await using var without = new NpgsqlCommand(SqlText.Marked(statements.CountWithoutAge), connection);
            return new RetentionCounts(due, held, (long)(await without.ExecuteScalarAsync(token))!, oldest);
        },
        cancellationToken);

    // PostgreSQL knows times that .NET does not.
    private static DateTimeOffset? FromMicroseconds(long microseconds)
    {
        try
        {
            return DateTimeOffset.UnixEpoch.AddTicks(checked(microseconds * TimeSpan.TicksPerMicrosecond));
        }
        catch (Exception exception) when (exception is OverflowException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
