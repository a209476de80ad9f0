using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>Measures relations with the server's own extensions, many in one statement. One that fails costs its own measurement alone.</summary>
internal sealed class BloatMeter(DatabaseSession session, IMaintenanceSink sink)
{
    /// <summary>So many in one statement: few round trips, and progress all the same.</summary>
    private const int Batch = 32;

    private readonly Dictionary<long, MaintenanceException> _failures = [];
    private bool _knowsTails;

    /// <summary>Why a relation could not be measured.</summary>
    public IReadOnlyDictionary<long, MaintenanceException> Failures => _failures;

    /// <summary>Finds the extensions. False if pgstattuple is missing.</summary>
    public async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        var (measures, tails) = (await session.QueryAsync("Inspect/Sql/BloatExtensions.sql", row => (row.GetBoolean(1), row.GetBoolean(2)), cancellationToken))[0];
        _knowsTails = tails;
        return measures;
    }

    /// <summary>Measures tables, materialized views and TOAST tables.</summary>
    /// <param name="oids">The relations.</param>
    /// <param name="everyPage">True to read every page.</param>
    /// <param name="cancellationToken">Cancels the statement on the server.</param>
    public async Task<Dictionary<long, TableMeasurement>> TablesAsync(IReadOnlyList<long> oids, bool everyPage, CancellationToken cancellationToken)
    {
        var measured = await EachAsync(everyPage ? "Inspect/Sql/BloatReadTables.sql" : "Inspect/Sql/BloatMeasureTables.sql", oids, Table, "tables", cancellationToken);
        if (_knowsTails)
        {
            var known = new HashSet<long>(_failures.Keys);
            var ends = await EachAsync("Inspect/Sql/BloatTail.sql", [.. measured.Keys], row => row.GetInt64(1), "ends of tables", cancellationToken);
            foreach (var (oid, pages) in ends)
            {
                measured[oid] = measured[oid] with { LastUsedPage = pages };
            }

            // Not knowing the end of a table does not spoil what was measured of it.
            foreach (var oid in _failures.Keys.Except(known).ToList())
            {
                _failures.Remove(oid);
            }
        }

        return measured;
    }

    /// <summary>Measures b-trees.</summary>
    public Task<Dictionary<long, IndexMeasurement>> IndexesAsync(IReadOnlyList<long> oids, CancellationToken cancellationToken) =>
        EachAsync("Inspect/Sql/BloatReadIndexes.sql", oids, Index, "indexes", cancellationToken);

    private async Task<Dictionary<long, T>> EachAsync<T>(string sql, IReadOnlyList<long> oids, Func<NpgsqlDataReader, T> map, string what, CancellationToken cancellationToken)
    {
        var measured = new Dictionary<long, T>();
        async Task Take(long[] some)
        {
            foreach (var (oid, value) in await session.QueryAsync(sql, row => (row.GetInt64(0), map(row)), cancellationToken, some))
            {
                measured[oid] = value;
            }
        }

        var done = 0;
        foreach (var some in oids.Chunk(Batch))
        {
            sink.Progress(new ProgressUpdate("Get-DbBloat", $"Measuring {what}", 100 * done / oids.Count));
            try
            {
                await Take(some);
            }
            catch (MaintenanceException exception) when (IsOfOneRelation(exception))
            {
                foreach (var oid in some)
                {
                    try
                    {
                        await Take([oid]);
                    }
                    catch (MaintenanceException failure) when (IsOfOneRelation(failure))
                    {
                        _failures[oid] = failure;
                    }
                }
            }

            done += some.Length;
        }

        sink.Progress(new ProgressUpdate("Get-DbBloat", $"Measuring {what}", 100, Completed: true));
        return measured;
    }

    // A lost connection or a time that is up is no fault of a relation.
    private static bool IsOfOneRelation(MaintenanceException exception) =>
        exception.Code is not (MaintenanceErrorCode.DatabaseUnreachable or MaintenanceErrorCode.StatementTimeout or MaintenanceErrorCode.DeadlineExceeded);

    private static TableMeasurement Table(NpgsqlDataReader row) =>
        new(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.IsDBNull(6) ? null : row.GetInt64(6));

    private static IndexMeasurement Index(NpgsqlDataReader row) =>
        new(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetDouble(6));
}
