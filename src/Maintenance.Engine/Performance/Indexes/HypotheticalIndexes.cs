using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>Indexes that only this session's EXPLAIN sees: HypoPG. They hold nothing and go with <see cref="ResetAsync"/>.</summary>
internal sealed class HypotheticalIndexes(DatabaseSession session, NpgsqlTransaction transaction)
{
    private const string Savepoint = "maintenance_hypothetical";

    /// <summary>Whether it is installed in this database, and this role may use it.</summary>
    public async Task<bool> IsAvailableAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await WithinAsync(async () => { await ResetHereAsync(cancellationToken); return true; }, cancellationToken);
        }
        catch (MaintenanceException)
        {
            return false;
        }
    }

    /// <summary>Makes an index; its name in plans, and its size.</summary>
    public async Task<(string Name, long Bytes)?> CreateAsync(string createSql, CancellationToken cancellationToken)
    {
        try
        {
            (string, long)? made = null;
            await WithinAsync(
                async () =>
                {
                    var rows = await session.QueryAsync("Performance/Indexes/Sql/HypoPgCreate.sql", row => (row.GetString(1), row.GetInt64(2)), cancellationToken, createSql);
                    made = rows.Count > 0 ? rows[0] : null;
                    return true;
                },
                cancellationToken);
            return made;
        }
        // An expression that it does not take, for instance: then only the estimate knows.
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.DatabaseError)
        {
            return null;
        }
    }

    /// <summary>Forgets all of them.</summary>
    public Task ResetAsync(CancellationToken cancellationToken) => WithinAsync(async () => { await ResetHereAsync(cancellationToken); return true; }, cancellationToken);

    private Task<List<bool>> ResetHereAsync(CancellationToken cancellationToken) =>
        session.QueryAsync("Performance/Indexes/Sql/HypoPgReset.sql", _ => true, cancellationToken);

    // The search path is that of HypoPG only as long as it is asked something.
    private async Task<bool> WithinAsync(Func<Task<bool>> work, CancellationToken cancellationToken)
    {
        await session.SaveAsync(transaction, Savepoint, cancellationToken);
        try
        {
            return (await session.QueryAsync("Performance/Indexes/Sql/HypoPg.sql", _ => true, cancellationToken)).Count > 0 && await work();
        }
        finally
        {
            if (session.Connection.State == System.Data.ConnectionState.Open)
            {
                await session.RollbackToAsync(transaction, Savepoint);
            }
        }
    }
}
