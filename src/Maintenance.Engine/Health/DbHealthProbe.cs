using Maintenance.Engine.Database;
using Maintenance.Engine.Thresholds;
using Npgsql;

namespace Maintenance.Engine.Health;

/// <summary>
/// Reads the facts behind <see cref="DbHealth"/>: a few short statements on one connection. A statement that fails leaves
/// its facts null and a gap that says why; the others go on.
/// </summary>
internal sealed class DbHealthProbe(DatabaseSession session)
{
    private readonly List<Gap> _gaps = [];
    private DbHealthFacts _facts = new();

    /// <summary>Reads everything that can be read.</summary>
    public async Task<DbHealthFacts> ReadAsync(CancellationToken cancellationToken)
    {
        _facts = new DbHealthFacts
        {
            Database = session.Database,
            ServerVersion = session.ServerVersion,
            IsStandby = session.IsStandby,
        };
        var seesOthers = false;
        await TryAsync("connections and size", async () => seesOthers = await ReadServerAsync(cancellationToken));
        await TryAsync("database counters", () => ReadDatabaseAsync(cancellationToken));
        await TryAsync("checkpoints", () => ReadCheckpointsAsync(cancellationToken));
        await TryAsync("activity", () => ReadActivityAsync(seesOthers, cancellationToken));
        await TryAsync("invalid objects", () => ReadInvalidObjectsAsync(cancellationToken));
        await TryAsync("sequences", () => ReadSequencesAsync(cancellationToken));
        await TryAsync("statement statistics", () => ReadStatementsAsync(cancellationToken));
        return _facts with { Gaps = [.. _gaps] };
    }

    private async Task<bool> ReadServerAsync(CancellationToken cancellationToken)
    {
        var (started, size, connections, limit, seesOthers, now) = (await session.QueryAsync(
            "Health/Sql/Server.sql",
            row => (row.GetFieldValue<DateTimeOffset>(0), Long(row, 1), row.GetInt32(2), row.GetInt32(3), row.GetBoolean(4), row.GetFieldValue<DateTimeOffset>(5)),
            cancellationToken))[0];
        _facts = _facts with
        {
            Uptime = now - started,
            ServerTime = now,
            SizeBytes = size,
            Connections = connections,
            ConnectionLimit = limit,
        };
        return seesOthers;
    }

    private async Task ReadDatabaseAsync(CancellationToken cancellationToken)
    {
        _facts = (await session.QueryAsync(
            "Health/Sql/Database.sql",
            row => _facts with
            {
                BlocksHit = Long(row, 0),
                BlocksRead = Long(row, 1),
                Deadlocks = Long(row, 2),
                TempFiles = Long(row, 3),
                TempBytes = Long(row, 4),
                StatisticsSince = row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5),
                ChecksumFailures = Long(row, 6),
            },
            cancellationToken))[0];
    }

    private async Task ReadCheckpointsAsync(CancellationToken cancellationToken)
    {
        _facts = (await session.QueryAsync(
            session.MajorVersion >= 17 ? "Health/Sql/Checkpoints.17.sql" : "Health/Sql/Checkpoints.13.sql",
            row => _facts with { TimedCheckpoints = Long(row, 0), RequestedCheckpoints = Long(row, 1) },
            cancellationToken))[0];
    }

    private async Task ReadActivityAsync(bool seesOthers, CancellationToken cancellationToken)
    {
        var (blocked, oldest) = (await session.QueryAsync(
            "Health/Sql/Activity.sql",
            row => (row.GetInt32(0), row.IsDBNull(1) ? 0 : row.GetDouble(1)),
            cancellationToken))[0];
        _facts = _facts with { BlockedSessions = blocked, OldestTransactionSeconds = seesOthers ? oldest : null };
        if (!seesOthers)
        {
            _gaps.Add(new Gap(
                "DB-ACTIVITY-NOT-PERMITTED",
                "oldest transaction",
                FindingOutcome.NotPermitted,
                "The role may not see other roles' transactions, so the oldest open transaction is unknown.",
                $"Run as an administrator: GRANT pg_monitor TO {await QuotedUserAsync(cancellationToken)};"));
        }
    }

    private async Task ReadInvalidObjectsAsync(CancellationToken cancellationToken)
    {
        _facts = _facts with
        {
            InvalidObjects = await session.QueryAsync(
                "Health/Sql/InvalidObjects.sql",
                row => new InvalidObject(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3)),
                cancellationToken),
        };
    }

    private async Task ReadSequencesAsync(CancellationToken cancellationToken)
    {
        var (unreadable, name, percent) = (await session.QueryAsync(
            "Health/Sql/Sequences.sql",
            row => (row.GetInt32(0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? 0 : row.GetDouble(2)),
            cancellationToken))[0];
        if (unreadable > 0)
        {
            // A fullest sequence of those we may read says nothing about the others, unless it is bad enough by itself.
            _gaps.Add(new Gap(
                "DB-SEQUENCES-NOT-PERMITTED",
                "sequences",
                FindingOutcome.NotPermitted,
                $"The role may not read {unreadable} sequence(s), so how near they are to their end is unknown.",
                $"Run as an administrator, for each schema: GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {await QuotedUserAsync(cancellationToken)};"));
        }

        _facts = _facts with { FullestSequence = name, SequenceUsagePercent = unreadable > 0 && name is null ? null : percent };
    }

    private async Task ReadStatementsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StatementsExtension.RequireAsync(session, "The extension pg_stat_statements is not installed in this database, so query times are unknown.", cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.ExtensionMissing)
        {
            _gaps.Add(new Gap("DB-STATEMENTS-MISSING", "pg_stat_statements", FindingOutcome.Unknown, exception.Message, exception.Recommendation));
            return;
        }

        _facts = (await session.QueryAsync(
            "Health/Sql/Statements.sql",
            row => _facts with { AverageQueryMilliseconds = row.IsDBNull(0) ? null : row.GetDouble(0), SlowQueryCount = row.GetInt64(1) },
            cancellationToken,
            ThresholdCatalogue.SlowQuery.TotalMilliseconds))[0];
    }

    // The server quotes the name, so that the GRANT can be run as it is shown.
    private async Task<string> QuotedUserAsync(CancellationToken cancellationToken) =>
        (await session.QueryAsync("Database/Sql/QuotedUser.sql", row => row.GetString(0), cancellationToken))[0];

    private Task TryAsync(string subject, Func<Task> read) => _gaps.TryAsync("DB", subject, read);

    private static long? Long(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}
