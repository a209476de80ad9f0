using System.Globalization;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Inspect;

/// <summary>
/// Carries on, from run to run, since when each index has not been used: so that it can be told after the statistics were reset, and
/// before PostgreSQL 16, and so that an index that was made yesterday is not taken for one that was idle for years.
/// </summary>
internal sealed class IndexScanHistory(HistoryService history)
{
    public const string Kind = "index-scans";

    /// <summary>A snapshot holds all that earlier ones knew: few are kept, and a new one is taken at most this often.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromHours(1);

    private static readonly TimeSpan Retention = TimeSpan.FromDays(3);

    /// <summary>Adds to what a server counted what earlier runs saw there, and keeps both for the next run.</summary>
    public async Task<ScanSource> RememberAsync(MaintenanceTarget target, ScanSource source, DateTimeOffset now, CallContext call, CancellationToken cancellationToken)
    {
        if (history.StoreOf(target, call) is not { } store)
        {
            return source with { HistoryReason = $"The target '{target.Name}' keeps no history (history.kind is None)." };
        }

        try
        {
            // All of them: the newest may be years old, and still says since when an index was idle then.
            var times = await store.ReadSnapshotTimesAsync(target.Name, Kind, DateTimeOffset.UnixEpoch, cancellationToken);
            var before = times.Count > 0 ? await store.ReadSnapshotAsync(target.Name, Kind, times[^1], cancellationToken) : null;
            var quiet = Carry(before, source, now);
            if (before is null || now - before.TakenAt >= Spacing)
            {
                await store.RecordAsync(ToSnapshot(target.Name, source, quiet, now), now - Retention, cancellationToken);
            }

            return source with
            {
                Quiet = quiet,
                HistoryReason = before is null ? $"This is the first time the use of indexes was recorded for '{target.Name}'." : null,
            };
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Verbose($"The history of '{target.Name}' cannot be used for the use of indexes: {exception.Message}");
            return source with { HistoryReason = exception.Message };
        }
    }

    /// <summary>What is known after a run, from what was known before it. Pure.</summary>
    public static IReadOnlyDictionary<long, QuietTime> Carry(Snapshot? before, ScanSource source, DateTimeOffset now)
    {
        var quiet = new Dictionary<long, QuietTime>(source.Scans.Count);
        var reset = before is not null && source.StatisticsSince > before.TakenAt ? source.StatisticsSince : null;
        foreach (var (oid, scans) in source.Scans)
        {
            quiet[oid] = before is not null && Known(before, oid) is var (scansBefore, timeBefore)
                ? reset is { } at && scans == 0 ? timeBefore with { Gap = timeBefore.Gap + (at - before.TakenAt) }
                : reset is null && scans == scansBefore ? timeBefore
                // Used meanwhile, or counters that went down and nobody knows when.
                : new QuietTime(now, TimeSpan.Zero)
                : new QuietTime(now, TimeSpan.Zero);
        }

        return quiet;
    }

    public static Snapshot ToSnapshot(string target, ScanSource source, IReadOnlyDictionary<long, QuietTime> quiet, DateTimeOffset now)
    {
        var values = new Dictionary<string, double>(3 * source.Scans.Count);
        foreach (var (oid, scans) in source.Scans)
        {
            var time = quiet[oid];
            values[Key('s', oid)] = scans;
            values[Key('q', oid)] = time.Since.ToUnixTimeSeconds();
            if (time.Gap > TimeSpan.Zero)
            {
                values[Key('g', oid)] = time.Gap.TotalSeconds;
            }
        }

        return new Snapshot { Target = target, Kind = Kind, TakenAt = now, ResetAt = source.StatisticsSince, Values = values };
    }

    private static (double Scans, QuietTime Time)? Known(Snapshot snapshot, long oid) =>
        snapshot.Values.TryGetValue(Key('s', oid), out var scans) && snapshot.Values.TryGetValue(Key('q', oid), out var since)
            ? (scans, new QuietTime(DateTimeOffset.FromUnixTimeSeconds((long)since), TimeSpan.FromSeconds(snapshot.Values.GetValueOrDefault(Key('g', oid)))))
            : null;

    private static string Key(char kind, long oid) => string.Create(CultureInfo.InvariantCulture, $"{kind}:{oid}");
}
