using System.Data.Common;
using System.Runtime.CompilerServices;
using Maintenance.Engine.Alerts;
using Maintenance.Engine.Database;
using Maintenance.Engine.Notify;

namespace Maintenance.Engine.History;

/// <summary>What both stores do alike: which statements there are, how runs are read page by page, what a row means.</summary>
internal abstract class HistoryStore : IHistoryStore
{
    // Small enough to show the first runs at once and to hold no lock for long, large enough to make round trips few.
    private const int PageSize = 50;

    /// <inheritdoc/>
    public abstract string Place { get; }

    /// <summary>Folder of the SQL texts: sqlite or postgres.</summary>
    protected abstract string Dialect { get; }

    /// <inheritdoc/>
    public Task RecordAsync(MaintenanceRun run, CancellationToken cancellationToken) => WriteAsync(HistoryStatement.Record(run), cancellationToken);

    /// <inheritdoc/>
    public Task RecordAsync(IReadOnlyList<MaintenanceRun> runs, CancellationToken cancellationToken) =>
        WriteAsync([.. runs.SelectMany(HistoryStatement.Record)], cancellationToken);

    /// <inheritdoc/>
    public Task RecordAsync(Snapshot snapshot, DateTimeOffset earliest, CancellationToken cancellationToken) =>
        WriteAsync(HistoryStatement.Record(snapshot, earliest), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<MaintenanceRun> ReadAsync(
        HistoryQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await RunAsync(OpenExistingAsync, cancellationToken);
        var left = connection is null ? 0 : query.First ?? int.MaxValue;
        // No id comes before the empty one, so this is: began before Until.
        var (before, beforeId) = (query.Until ?? DateTimeOffset.MaxValue, Guid.Empty);
        while (left > 0)
        {
            var size = Math.Min(left, PageSize);
            var statement = HistoryStatement.Page(query, before, beforeId, size);
            var page = await RunAsync(token => ReadPageAsync(connection!, statement, token), cancellationToken);
            foreach (var run in page)
            {
                yield return run;
                (before, beforeId) = (run.StartedAt, run.Id);
            }

            left = page.Count < size ? 0 : left - size;
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunTime>> ReadRunTimesAsync(string target, DateTimeOffset since, int count, CancellationToken cancellationToken) => SelectAsync(
        new HistoryStatement("ReadRunTimes", StorableText.Of(target), since, count),
        row => new RunTime(row.GetString(0), Time(row, 1), Duration(row, 2), Word(row, 3, HealthStatus.Unknown), row.GetString(4), row.GetBoolean(5)),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> ReadFirstRunAsync(string target, CancellationToken cancellationToken) =>
        (await SelectAsync(new HistoryStatement("ReadFirstRun", StorableText.Of(target)), row => Time(row, 0), cancellationToken)) is [var first] ? first : null;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Metric>> ReadMetricsAsync(
        string target, string name, DateTimeOffset since, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<Metric>>(
            async token =>
            {
                await using var connection = await OpenExistingAsync(token);
                return connection is null
                    ? []
                    : await RowsAsync(connection, new HistoryStatement("ReadSeries", target, name, since), ToMetric, token);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DateTimeOffset>> ReadSnapshotTimesAsync(
        string target, string kind, DateTimeOffset since, CancellationToken cancellationToken) =>
        SelectAsync(new HistoryStatement("ReadSnapshotTimes", target, kind, since), row => Time(row, 0), cancellationToken);

    /// <inheritdoc/>
    public async Task<Snapshot?> ReadSnapshotAsync(string target, string kind, DateTimeOffset takenAt, CancellationToken cancellationToken) =>
        (await SelectAsync(
            new HistoryStatement("ReadSnapshot", target, kind, takenAt),
            row => new Snapshot
            {
                Target = target,
                Kind = kind,
                TakenAt = Time(row, 0),
                ResetAt = row.IsDBNull(1) ? null : Time(row, 1),
                Values = HistoryJson.ReadNumbers(row.GetString(2)),
            },
            cancellationToken)).SingleOrDefault();

    /// <inheritdoc/>
    public Task RecordAsync(IReadOnlyList<DbAction> actions, DateTimeOffset earliest, CancellationToken cancellationToken) =>
        WriteAsync(HistoryStatement.Record(actions, earliest), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DbAction>> ReadActionsAsync(string target, DateTimeOffset since, int count, CancellationToken cancellationToken) =>
        [.. WithoutSuperseded(await SelectAsync(new HistoryStatement("ReadActions", target, since, count), ToAction, cancellationToken))];

    /// <inheritdoc/>
    public Task AddToOutboxAsync(string target, OutboxEntry entry, DateTimeOffset lease, DateTimeOffset earliest, CancellationToken cancellationToken) =>
        WriteAsync(OutboxRows.Add(target, entry, lease, earliest), cancellationToken);

    /// <inheritdoc/>
    public async Task<OutboxEntry?> ClaimFromOutboxAsync(string target, DateTimeOffset now, DateTimeOffset lease, CancellationToken cancellationToken) =>
        (await SelectAsync(new HistoryStatement("ClaimOutbox", target, now, lease), row => OutboxRows.Read(row, column => Time(row, column)), cancellationToken)).SingleOrDefault();

    /// <inheritdoc/>
    public Task SettleOutboxAsync(
        Guid key, NotificationState state, DateTimeOffset nextAttempt, int? statusCode, DateTimeOffset now, CancellationToken cancellationToken) =>
        WriteAsync([new HistoryStatement("SettleOutbox", key, state.ToString(), nextAttempt, statusCode, now)], cancellationToken);

    /// <inheritdoc/>
    public Task HurryOutboxAsync(string target, string channel, DateTimeOffset now, CancellationToken cancellationToken) =>
        WriteAsync([new HistoryStatement("HurryOutbox", StorableText.Of(target), StorableText.Of(channel), now)], cancellationToken);

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> ReadOutboxBeforeAsync(string target, OutboxEntry entry, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await SelectAsync(
            new HistoryStatement("ReadOutboxBefore", StorableText.Of(target), StorableText.Of(entry.Message.Channel), entry.CreatedAt, entry.Key, now),
            row => Time(row, 0),
            cancellationToken)) is [var next] ? next : null;

    /// <inheritdoc/>
    public Task<IReadOnlyList<(OutboxEntry Entry, DateTimeOffset NextAttempt)>> ReadOutboxAsync(string target, CancellationToken cancellationToken) =>
        SelectAsync(new HistoryStatement("ReadOutbox", target), row => (OutboxRows.Read(row, column => Time(row, column)), Time(row, 4)), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Guid>> ReadRefusedAsync(string target, CancellationToken cancellationToken) =>
        SelectAsync(new HistoryStatement("ReadRefused", StorableText.Of(target)), row => row.GetGuid(0), cancellationToken);

    /// <inheritdoc/>
    public Task RecordAsync(VerificationEntry entry, DateTimeOffset earliest, CancellationToken cancellationToken) =>
        WriteAsync(VerificationRows.Record(entry, earliest), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<VerificationEntry>> ReadVerificationsAsync(string target, string store, string name, CancellationToken cancellationToken) =>
        ReadVerificationsAsync(target, VerificationRows.Of(target, store, name), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<VerificationEntry>> ReadVerificationsAsync(string target, CancellationToken cancellationToken) =>
        ReadVerificationsAsync(target, VerificationRows.Of(target), cancellationToken);

    /// <inheritdoc/>
    public Task RecordAsync(string target, IReadOnlyList<LedgerEntry> entries, DateTimeOffset earliest, CancellationToken cancellationToken) =>
        WriteAsync(LedgerRows.Record(target, entries, earliest), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LedgerEntry>> ReadLedgerAsync(string target, DateTimeOffset fixedSince, CancellationToken cancellationToken) =>
        SelectAsync(
            LedgerRows.Of(target, fixedSince),
            row => LedgerRows.Read(target, row.GetString(0), Time(row, 1), Time(row, 2), row.IsDBNull(3) ? null : Time(row, 3)),
            cancellationToken);

    /// <inheritdoc/>
    public Task RecordAsync(Sample sample, CancellationToken cancellationToken) => WriteAsync([SampleRows.Write(sample)], cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Sample>> ReadSamplesAsync(
        string target, string kind, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken) =>
        [.. (await SelectAsync(
            SampleRows.Of(target, kind, since, until),
            row => SampleRows.Read(target, kind, row, column => Time(row, column), column => Duration(row, column)),
            cancellationToken)).OfType<Sample>()];

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> ReadEarliestSampleAsync(string target, string kind, SampleResolution resolution, CancellationToken cancellationToken) =>
        (await SelectAsync(SampleRows.Earliest(target, kind, resolution), row => Time(row, 0), cancellationToken)) is [var first, ..] ? first : null;

    /// <inheritdoc/>
    public Task ReplaceSamplesAsync(
        string target, string kind, SampleResolution resolution, DateTimeOffset since, DateTimeOffset until, IReadOnlyList<Sample> samples, CancellationToken cancellationToken) =>
        WriteAsync([SampleRows.Delete(target, kind, resolution, since, until), .. samples.Select(SampleRows.Write)], cancellationToken);

    /// <inheritdoc/>
    public Task RecordBaselinesAsync(string target, IReadOnlyList<PerformanceBaseline> baselines, DateTimeOffset earliest, CancellationToken cancellationToken) =>
        WriteAsync(BaselineRows.Record(target, baselines, earliest), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PerformanceBaseline>> ReadBaselinesAsync(string target, DateTimeOffset since, CancellationToken cancellationToken) =>
        [.. (await SelectAsync(new HistoryStatement("ReadBaselines", StorableText.Of(target), since), BaselineRows.Read, cancellationToken)).OfType<PerformanceBaseline>()];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AlertMemory>> ReadAlertsAsync(string target, CancellationToken cancellationToken) =>
        [.. (await SelectAsync(new HistoryStatement("ReadAlertStates", StorableText.Of(target)), AlertRows.Read, cancellationToken)).OfType<AlertMemory>()];

    /// <inheritdoc/>
    public Task RecordAsync(AlertRecord record, DateTimeOffset lease, DateTimeOffset earliestMessage, CancellationToken cancellationToken) =>
        WriteAsync(AlertRows.Record(record, lease, earliestMessage), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AlertTransition>> ReadTransitionsAsync(string target, DateTimeOffset since, CancellationToken cancellationToken) =>
        SelectRecordsAsync<AlertTransition>(new HistoryStatement("ReadAlerts", StorableText.Of(target), since), cancellationToken);

    /// <inheritdoc/>
    public Task RecordAsync(AlertSilence silence, DateTimeOffset now, CancellationToken cancellationToken) => WriteAsync(AlertRows.Record(silence, now), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AlertSilence>> ReadSilencesAsync(string target, DateTimeOffset now, CancellationToken cancellationToken) =>
        SelectRecordsAsync<AlertSilence>(new HistoryStatement("ReadSilences", StorableText.Of(target), now), cancellationToken);

    /// <inheritdoc/>
    public Task RecordAsync(SystemRepair repair, CancellationToken cancellationToken) => WriteAsync(AlertRows.Record(repair), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SystemRepair>> ReadRepairsAsync(string target, DateTimeOffset since, CancellationToken cancellationToken) =>
        SelectRecordsAsync<SystemRepair>(new HistoryStatement("ReadRepairs", StorableText.Of(target), since), cancellationToken);

    /// <summary>Runs statements in one transaction; makes the history, or brings it up to date, where that is needed.</summary>
    protected abstract Task WriteAsync(IReadOnlyList<HistoryStatement> statements, CancellationToken cancellationToken);

    /// <summary>Does a piece of work with the patience the database deserves; what the driver throws comes out translated.</summary>
    protected abstract Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Opens the history in its newest version, or null if there is none. Reading makes none.</summary>
    protected abstract Task<DbConnection?> OpenExistingAsync(CancellationToken cancellationToken);

    /// <summary>Begins to look at one state of the database, without keeping anybody from writing.</summary>
    protected abstract Task<DbTransaction> BeginReadingAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>A value as this database's driver wants it.</summary>
    protected abstract DbParameter Parameter(int number, object? value);

    protected abstract DateTimeOffset Time(DbDataReader row, int column);

    protected abstract TimeSpan Duration(DbDataReader row, int column);

    protected string Text(string name) => SqlText.ReadMarked($"History/Sql/{Dialect}/{name}.sql");

    protected void Bind(DbParameterCollection parameters, HistoryStatement statement)
    {
        for (var i = 0; i < statement.Values.Length; i++)
        {
            parameters.Add(Parameter(i + 1, statement.Values[i]));
        }
    }

    private Task<IReadOnlyList<T>> SelectAsync<T>(HistoryStatement statement, Func<DbDataReader, T> map, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<T>>(
            async token =>
            {
                await using var connection = await OpenExistingAsync(token);
                return connection is null ? [] : await RowsAsync(connection, statement, map, token);
            },
            cancellationToken);

    private async Task<IReadOnlyList<T>> SelectRecordsAsync<T>(HistoryStatement statement, CancellationToken cancellationToken)
        where T : class =>
        [.. (await SelectAsync(statement, row => JsonRows.Read<T>(row), cancellationToken)).OfType<T>()];

    private async Task<IReadOnlyList<VerificationEntry>> ReadVerificationsAsync(string target, HistoryStatement statement, CancellationToken cancellationToken) =>
        [.. (await SelectAsync(statement, row => VerificationRows.Read(target, row), cancellationToken)).OfType<VerificationEntry>()];

    // What is recorded when a rebuild begins, in case nobody lives to record its end, is superseded by its end.
    private static IEnumerable<DbAction> WithoutSuperseded(IEnumerable<DbAction> newestFirst) =>
        newestFirst.DistinctBy(action => (action.Kind, action.Database, action.Schema, action.Name, action.StartedAt));

    private async Task<List<MaintenanceRun>> ReadPageAsync(
        DbConnection connection, HistoryStatement statement, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginReadingAsync(connection, cancellationToken);
        var runs = await RowsAsync(connection, statement, ToRun, cancellationToken);
        var ids = runs.Select(run => run.Id).ToArray();
        var steps = await PartsAsync(connection, "ReadSteps", ids, ToStep, cancellationToken);
        var metrics = await PartsAsync(connection, "ReadMetrics", ids, ToMetric, cancellationToken);
        var findings = await PartsAsync(connection, "ReadFindings", ids, ToFinding, cancellationToken);
        var actions = await PartsAsync(connection, "ReadRunActions", ids, ToAction, cancellationToken);
        return
        [
            .. runs.Select(run => run with
            {
                Steps = [.. steps[run.Id]],
                Metrics = [.. metrics[run.Id]],
                Findings = [.. findings[run.Id]],
                Actions = [.. WithoutSuperseded(actions[run.Id].Reverse()).Reverse()],
            }),
        ];
    }

    private async Task<ILookup<Guid, T>> PartsAsync<T>(
        DbConnection connection, string name, Guid[] ids, Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
        var rows = await RowsAsync(
            connection, new HistoryStatement(name, ids), row => (Run: row.GetGuid(0), Part: map(row)), cancellationToken);
        return rows.ToLookup(row => row.Run, row => row.Part);
    }

    private async Task<List<T>> RowsAsync<T>(
        DbConnection connection, HistoryStatement statement, Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Text(statement.Name);
        Bind(command.Parameters, statement);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    private MaintenanceRun ToRun(DbDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Task = row.GetString(1),
        Target = row.GetString(2),
        Status = Word(row, 3, HealthStatus.Unknown),
        Message = row.GetString(4),
        StartedAt = Time(row, 5),
        Duration = Duration(row, 6),
        Machine = Optional(row, 7),
        ModuleVersion = Optional(row, 8),
        Artifacts = HistoryJson.ReadArtifacts(row.GetString(9)),
    };

    private MaintenanceStep ToStep(DbDataReader row) => new()
    {
        Name = row.GetString(1),
        State = Word(row, 2, StepState.Failed),
        Status = Word(row, 3, HealthStatus.Unknown),
        Message = row.GetString(4),
        Error = row.IsDBNull(5) ? null : Word(row, 5, MaintenanceErrorCode.Unexpected),
        Recommendation = Optional(row, 6),
        StartedAt = Time(row, 7),
        Duration = Duration(row, 8),
    };

    private Metric ToMetric(DbDataReader row) => new()
    {
        Target = row.GetString(1),
        Name = row.GetString(2),
        Value = row.IsDBNull(3) ? null : row.GetDouble(3),
        Unit = Word(row, 4, MetricUnit.None),
        Status = Word(row, 5, HealthStatus.Unknown),
        Reason = Optional(row, 6),
        Labels = HistoryJson.ReadLabels(row.GetString(7)),
        ObservedAt = Time(row, 8),
    };

    private Finding ToFinding(DbDataReader row) => FindingDetails.Read(new Finding
    {
        Id = row.GetString(1),
        Area = row.GetString(2),
        Severity = Word(row, 3, FindingSeverity.High),
        Outcome = Word(row, 4, FindingOutcome.Unknown),
        Subject = Optional(row, 5),
        Message = row.GetString(6),
        Evidence = HistoryJson.ReadDictionary(row.GetString(7)),
        Recommendation = Optional(row, 8),
        Remedy = row.IsDBNull(9)
            ? null
            : new Remedy { Kind = row.GetString(9), Command = row.GetString(10), Rollback = Optional(row, 11) },
        Target = row.GetString(12),
        CollectedAt = Time(row, 13),
    }, row.GetString(14));

    private DbAction ToAction(DbDataReader row) => new()
    {
        RunId = row.IsDBNull(0) ? null : row.GetGuid(0),
        Target = row.GetString(1),
        Database = row.GetString(2),
        Kind = Word(row, 3, DbActionKind.Vacuum),
        Schema = row.GetString(4),
        Name = row.GetString(5),
        Oid = row.GetInt64(6),
        Table = Optional(row, 7),
        Sql = row.GetString(8),
        Lock = row.GetString(9),
        State = Word(row, 10, StepState.Failed),
        Message = row.GetString(11),
        Error = row.IsDBNull(12) ? null : Word(row, 12, MaintenanceErrorCode.Unexpected),
        Recommendation = Optional(row, 13),
        Attempts = row.GetInt32(14),
        SizeBytes = row.IsDBNull(15) ? null : row.GetInt64(15),
        SizeBytesAfter = row.IsDBNull(16) ? null : row.GetInt64(16),
        PredictedDuration = row.IsDBNull(17) ? null : Duration(row, 17),
        PredictedFrom = Optional(row, 18),
        StartedAt = Time(row, 19),
        Duration = row.IsDBNull(20) ? null : Duration(row, 20),
        Effect = HistoryJson.ReadDictionary(row.GetString(21)),
    };

    private static string? Optional(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    // A newer version may have written a word that this one does not know: the cautious one stands for it.
    private static T Word<T>(DbDataReader row, int column, T otherwise)
        where T : struct, Enum =>
        Enum.TryParse<T>(row.GetString(column), out var word) && Enum.IsDefined(word) ? word : otherwise;
}
