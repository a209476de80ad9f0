using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>What a server says about its log.</summary>
/// <param name="IsStandby">True for a standby, which archives only where it is told to.</param>
/// <param name="CurrentLsn">Where its log ends.</param>
/// <param name="Timeline">The timeline it writes.</param>
/// <param name="ArchiveTimeout">After how long it completes a segment that is not full; null if it never does.</param>
/// <param name="SegmentSize">Size of its segments.</param>
/// <param name="SystemIdentifier">What it has in common with its standbys and nobody else.</param>
/// <param name="Archiver">Its archiver.</param>
internal sealed record WalServer(
    bool IsStandby, string CurrentLsn, long? Timeline, TimeSpan? ArchiveTimeout, long? SegmentSize, string? SystemIdentifier, DbWalArchiver Archiver);

/// <summary>Asks a server about its log and its archiver.</summary>
/// <param name="connector">Opens sessions.</param>
internal sealed class WalServerReader(DatabaseConnector connector)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Asks the database of a target.</summary>
    /// <exception cref="MaintenanceException">What keeps it from answering.</exception>
    public async Task<WalServer> ReadAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        await using var session = await connector.OpenAsync(target, new SessionOptions("Test-BackupRecency", Patience), call, cancellationToken);
        var server = (await session.QueryAsync("Backup/Physical/Sql/WalPosition.sql", Server, cancellationToken))[0];
        var archiver = (await session.QueryAsync("Inspect/Sql/WalArchiver.sql", row => Archiver(row, server.IsStandby), cancellationToken))[0];
        return server with { Archiver = archiver };
    }

    private static WalServer Server(NpgsqlDataReader row) => new(
        row.GetBoolean(0),
        row.GetString(1),
        row.IsDBNull(2) ? null : row.GetInt64(2),
        !row.IsDBNull(3) && row.GetInt64(3) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null,
        row.IsDBNull(4) ? null : row.GetInt64(4),
        row.IsDBNull(5) ? null : row.GetString(5),
        Archiver: null!);

    private static DbWalArchiver Archiver(NpgsqlDataReader row, bool isStandby)
    {
        var (mode, archived, failed) = (row.GetString(0), Time(row, 3), Time(row, 6));
        return new DbWalArchiver
        {
            Mode = mode,
            IsFailing = Inspect.ReplicationEvaluator.Archives(mode, isStandby) && failed is { } last && (archived is null || last > archived),
            ArchivedCount = row.GetInt64(1),
            LastArchivedFile = row.IsDBNull(2) ? null : row.GetString(2),
            LastArchivedAt = archived,
            FailedCount = row.GetInt64(4),
            LastFailedFile = row.IsDBNull(5) ? null : row.GetString(5),
            LastFailedAt = failed,
            StatisticsSince = Time(row, 7),
        };
    }

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
