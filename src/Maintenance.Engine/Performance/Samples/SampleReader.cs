using Maintenance.Engine.History;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>Reads series of figures from the samples of a history.</summary>
internal sealed class SampleReader(IHistoryStore store)
{
    /// <summary>Samples that end later are left out, with some minutes' leeway: a clock that ran ahead dated them. Null to read them all the same.</summary>
    public DateTimeOffset? Latest { get; init; }

    /// <summary>All figures of one kind since a time, each oldest first. Where two samples tell of the same stretch, as while one is being put together, the finer one counts.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="kind">One of <see cref="SampleKinds"/> whose payload is a <see cref="MetricSample"/>.</param>
    /// <param name="since">The earliest time.</param>
    /// <param name="until">The first time that is too late.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">What the history reports.</exception>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>>> ReadAsync(
        string target, string kind, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var series = new Dictionary<string, List<SeriesPoint>>(StringComparer.Ordinal);
        foreach (var sample in WithoutOverlaps(await store.ReadSamplesAsync(target, kind, since, until, cancellationToken), Latest))
        {
            var values = MetricSample.Read(sample.Payload, out var isMadeUp);
            foreach (var (name, value) in values)
            {
                if (!series.TryGetValue(name, out var points))
                {
                    series[name] = points = [];
                }

                points.Add(new SeriesPoint(sample.From, sample.To, value, isMadeUp));
            }
        }

        return series.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<SeriesPoint>)pair.Value, StringComparer.Ordinal);
    }

    /// <summary>The samples in the order of their ends; an hour or a day of which finer samples are still there is left out.</summary>
    internal static IEnumerable<Sample> WithoutOverlaps(IReadOnlyList<Sample> all, DateTimeOffset? latest = null)
    {
        // Hours and days are put together once they are over, so only what was measured can end too late.
        var samples = latest is { } end ? all.Where(sample => sample.To <= end + ClockCheck.Tolerance).ToList() : all;
        var finer = samples.Where(sample => sample.Resolution == SampleResolution.Raw).Select(sample => (sample.To, sample.Resolution))
            .Concat(samples.Where(sample => sample.Resolution == SampleResolution.Hour).Select(sample => (To: sample.From, sample.Resolution)))
            .ToLookup(pair => pair.Resolution, pair => pair.To);
        var raw = finer[SampleResolution.Raw].Order().ToList();
        var hours = finer[SampleResolution.Hour].Order().ToList();
        return samples
            .Where(sample => sample.Resolution == SampleResolution.Raw
                || (!Any(raw, sample) && (sample.Resolution == SampleResolution.Hour || !Any(hours, sample))))
            .OrderBy(sample => sample.To);
    }

    private static bool Any(List<DateTimeOffset> times, Sample sample)
    {
        var index = times.BinarySearch(sample.From);
        index = index < 0 ? ~index : index;
        return index < times.Count && times[index] < sample.To;
    }
}
