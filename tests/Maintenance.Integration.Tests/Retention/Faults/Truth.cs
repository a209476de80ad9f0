using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Retention.Faults;

/// <summary>Compares where rows are with what the writers did: the last committed operation on each row is what must be there.</summary>
internal static class Truth
{
    private const string Latest = "SELECT DISTINCT ON (id) id, at, v, note, gone FROM truth ORDER BY id, seq DESC";

    /// <summary>Everything that is wrong: what, with how many rows, and one of them.</summary>
    /// <param name="bench">The bench, on which nobody writes any more.</param>
    /// <param name="cutOff">The cut-off of the last run.</param>
    public static async Task<IReadOnlyList<string>> CompareAsync(FaultBench bench, DateTimeOffset cutOff)
    {
        var problems = new List<string>();
        if (bench.Store is { } store)
        {
            problems.AddRange(await store.ReadAsync(bench.Admin));
        }

        problems.AddRange(await UnfinishedAsync(bench));
        await using var command = new NpgsqlCommand(Comparison(bench.Case), bench.Admin);
        command.Parameters.Add(new() { Value = cutOff.ToUniversalTime() });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            problems.Add($"{reader.GetString(0)}: {reader.GetInt64(1)} row(s), such as {reader.GetString(2)}");
        }

        return problems;
    }

    /// <summary>Rows in which the table differs from what the writers left, once everything was brought back: those of one side alone.</summary>
    public static Task<long> DifferencesAsync(FaultBench bench) => bench.Admin.ScalarAsync<long>($"""
        WITH latest AS (SELECT id, at, v, note FROM ({Latest}) AS l WHERE NOT gone),
        here AS (SELECT id, at, v, note FROM t)
        SELECT count(*) FROM ((TABLE here EXCEPT ALL TABLE latest) UNION ALL (TABLE latest EXCEPT ALL TABLE here)) AS different
        """);

    // What the journal says is still on its way.
    private static async Task<IReadOnlyList<string>> UnfinishedAsync(FaultBench bench)
    {
        var problems = new List<string>();
        foreach (var (table, condition) in new[] { ("archives", "finished_at IS NULL"), ("partition_moves", "done_at IS NULL") })
        {
            if (await bench.Admin.ScalarAsync<bool>($"SELECT to_regclass('maintenance.{table}') IS NOT NULL")
                && await bench.Admin.ScalarAsync<long>($"SELECT count(*) FROM maintenance.{table} WHERE {condition}") is > 0 and var count)
            {
                problems.Add($"not finished: {count} of maintenance.{table}");
            }
        }

        return problems;
    }

    // A row with what is wrong with it. $1 the cut-off of the last run
    private static string Comparison(FaultCase @case) => $"""
        WITH latest AS ({Latest}),
        due AS (
            SELECT *, COALESCE(at > '-infinity' AND at < $1::timestamptz::{@case.TimeType}, false)
                      AND NOT {(@case.HasHold ? $"COALESCE(note = '{FaultBench.Hold}', false)" : "false")} AS due
            FROM latest),
        found AS (
            SELECT 'table' AS place, id, at, v, note FROM t
            UNION ALL SELECT 'archive', id, at, v, note FROM t_archive
            UNION ALL SELECT 'file', id, at, v, note FROM files WHERE {(@case.IsRestore ? "false" : "true")}),
        places AS (
            SELECT id, count(*) AS copies, string_agg(place || ' v' || v, ', ' ORDER BY place, v) AS places,
                   max(place) AS place, max(v) AS v, max(at) AS at, max(note) AS note
            FROM found GROUP BY id),
        judged AS (
            SELECT CASE
                       WHEN w.id IS NULL THEN 'written by nobody'
                       WHEN w.gone AND p.id IS NOT NULL THEN 'deleted by its writer, and still there'
                       WHEN w.gone THEN NULL
                       WHEN p.id IS NULL AND {(@case.Action == RetentionAction.Delete ? "w.due" : "false")} THEN NULL
                       WHEN p.id IS NULL THEN 'lost'
                       WHEN p.copies > 1 THEN 'there more than once'
                       WHEN p.v <> w.v THEN 'stale'
                       WHEN p.at IS DISTINCT FROM w.at OR p.note IS DISTINCT FROM w.note THEN 'changed'
                       WHEN {(@case.IsRestore ? "true" : "false")} THEN CASE WHEN p.place <> 'table' THEN 'not brought back' END
                       WHEN p.place = 'table' AND w.due THEN 'due, and left behind'
                       WHEN p.place <> 'table' AND NOT w.due THEN 'taken before its time, or from its hold'
                   END AS problem,
                   concat_ws(' ', 'id', COALESCE(w.id, p.id), 'version', w.v, 'of', COALESCE(w.at::text, 'no time'), 'found in', COALESCE(p.places, 'no place')) AS example
            FROM due AS w
            FULL JOIN places AS p ON p.id = w.id)
        SELECT problem, count(*), min(example) FROM judged WHERE problem IS NOT NULL GROUP BY problem ORDER BY problem
        """;
}
