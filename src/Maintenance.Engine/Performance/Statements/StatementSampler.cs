using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>Samples what statements did: the difference of two readings of pg_stat_statements, which is never reset.</summary>
internal sealed class StatementSampler : ISampler
{
    // Texts are remembered for as many statements, so that each is fetched once, and those that the server forgets keep theirs.
    private const int RememberedTexts = 2000;
    private const int ReasonsTold = 3;

    public string Kind => SampleKinds.Statements;

    public TimeSpan Spacing => TimeSpan.FromMinutes(5);

    public async Task<Sample?> TakeAsync(SampleContext context, CancellationToken cancellationToken)
    {
        var history = new StatementHistory(context.Store, context.Session.Target.Name);
        var last = await history.ReadAsync(cancellationToken);
        var reader = new StatementReader(context.Session);
        return (await TakeAsync(context, reader, await reader.ReadAsync(context.Now, cancellationToken), last, cancellationToken)).Sample;
    }

    /// <summary>Makes a sample of a reading and the one before, and keeps the reading as the one to compare the next with.</summary>
    /// <returns>The sample, null where there is nothing to compare with; and what is known of texts.</returns>
    public async Task<(Sample? Sample, StatementTexts Known)> TakeAsync(
        SampleContext context, StatementReader reader, StatementReading now, KeptReading? last, CancellationToken cancellationToken)
    {
        var target = context.Session.Target;
        var history = new StatementHistory(context.Store, target.Name);
        if (last is not null && !now.Follows(last.Reading))
        {
            context.Call.Sink.Warning($"'{target.Name}' is another server than before, so its statements are counted from now on.");
            await history.KeepAsync(new KeptReading(now, StatementTexts.None), cancellationToken);
            return (null, StatementTexts.None);
        }

        if (last is null || now.At <= last.Reading.At)
        {
            if (last is not null)
            {
                context.Call.Sink.Warning($"The clock of this machine was set back, so what statements of '{target.Name}' did since the last sample belongs to no time and is left out.");
            }

            await history.KeepAsync(new KeptReading(now, last?.Known ?? StatementTexts.None), cancellationToken);
            return (null, last?.Known ?? StatementTexts.None);
        }

        var difference = StatementDifference.Between(last.Reading, now);
        var slow = target.Performance.SlowQuery;
        var (others, known) = (Without(difference.Counts, last.Known.Own), last.Known);
        var found = await reader.ReadTextsAsync(
            [.. StatementRanking.Top(others, slow, StatementRanking.Told).Keys.Where(key => !known.Texts.ContainsKey(key))], cancellationToken);
        known = Remember(known, found, now);
        var database = reader.Tracking?.DatabaseId;
        var (top, rest, restHere) = StatementRanking.Split(Without(others, found.Own), slow, database);
        var sample = new StatementSample(top, rest, difference.Incomplete) { Database = database, OthersHere = restHere, Texts = found.Texts.Where(text => top.ContainsKey(text.Key)).ToDictionary() };
        await history.KeepAsync(new KeptReading(now, known), cancellationToken);
        return (new Sample(target.Name, Kind, SampleResolution.Raw, last.Reading.At, now.At - last.Reading.At, sample.Write()), known);
    }

    public string Merge(IReadOnlyList<Sample> samples)
    {
        var read = samples.Select(sample => StatementSample.Read(sample.Payload)).ToList();
        var sums = Sum(read.Select(sample => sample.Statements));
        var database = read.Select(sample => sample.Database).LastOrDefault(id => id is not null);
        var (top, rest, restHere) = StatementRanking.Split(sums, ThresholdCatalogue.SlowQuery, database);
        var others = read.Aggregate(rest, (sum, sample) => sum + sample.Others);
        var othersHere = read.Aggregate(restHere, (sum, sample) => sum + sample.OthersHere);
        var texts = new Dictionary<StatementKey, string>();
        foreach (var (key, text) in read.SelectMany(sample => sample.Texts))
        {
            // Also of those that are not among the first here: later samples may have them without their text.
            texts.TryAdd(key, text);
        }

        return new StatementSample(top, others, Reasons(read.Select(sample => sample.Incomplete))) { Database = database, OthersHere = othersHere, Texts = texts, IsMadeUp = read.Exists(sample => sample.IsMadeUp) }.Write();
    }

    /// <summary>Adds up what statements did in several times.</summary>
    public static Dictionary<StatementKey, StatementCounts> Sum(IEnumerable<IReadOnlyDictionary<StatementKey, StatementCounts>> times)
    {
        var sums = new Dictionary<StatementKey, StatementCounts>();
        foreach (var (key, counts) in times.SelectMany(time => time))
        {
            sums[key] = sums.GetValueOrDefault(key) + counts;
        }

        return sums;
    }

    /// <summary>Different reasons as one; null for none.</summary>
    public static string? Reasons(IEnumerable<string?> reasons)
    {
        var different = reasons.OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return different.Count switch
        {
            0 => null,
            <= ReasonsTold => string.Join(" ", different),
            var count => FormattableString.Invariant($"{string.Join(" ", different.Take(ReasonsTold))} And {count - ReasonsTold} more of the kind."),
        };
    }

    /// <summary>Statements but those of this module.</summary>
    public static IReadOnlyDictionary<StatementKey, StatementCounts> Without(IReadOnlyDictionary<StatementKey, StatementCounts> counts, IReadOnlySet<StatementKey> own) =>
        own.Count == 0 ? counts : counts.Where(pair => !own.Contains(pair.Key)).ToDictionary();

    private static StatementTexts Remember(StatementTexts known, StatementTexts found, StatementReading now)
    {
        var texts = known.Texts.Concat(found.Texts).DistinctBy(pair => pair.Key)
            .OrderByDescending(pair => now.Statements.ContainsKey(pair.Key)).Take(RememberedTexts).ToDictionary();
        return new StatementTexts(texts, known.Own.Concat(found.Own).Where(now.Statements.ContainsKey).ToHashSet());
    }
}
