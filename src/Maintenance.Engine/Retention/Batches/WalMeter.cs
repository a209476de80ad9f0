using Maintenance.Engine.Database;

namespace Maintenance.Engine.Retention;

/// <summary>WAL that was written: by our session from PostgreSQL 18 on; before, by the whole server meanwhile.</summary>
internal sealed class WalMeter
{
    private readonly DatabaseSession _session;
    private readonly long? _before;

    private WalMeter(DatabaseSession session, long? before) => (_session, _before) = (session, before);

    /// <summary>Starts to measure.</summary>
    public static async Task<WalMeter> StartAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        new(session, await ReadAsync(session, cancellationToken));

    /// <summary>Bytes since then; null if the server does not say.</summary>
    public async Task<long?> MeasureAsync(CancellationToken cancellationToken) => await ReadAsync(_session, cancellationToken) - _before;

    private static async Task<long?> ReadAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        if (session.MajorVersion < 18)
        {
            return (await session.QueryAsync("Maintain/Sql/WalPosition.sql", row => row.GetInt64(0), cancellationToken))[0];
        }

        await session.ExecuteAsync("Retention/Sql/FlushStatistics.sql", cancellationToken);
        return (await session.QueryAsync("Retention/Sql/BackendWal.18.sql", row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0), cancellationToken)).FirstOrDefault();
    }
}
