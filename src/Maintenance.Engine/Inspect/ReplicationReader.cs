using Maintenance.Engine.Database;
using Maintenance.Engine.Health;
using Npgsql;

namespace Maintenance.Engine.Inspect;

/// <summary>Reads how the log is shipped and kept. A part that fails leaves its facts null and a gap that says why.</summary>
internal sealed class ReplicationReader(DatabaseSession session)
{
    private readonly List<Gap> _gaps = [];

    /// <summary>Reads everything that can be read.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<ReplicationFacts> ReadAsync(CancellationToken cancellationToken) => ReadAsync(withFolders: true, cancellationToken);

    /// <summary>Reads what heavy work must know before it begins, and while it runs: four short statements, no look into folders.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<ReplicationGuard> ReadGuardAsync(CancellationToken cancellationToken) =>
        ReplicationGuard.Of(await ReadAsync(withFolders: false, cancellationToken));

    private async Task<ReplicationFacts> ReadAsync(bool withFolders, CancellationToken cancellationToken)
    {
        _gaps.Clear();
        var (facts, seesLog, seesArchive) = (await session.QueryAsync("Inspect/Sql/ReplicationServer.sql", Server, cancellationToken))[0];
        await TryAsync("standbys", async () => facts = facts with
        {
            Standbys = await session.QueryAsync("Inspect/Sql/Standbys.sql", Standby, cancellationToken, facts.CurrentLsn),
        });
        await TryAsync("slots", async () => facts = facts with
        {
            Slots = await session.QueryAsync("Inspect/Sql/ReplicationSlots.sql", Slot, cancellationToken, facts.CurrentLsn),
        });
        await TryAsync("archiver", async () => facts = facts with
        {
            Archiver = (await session.QueryAsync("Inspect/Sql/WalArchiver.sql", Archiver, cancellationToken))[0],
        });
        if (session.IsStandby)
        {
            await TryAsync("receiver", async () => facts = facts with
            {
                Receiver = (await session.QueryAsync("Inspect/Sql/WalReceiver.sql", Receiver, cancellationToken))[0],
            });
        }

        if (withFolders && seesLog)
        {
            await TryAsync("log folder", async () => facts = facts with { WalBytes = await LongAsync("Inspect/Sql/WalDirectory.sql", cancellationToken) });
        }

        if (withFolders && seesArchive && facts.Archiver is { } archiver)
        {
            await TryAsync("archive backlog", async () => facts = facts with
            {
                Archiver = archiver with { ReadyFiles = await LongAsync("Inspect/Sql/ArchiveBacklog.sql", cancellationToken) },
            });
        }

        return facts with { Gaps = [.. _gaps] };
    }

    private (ReplicationFacts Facts, bool SeesLog, bool SeesArchive) Server(NpgsqlDataReader row) => (
        new ReplicationFacts
        {
            ServerVersion = session.ServerVersion,
            IsStandby = session.IsStandby,
            Host = session.Connection.Host ?? "",
            CurrentLsn = Text(row, 0),
            CurrentPosition = row.IsDBNull(1) ? null : row.GetDecimal(1),
            MaxSlotWalKeepBytes = Long(row, 2),
            DataDirectory = Text(row, 3),
            ProcessId = row.GetInt32(4),
            SeesOthers = row.GetBoolean(5),
            ServerTime = row.GetFieldValue<DateTimeOffset>(8),
            WaitsForStandbys = row.GetBoolean(9),
            QuotedUser = row.GetString(10),
        },
        row.GetBoolean(6),
        row.GetBoolean(7));

    private static DbStandby Standby(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(0),
        ProcessId = row.GetInt32(1),
        Role = Text(row, 2),
        Address = Text(row, 3),
        Slot = Text(row, 4),
        State = Text(row, 5),
        SyncState = Text(row, 6),
        // What was sent since the end of the log was read is not behind but ahead.
        SendLagBytes = NotNegative(row, 7),
        WriteLagBytes = NotNegative(row, 8),
        FlushLagBytes = NotNegative(row, 9),
        ReplayLagBytes = NotNegative(row, 10),
        WriteLag = Seconds(row, 11),
        FlushLag = Seconds(row, 12),
        ReplayLag = Seconds(row, 13),
        LastReplyAt = Time(row, 14),
        XminAge = Long(row, 15),
        StartedAt = Time(row, 16),
    };

    private static (DbReplicationSlot Slot, decimal? Position) Slot(NpgsqlDataReader row) => (
        new DbReplicationSlot
        {
            Name = row.GetString(0),
            Kind = row.GetBoolean(1) ? DbReplicationSlotKind.Logical : DbReplicationSlotKind.Physical,
            Plugin = Text(row, 2),
            Database = Text(row, 3),
            IsActive = row.GetBoolean(4),
            IsTemporary = row.GetBoolean(5),
            ProcessId = row.IsDBNull(6) ? null : row.GetInt32(6),
            RestartLsn = Text(row, 7),
            ConfirmedFlushLsn = Text(row, 8),
            RetainedBytes = NotNegative(row, 9),
            SafeWalBytes = Long(row, 10),
            WalStatus = Text(row, 11),
            InactiveSince = Time(row, 12),
            InvalidationReason = Text(row, 13),
            XminAge = Long(row, 14),
            CatalogXminAge = Long(row, 15),
            IsTwoPhase = Bool(row, 16),
            IsFailover = Bool(row, 17),
            IsSynced = Bool(row, 18),
        },
        row.IsDBNull(19) ? null : row.GetDecimal(19));

    private DbWalArchiver Archiver(NpgsqlDataReader row)
    {
        var (mode, archived, failed) = (row.GetString(0), Time(row, 3), Time(row, 6));
        return new DbWalArchiver
        {
            Mode = mode,
            IsFailing = ReplicationEvaluator.Archives(mode, session.IsStandby) && failed is { } last && (archived is null || last > archived),
            ArchivedCount = row.GetInt64(1),
            LastArchivedFile = Text(row, 2),
            LastArchivedAt = archived,
            FailedCount = row.GetInt64(4),
            LastFailedFile = Text(row, 5),
            LastFailedAt = failed,
            StatisticsSince = Time(row, 7),
        };
    }

    private static ReceiverFacts Receiver(NpgsqlDataReader row) => new(
        new DbWalReceiver
        {
            State = DbWalReceiverState.Unknown,
            ProcessId = row.IsDBNull(0) ? null : row.GetInt32(0),
            Sender = Text(row, 2),
            Slot = Text(row, 3),
            ReceivedLsn = Text(row, 4),
            ReplayedLsn = Text(row, 5),
            SenderLsn = Text(row, 6),
            LastMessageAt = Time(row, 7),
            LastTransactionAt = Time(row, 8),
            BacklogBytes = NotNegative(row, 9),
            IsReplayPaused = row.GetBoolean(10),
        },
        Text(row, 1),
        Bool(row, 11),
        Long(row, 12),
        row.IsDBNull(13) ? null : TimeSpan.FromMilliseconds(row.GetInt64(13)));

    private async Task<long?> LongAsync(string sqlPath, CancellationToken cancellationToken) =>
        (await session.QueryAsync(sqlPath, row => Long(row, 0), cancellationToken))[0];

    private Task TryAsync(string subject, Func<Task> read) => _gaps.TryAsync("REPL", subject, read);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Long(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static long? NotNegative(NpgsqlDataReader row, int column) => Long(row, column) is { } value ? Math.Max(0, value) : null;

    private static bool? Bool(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetBoolean(column);

    private static TimeSpan? Seconds(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : TimeSpan.FromSeconds(row.GetDouble(column));

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
