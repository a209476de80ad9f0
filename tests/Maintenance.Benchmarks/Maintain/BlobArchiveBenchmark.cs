using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Maintenance.Benchmarks.Maintain;

/// <summary>P4b: a million of two million rows into compressed files in Azurite, with nobody else there.</summary>
internal sealed class BlobArchiveBenchmark : IBenchmark
{
    private const string Ours = "Maintenance, files in Azurite";
    private const string Guide = "the guide's two statements, into a table";

    private readonly RetentionDatabase _database = new();

    public string Name => "p4b";

    public string Title => "Retention of 1,000,000 of 2,000,000 error logs into files of a blob container (Azurite), idle server; the WAL is in the notes, at most 0.55 of the guide's.";

    public IReadOnlyList<Goal> Goals => [new(Ours, Guide, 0.6)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox with Azurite and making two million rows");
        await _database.PrepareAsync("archive", cancellationToken, azurite: true);
        Contender Of(string name, Func<CancellationToken, Task<Outcome>> work) => new(name, async token => Told(await MeasureAsync(work, token)), _database.Version);

        Outcome Told(Outcome outcome)
        {
            tell(string.Create(CultureInfo.InvariantCulture, $"{outcome.Elapsed!.Value.TotalMilliseconds:0} ms: {outcome.Note}"));
            return outcome;
        }

        return
        [
            Of(Ours, OursAsync),
            Of(Guide, async token =>
            {
                var started = Stopwatch.GetTimestamp();
                var note = await _database.GuideAsync(token);
                return new Outcome(await _database.StateAsync(token), note, Stopwatch.GetElapsedTime(started));
            }),
            Of("COPY to nowhere, then DELETE", FloorAsync),
        ];
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task<Outcome> MeasureAsync(Func<CancellationToken, Task<Outcome>> work, CancellationToken cancellationToken)
    {
        await _database.ResetAsync(cancellationToken);
        var before = await _database.WalAsync(cancellationToken);
        var outcome = await work(cancellationToken);
        var wal = await _database.WalAsync(cancellationToken) - before;
        return outcome with { Note = string.Create(CultureInfo.InvariantCulture, $"{outcome.Note}; {wal / 1048576.0:0} MB of WAL") };
    }

    private async Task<Outcome> OursAsync(CancellationToken cancellationToken)
    {
        var done = await _database.OursAsync(RetentionAction.ArchiveToBlob, "benchmark", verify: false, cancellationToken);
        if (done.State != StepState.Done || done.Manifest is null)
        {
            throw new InvalidOperationException(done.Message);
        }

        // What went into files is nowhere else: as the others' archive table, it counts as archived.
        await using var connection = await _database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT count(*), (SELECT sum(rows)::bigint FROM maintenance.archive_parts AS p JOIN maintenance.archives AS a ON a.id = p.archive_id WHERE a.manifest = $1) FROM error_logs", connection);
        command.Parameters.Add(new() { Value = done.Manifest });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (stay, archived) = (reader.GetInt64(0), reader.GetInt64(1));
        return new Outcome(
            string.Create(CultureInfo.InvariantCulture, $"{stay} stay, {archived} archived, {RetentionDatabase.Rows - stay - archived} lost"),
            string.Create(CultureInfo.InvariantCulture, $"{done.Batches} parts, worst {done.WorstBatch!.Value.TotalMilliseconds:0.0} ms, {done.Bytes / 1048576.0:0} MB as {done.StoredBytes / 1048576.0:0} MB"),
            done.Duration);
    }

    private async Task<Outcome> FloorAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenAsync(cancellationToken);
        var moment = string.Create(CultureInfo.InvariantCulture, $"'{_database.CutOff.UtcDateTime:yyyy-MM-dd HH:mm:ss.ffffff}+00'");
        var started = Stopwatch.GetTimestamp();
        foreach (var sql in new[] { $"COPY (SELECT * FROM error_logs WHERE \"timestamp\" < {moment}) TO '/dev/null' (FORMAT csv)", $"DELETE FROM error_logs WHERE \"timestamp\" < {moment}" })
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return new Outcome(null, "floor: neither compressed nor sent", Stopwatch.GetElapsedTime(started));
    }
}
