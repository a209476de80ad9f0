using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Maintenance.Benchmarks.Maintain;

/// <summary>P4a: the same while four clients update rows, also those on their way, and write old ones; the slowest of their transactions, and what was lost.</summary>
internal sealed class RetentionStallBenchmark : IBenchmark
{
    private const int Seconds = 12;
    private const string Ours = "Maintenance, batches of 30 ms";

    // Every change writes down that it was made, in its own transaction: what is in neither table afterwards, or in an older version, was lost.
    private const string Script = """
        \set id random(1, 2000000)
        \set n random(1, 20)
        WITH changed AS (UPDATE error_logs SET message = '+' || message WHERE id = :id RETURNING id) INSERT INTO changes SELECT id FROM changed;
        \if :n = 1
        WITH late AS (INSERT INTO error_logs (id, "timestamp", severity, component, message) VALUES (nextval('late_id'), now() - interval '100 days', 'info', 'late', 'late') RETURNING id) INSERT INTO lates SELECT id FROM late;
        \endif
        """;

    private readonly RetentionDatabase _database = new();
    private string _script = "";

    public string Name => "p4a";

    public string Title => $"The slowest transaction of pgbench (4 clients, {Seconds} s) while a million rows move to the archive, and what is lost.";

    public IReadOnlyList<Goal> Goals => [new(Ours, null, 50)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox and making two million rows");
        await _database.PrepareAsync("retention-stall", cancellationToken);
        if (await Tools.RunAsync("pgbench", ["--version"], cancellationToken: cancellationToken) is not { } pgbench)
        {
            return [new Contender(Ours, null, "pgbench is not on the PATH")];
        }

        _script = Path.GetTempFileName();
        await File.WriteAllTextAsync(_script, Script, cancellationToken);
        Contender Of(string name, Func<CancellationToken, Task<string>> work) => new(name, async token => Told(await MeasureAsync(work, token)), $"{_database.Version}, {pgbench}");

        Outcome Told(Outcome outcome)
        {
            tell(string.Create(CultureInfo.InvariantCulture, $"{outcome.Elapsed!.Value.TotalMilliseconds:0.0} ms: {outcome.Note}"));
            return outcome;
        }

        return
        [
            Of(Ours, async token =>
            {
                var done = await _database.OursAsync(verify: false, token);
                return string.Create(CultureInfo.InvariantCulture, $"{done.Batches} batches, worst {done.WorstBatch!.Value.TotalMilliseconds:0.0} ms, {done.State}, {done.RowsLeft} left, took {done.Duration!.Value.TotalMilliseconds:0} ms without plan");
            }),
            Of("the guide's two statements", _database.GuideAsync),
            Of("one statement for all rows", _database.OneStatementAsync),
            Of("batches of 5000, FOR UPDATE SKIP LOCKED", _database.SkipLockedAsync),
            Of("pgbench alone", _ => Task.FromResult("nothing beside")),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        if (_script.Length > 0)
        {
            File.Delete(_script);
        }
    }

    // pgbench writes a line for each transaction, with its time in microseconds third.
    private async Task<Outcome> MeasureAsync(Func<CancellationToken, Task<string>> beside, CancellationToken cancellationToken)
    {
        await _database.ResetAsync(cancellationToken);
        await using (var connection = await _database.OpenAsync(cancellationToken))
        {
            await using var command = new NpgsqlCommand(
                "DROP TABLE IF EXISTS changes, lates; CREATE TABLE changes (id int); CREATE TABLE lates (id int); DROP SEQUENCE IF EXISTS late_id; CREATE SEQUENCE late_id START 10000000", connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        var folder = Directory.CreateTempSubdirectory("maintenance-retention-");
        try
        {
            var writing = Tools.RunAsync(
                "pgbench", ["-n", "-c", "4", "-j", "1", "-M", "prepared", "-T", Seconds.ToString(CultureInfo.InvariantCulture), "-f", _script, "-l", $"--log-prefix={Path.Combine(folder.FullName, "log")}"], _database.Environment, cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            var started = Stopwatch.GetTimestamp();
            var note = await beside(cancellationToken);
            var took = Stopwatch.GetElapsedTime(started);
            _ = await writing ?? throw new InvalidOperationException("pgbench failed.");
            var times = folder.EnumerateFiles("log*").SelectMany(file => File.ReadLines(file.FullName)).Select(line => long.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture)).Order().ToList();
            var lost = await LostAsync(cancellationToken);
            return new Outcome(
                null,
                string.Create(CultureInfo.InvariantCulture, $"{lost}; {times.Count} transactions, 99.9 % under {times[(int)(times.Count * 0.999)] / 1000.0:0.0} ms; job {took.TotalMilliseconds:0} ms: {note}"),
                TimeSpan.FromMicroseconds(times[^1]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<string> LostAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            WITH present AS (SELECT id, message FROM error_logs UNION ALL SELECT id, message FROM error_logs_archive),
                 changed AS (SELECT id, count(*) AS times FROM changes GROUP BY id)
            SELECT format('%s rows and %s changes lost, %s rows twice',
                (SELECT count(*) FROM (SELECT id FROM master UNION ALL SELECT id FROM lates EXCEPT SELECT id FROM present) AS gone),
                (SELECT count(*) FROM changed JOIN present USING (id) WHERE times <> length(message) - length(ltrim(message, '+'))),
                (SELECT count(*) - count(DISTINCT id) FROM present))
            """,
            connection) { CommandTimeout = 0 };
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
