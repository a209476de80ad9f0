using Maintenance.Engine.History;
using Npgsql;

namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>Gives a sandbox a past, in the file within its own folder and nowhere else.</summary>
internal static class SampleHistoryWriter
{
    /// <summary>Measures what the past has to arrive at, and writes it.</summary>
    /// <param name="record">The sandbox.</param>
    /// <param name="length">How long a past.</param>
    /// <param name="seed">Which.</param>
    /// <param name="database">Its database, filled.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task WriteAsync(
        SandboxRecord record, TimeSpan length, int seed, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var target = SandboxTarget.Of(record);
        var anchors = await SampleMeasurement.ReadAsync(database, cancellationToken);
        var past = SamplePast.Make(target, new SampleTimeline(length, time.GetUtcNow()), seed, anchors, cancellationToken);
        // Not where the target says, which people may change, but always in the sandbox's own folder.
        await WriteAsync(past, target.Name, new SqliteHistoryStore(SandboxTarget.HistoryPath(record), time, HistoryMigrations.Of("sqlite")), cancellationToken);
    }

    /// <summary>Writes a past: a transaction for each kind of sample and resolution, one for the baselines, and one for all runs.</summary>
    public static async Task WriteAsync(SamplePast past, string target, IHistoryStore store, CancellationToken cancellationToken)
    {
        foreach (var kind in past.Samples)
        {
            foreach (var resolution in kind.GroupBy(sample => sample.Resolution))
            {
                await store.ReplaceSamplesAsync(target, kind.Key, resolution.Key, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, [.. resolution], cancellationToken);
            }
        }

        await store.RecordBaselinesAsync(target, past.Baselines, DateTimeOffset.UnixEpoch, cancellationToken);
        await store.RecordAsync(past.Runs, cancellationToken);
    }
}
