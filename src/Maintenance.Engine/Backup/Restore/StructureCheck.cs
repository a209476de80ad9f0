using System.Collections.Concurrent;
using Maintenance.Engine.Backup.Testing;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>Looks with amcheck through every table, and every B-tree index against its table.</summary>
/// <param name="work">The test.</param>
/// <param name="database">What was restored.</param>
/// <param name="place">Where.</param>
/// <param name="jobs">How many relations at once.</param>
internal sealed class StructureCheck(TestWork work, RestoredDatabase database, RestorePlace place, int jobs)
{
    private const string Check = "Structure (amcheck)";

    /// <summary>verify_heapam came with 14.</summary>
    private const int FirstWithTables = 14;

    private readonly ConcurrentBag<string> _damaged = [];
    private readonly ConcurrentBag<string> _unknown = [];

    private BackupLevel Level => work.Options.Level;

    /// <summary>Does the check.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (await SchemaAsync(cancellationToken) is not { } schema)
        {
            return;
        }

        var tables = place.Major < FirstWithTables ? [] : await ListAsync("Backup/Restore/Sql/CheckTables.sql", schema, cancellationToken);
        var indexes = await ListAsync("Backup/Restore/Sql/CheckIndexes.sql", schema, cancellationToken);
        await ForEachAsync(tables, TableAsync, cancellationToken);
        await ForEachAsync(indexes, IndexAsync, cancellationToken);
        if (!_damaged.IsEmpty)
        {
            work.Fail(Check, Level, BackupFault.RelationDamaged, RestoreChecks.List([.. _damaged.Order(StringComparer.Ordinal)]) + ".");
            work.Advice ??= "A restore makes indexes anew: look for functions that are not what they are declared to be, for another order of texts, and for faults of this machine's disk and memory.";
        }
        else if (!_unknown.IsEmpty)
        {
            work.Unknown(Check, Level, RestoreChecks.List([.. _unknown.Order(StringComparer.Ordinal)]) + ".");
        }
        else
        {
            work.Pass(Check, Level, FormattableString.Invariant($"Nothing is damaged in {(place.Major < FirstWithTables ? "" : $"{RestoreChecks.Count(tables.Count, "table")} and ")}{(indexes.Count == 1 ? "1 index" : $"{indexes.Count} indexes")}."));
        }
    }

    private async Task<string?> SchemaAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.ExecuteGivenAsync("Backup/Restore/Sql/InstallAmcheck.sql", cancellationToken);
        }
        catch (MaintenanceException exception)
        {
            work.Unknown(Check, Level, $"amcheck could not be installed on {place.Name}: {exception.Message}");
            return null;
        }

        return (await database.QueryAsync("Backup/Restore/Sql/AmcheckSchema.sql", reader => reader.GetString(0), cancellationToken)).Single();
    }

    private Task<List<Relation>> ListAsync(string sqlPath, string schema, CancellationToken cancellationToken) =>
        database.QueryAsync(sqlPath, reader => new Relation(reader.GetString(1), reader.GetString(2)), cancellationToken, schema);

    private async Task TableAsync(Relation table, CancellationToken cancellationToken)
    {
        var (count, message) = (await database.ReadAsync(table.Statement, reader => (reader.GetInt64(0), reader.IsDBNull(1) ? "" : reader.GetString(1)), cancellationToken)).Single();
        if (count > 0)
        {
            _damaged.Add(FormattableString.Invariant($"{table.Name}: {count} faults, such as {message}"));
        }
    }

    private Task IndexAsync(Relation index, CancellationToken cancellationToken) => database.ReadAsync(index.Statement, _ => true, cancellationToken);

    private Task ForEachAsync(IReadOnlyList<Relation> relations, Func<Relation, CancellationToken, Task> check, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        relations,
        new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellationToken },
        async (relation, token) =>
        {
            try
            {
                await check(relation, token);
            }
            // XX001 and XX002: data and index corrupted. Anything else keeps the check from its end: a function in an index that fails, say.
            catch (MaintenanceException exception) when (exception.Detail?.StartsWith("XX0", StringComparison.Ordinal) == true)
            {
                _damaged.Add($"{relation.Name}: {exception.Message}");
            }
            catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
            {
                _unknown.Add($"{relation.Name} could not be checked: {exception.Message}");
            }
        });

    private sealed record Relation(string Name, string Statement);
}
