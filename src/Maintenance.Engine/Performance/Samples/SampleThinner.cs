using Maintenance.Engine.History;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>
/// Makes samples coarser as they grow old: those of an hour become one, then those of a day, then they are forgotten. Each hour and each day is
/// replaced in one transaction, and what stands for it is a function of what stood there: two machines at once, or one that stops in
/// between, come to the same. Hours and days are those of UTC, and only those that are over are touched.
/// </summary>
internal static class SampleThinner
{
    /// <summary>So many hours, or days, are read at once.</summary>
    private const int ChunkLength = 24;

    /// <summary>Thins the samples of one kind.</summary>
    /// <returns>How many samples were put together or forgotten.</returns>
    public static async Task<int> ThinAsync(IHistoryStore store, string target, ISampleKind sampler, PerformancePolicy policy, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var hours = Floor(now - policy.KeepRawSamples, TimeSpan.FromHours(1));
        // A policy that keeps hours for less than measurements would merge days that are not whole yet.
        var days = Floor(Earlier(hours, now - policy.KeepHourlySamples), TimeSpan.FromDays(1));
        var forgotten = Earlier(days, now - policy.KeepDailySamples);
        var count = await MergeAsync(store, target, sampler, SampleResolution.Raw, SampleResolution.Hour, TimeSpan.FromHours(1), hours, cancellationToken);
        count += await MergeAsync(store, target, sampler, SampleResolution.Hour, SampleResolution.Day, TimeSpan.FromDays(1), days, cancellationToken);
        if (await store.ReadEarliestSampleAsync(target, sampler.Kind, SampleResolution.Day, cancellationToken) < forgotten)
        {
            await store.ReplaceSamplesAsync(target, sampler.Kind, SampleResolution.Day, DateTimeOffset.UnixEpoch, forgotten, [], cancellationToken);
            count++;
        }

        return count;
    }

    private static async Task<int> MergeAsync(
        IHistoryStore store, string target, ISampleKind sampler, SampleResolution fine, SampleResolution coarse, TimeSpan length, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var count = 0;
        while (await store.ReadEarliestSampleAsync(target, sampler.Kind, fine, cancellationToken) is { } earliest && earliest < end)
        {
            var from = Floor(earliest, length);
            var until = Earlier(from + ChunkLength * length, end);
            var samples = await store.ReadSamplesAsync(target, sampler.Kind, from, until, cancellationToken);
            count += samples.Count(sample => sample.Resolution == fine);
            await store.ReplaceSamplesAsync(target, sampler.Kind, fine, from, until, Merge(sampler, samples, fine, coarse, length), cancellationToken);
        }

        return count;
    }

    /// <summary>What stands for samples that are made coarser. Pure.</summary>
    internal static IReadOnlyList<Sample> Merge(ISampleKind sampler, IReadOnlyList<Sample> samples, SampleResolution fine, SampleResolution coarse, TimeSpan length)
    {
        var merged = new List<Sample>();
        foreach (var bucket in samples.Where(sample => sample.Resolution == fine || sample.Resolution == coarse).GroupBy(sample => Floor(sample.From, length)))
        {
            // A measurement after a long gap says how long that was, and keeps saying so: nobody shall think it was of this hour.
            var inside = bucket.Where(sample => sample.To <= bucket.Key + length * 1.1 || sample.From == bucket.Key).ToList();
            merged.AddRange(bucket.Except(inside).Select(sample => sample with { Resolution = coarse }));
            // What had been put together before stays as it is where nothing came late.
            if (inside.Exists(sample => sample.Resolution == fine))
            {
                var span = inside.Max(sample => sample.To) - bucket.Key;
                merged.Add(new Sample(bucket.First().Target, sampler.Kind, coarse, bucket.Key, span > length * 1.1 ? span : length, sampler.Merge(inside)));
            }
        }

        return merged;
    }

    private static DateTimeOffset Floor(DateTimeOffset time, TimeSpan length) => new(time.UtcTicks - time.UtcTicks % length.Ticks, TimeSpan.Zero);

    private static DateTimeOffset Earlier(DateTimeOffset first, DateTimeOffset second) => first < second ? first : second;
}
