using System.Collections.Concurrent;
using Maintenance.Engine.Backup.Testing;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>Looks at what came of a restore: whether rows, constraints, indexes and the user's own statements are as they should be.</summary>
/// <param name="work">The test.</param>
/// <param name="database">What was restored.</param>
/// <param name="place">Where.</param>
/// <param name="jobs">How many statements at once.</param>
internal sealed class RestoreChecks(TestWork work, RestoredDatabase database, RestorePlace place, int jobs)
{
    private const int Named = 5;

    private BackupLevel Level => work.Options.Level;

    /// <summary>Does all checks.</summary>
    /// <param name="sample">The tables whose rows were restored; null for all.</param>
    /// <param name="missingExtensions">Extensions that could not be installed.</param>
    /// <param name="leftKeys">Foreign keys that were left out.</param>
    /// <param name="cancellationToken">Ends them.</param>
    public async Task RunAsync(
        IReadOnlyList<DumpTable>? sample, IReadOnlyList<string> missingExtensions, IReadOnlyList<DumpForeignKey> leftKeys, CancellationToken cancellationToken)
    {
        await work.PhaseAsync("Count rows", false, () => RowsAsync(sample, missingExtensions.Count > 0, cancellationToken));
        await work.PhaseAsync("Check constraints", false, () => ConstraintsAsync(leftKeys, cancellationToken));
        await work.PhaseAsync("Check sequences", false, () => SequencesAsync(sample is not null, cancellationToken));
        await work.PhaseAsync("Check structure", false, () => new StructureCheck(work, database, place, jobs).RunAsync(cancellationToken));
        await work.PhaseAsync("Check assertions", false, () => new AssertionCheck(work, database).RunAsync(sample is not null, missingExtensions.Count > 0, cancellationToken));
    }

    private async Task RowsAsync(IReadOnlyList<DumpTable>? sample, bool tablesMayBeMissing, CancellationToken cancellationToken)
    {
        var tables = await database.QueryAsync("Backup/Restore/Sql/Tables.sql", reader => (Table: new DumpTable(reader.GetString(0), reader.GetString(1)), Count: reader.GetString(2)), cancellationToken);
        var wanted = sample is null ? tables : [.. tables.Where(table => sample.Contains(table.Table))];
        var counted = new ConcurrentDictionary<DumpTable, long>();
        await ForEachAsync(
            wanted,
            async (table, token) => counted[table.Table] = (await database.ReadAsync(table.Count, reader => reader.GetInt64(0), token)).Single(),
            cancellationToken);

        var total = counted.Values.Sum();
        if (work.Manifest?.Tables is not { } noted)
        {
            work.Manual("Rows", Level, FormattableString.Invariant($"{Count(counted.Count, "table")} with {Count(total, "row")}. Nothing was noted when the backup was made, so there is nothing to compare them with."));
            return;
        }

        var expected = noted.Select(table => (Table: new DumpTable(table.Schema, table.Name), table.Rows)).Where(table => sample is null || sample.Contains(table.Table)).ToList();
        var missing = expected.Where(table => !counted.ContainsKey(table.Table)).Select(table => $"{table.Table} is missing").ToList();
        var differing = expected
            .Where(table => table.Rows is { } rows && counted.TryGetValue(table.Table, out var found) && found != rows)
            .Select(table => FormattableString.Invariant($"{table.Table} has {counted[table.Table]} rows, and {table.Rows} were noted"))
            .ToList();
        var uncounted = expected.Count(table => table.Rows is null);
        if (differing.Count > 0 || (missing.Count > 0 && !tablesMayBeMissing))
        {
            work.Fail("Rows", Level, BackupFault.RowsDiffer, $"{List([.. differing, .. missing])}.");
            work.Advice ??= "Do not rely on this backup; take a new one, and find out what happened to the rows.";
        }
        else if (missing.Count > 0)
        {
            work.Unknown("Rows", Level, $"{List(missing)}: what needs the extensions that are not here was not restored.");
        }
        else
        {
            var left = uncounted == 0 ? "" : FormattableString.Invariant($" {uncounted} more were not counted when it was made.");
            work.Pass("Rows", Level, FormattableString.Invariant($"{Count(expected.Count - uncounted, "table")} with the rows that were noted, {total} in all.{left}"));
        }
    }

    private async Task ConstraintsAsync(IReadOnlyList<DumpForeignKey> leftKeys, CancellationToken cancellationToken)
    {
        var keys = await database.QueryAsync("Backup/Restore/Sql/ForeignKeys.sql", reader => (Name: reader.GetString(0), Count: reader.GetString(1)), cancellationToken);
        var orphans = new ConcurrentBag<string>();
        await ForEachAsync(
            keys,
            async (key, token) =>
            {
                var count = (await database.ReadAsync(key.Count, reader => reader.GetInt64(0), token)).Single();
                if (count > 0)
                {
                    orphans.Add(FormattableString.Invariant($"{key.Name} ({(count == 1000 ? "1000 rows or more point" : count == 1 ? "1 row points" : $"{count} rows point")} to nothing)"));
                }
            },
            cancellationToken);
        var unfinished = await database.QueryAsync("Backup/Restore/Sql/InvalidIndexes.sql", reader => (Name: reader.GetString(0), IsPartitioned: reader.GetBoolean(1)), cancellationToken);
        var invalid = unfinished.Where(index => !index.IsPartitioned).ToList();
        if (!orphans.IsEmpty || invalid.Count > 0)
        {
            work.Fail("Constraints", Level, BackupFault.ConstraintInvalid, List([.. orphans.Order(StringComparer.Ordinal), .. invalid.Select(index => $"the index {index.Name} is invalid")]) + ".");
            work.Advice ??= "Look for the rows in the system itself: the backup may only show what is wrong there.";
        }
        else
        {
            work.Pass("Constraints", Level, FormattableString.Invariant($"Every row has what its foreign keys point to ({Count(keys.Count, "key")}), and no index is invalid."));
        }

        if (unfinished.Where(index => index.IsPartitioned).Select(index => index.Name).ToList() is { Count: > 0 } parents)
        {
            work.Manual("Partitioned indexes not finished", Level, $"Made with ON ONLY, and not yet attached to by an index of every partition; they were so when the backup was made: {List(parents)}.");
        }

        if (await NamesAsync("Backup/Restore/Sql/NotValidated.sql", cancellationToken) is { Count: > 0 } open)
        {
            work.Manual("Constraints not validated", Level, $"These were NOT VALID when the backup was made, and hold for new rows only: {List(open)}.");
        }

        if (leftKeys.Count > 0)
        {
            work.Manual("Foreign keys left out", Level, $"They point to tables whose rows are not in the sample: {List([.. leftKeys.Select(key => $"{key.Table}: {key.Name}")])}.");
        }
    }

    private async Task SequencesAsync(bool isSample, CancellationToken cancellationToken)
    {
        var sequences = await database.QueryAsync("Backup/Restore/Sql/Sequences.sql", reader => (Name: reader.GetString(0), IsBehind: reader.GetString(1)), cancellationToken);
        var behind = new List<string>();
        foreach (var sequence in sequences)
        {
            if ((await database.ReadAsync(sequence.IsBehind, reader => reader.GetBoolean(0), cancellationToken)).Single())
            {
                behind.Add(sequence.Name);
            }
        }

        if (behind.Count > 0)
        {
            work.Manual("Sequences", Level, $"Behind their columns, so that the next new row may meet a key that is there: {List(behind)}. It may be so in the system itself.");
        }
        else if (!isSample)
        {
            work.Pass("Sequences", Level, FormattableString.Invariant($"No sequence is behind its column ({Count(sequences.Count, "sequence")})."));
        }
    }

    private Task ForEachAsync<T>(IEnumerable<T> items, Func<T, CancellationToken, Task> action, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        items,
        new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellationToken },
        async (item, token) => await action(item, token));

    private Task<List<string>> NamesAsync(string sqlPath, CancellationToken cancellationToken) =>
        database.QueryAsync(sqlPath, reader => reader.GetString(0), cancellationToken);

    /// <summary>A number of things.</summary>
    internal static string Count(long number, string thing) => FormattableString.Invariant($"{number} {thing}{(number == 1 ? "" : "s")}");

    /// <summary>The first names, and how many more there are.</summary>
    internal static string List(IReadOnlyList<string> names) =>
        string.Join("; ", names.Take(Named)) + (names.Count > Named ? FormattableString.Invariant($"; and {names.Count - Named} more") : "");
}
