using System.Globalization;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>Puts together what statements did in a window: from samples, and what has been counted since the last of them.</summary>
internal sealed class StatementWindowReader(SampleContext? context, StatementReader reader, MaintenanceTarget target)
{
    // History that covers less of the window is as good as none: then all that was counted since the reset tells more.
    private const double LeastCoverage = 0.1;

    // Samples come every five minutes, and not to the second.
    private const double FullCoverage = 0.9;

    private readonly StatementSampler _sampler = new();

    /// <summary>What statements did in a window up to a reading. Keeps the reading where there is none, or the last one is old enough for a sample.</summary>
    /// <exception cref="MaintenanceException">What the server reports; never what the history does, of which it warns.</exception>
    public async Task<StatementWindow> ReadAsync(StatementReading now, TimeSpan window, CancellationToken cancellationToken)
    {
        if (context is null)
        {
            return SinceReset(now, $"The target '{target.Name}' keeps no history (history.kind is None).", StatementTexts.None);
        }

        KeptReading? last;
        var stretches = new List<(DateTimeOffset From, DateTimeOffset To, StatementSample Sample)>();
        try
        {
            last = await new StatementHistory(context.Store, target.Name).ReadAsync(cancellationToken);
            if (last is null || now.At - last.Reading.At >= _sampler.Spacing || now.At < last.Reading.At || !now.Follows(last.Reading))
            {
                var (sample, known) = await _sampler.TakeAsync(context, reader, now, last, cancellationToken);
                last = sample is null ? null : new KeptReading(now, known);
                if (sample is not null)
                {
                    await context.Store.RecordAsync(sample, cancellationToken);
                }
            }

            // A sample belongs to the window when most of it does; those of days are the longest.
            var since = now.At - window;
            var samples = await context.Store.ReadSamplesAsync(target.Name, SampleKinds.Statements, since - TimeSpan.FromDays(1), now.At, cancellationToken);
            stretches.AddRange(SampleReader.WithoutOverlaps(samples)
                .Where(sample => sample.To <= now.At && (sample.From + sample.Span / 2 >= since || sample.To == last?.Reading.At && sample.To == now.At))
                .Select(sample => (sample.From, sample.To, StatementSample.Read(sample.Payload))));
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested && exception.Code is MaintenanceErrorCode.HistoryUnavailable or MaintenanceErrorCode.HistoryCorrupt or MaintenanceErrorCode.HistoryTooNew)
        {
            return SinceReset(now, exception.Message, StatementTexts.None);
        }

        // Samples may be older than the reading that the next one is compared with, as after a history was brought along from elsewhere.
        if (last is null && stretches.Count > 0)
        {
            return Together(now, window, stretches, StatementTexts.None);
        }

        if (last is null)
        {
            return SinceReset(now, "There is no history of statements yet: this call has begun one.", StatementTexts.None);
        }

        if (now.At > last.Reading.At)
        {
            var live = StatementDifference.Between(last.Reading, now);
            stretches.Add((last.Reading.At, now.At, new StatementSample(StatementSampler.Without(live.Counts, last.Known.Own), default, live.Incomplete)));
        }

        return Together(now, window, stretches, last.Known);
    }

    private StatementWindow Together(StatementReading now, TimeSpan window, List<(DateTimeOffset From, DateTimeOffset To, StatementSample Sample)> stretches, StatementTexts known)
    {
        var from = stretches.Select(stretch => stretch.From).DefaultIfEmpty(now.At).Min();
        var covered = stretches.Aggregate(TimeSpan.Zero, (sum, stretch) => sum + (stretch.To - stretch.From));
        // What was counted since a reset tells less than a history that is older than it.
        if (covered < window * LeastCoverage && (now.ResetAt is not { } reset || reset <= from))
        {
            return SinceReset(now, string.Create(CultureInfo.InvariantCulture, $"The history of statements covers only {covered.TotalMinutes:0.#} minutes of the window."), known);
        }

        var reach = from - (now.At - window) > window * (1 - FullCoverage)
            ? string.Create(CultureInfo.InvariantCulture, $"The history of statements of '{target.Name}' reaches back to {from.UtcDateTime:u} only: figures are of the time since then.")
            : covered < (now.At - from) * FullCoverage
            ? string.Create(CultureInfo.InvariantCulture, $"The history of statements of '{target.Name}' has gaps: of {(now.At - from).TotalHours:0.#} hours {covered.TotalHours:0.#} are known. Have the task PerformanceMetrics run every five minutes.")
            : covered > window * 1.5
            ? string.Create(CultureInfo.InvariantCulture, $"The nearest sample before the window is of {from.UtcDateTime:u}: figures are of the time since then, longer than the window.")
            : null;
        var texts = known.Texts.Concat(stretches.SelectMany(stretch => stretch.Sample.Texts)).DistinctBy(pair => pair.Key).ToDictionary();
        return new StatementWindow
        {
            From = from,
            To = now.At,
            Stretches = [.. stretches.Select(stretch => stretch.Sample.Statements)],
            Others = stretches.Aggregate(default(StatementCounts), (sum, stretch) => sum + stretch.Sample.Others),
            Starts = [.. stretches.Select(stretch => stretch.From)],
            MadeUp = [.. stretches.Select(stretch => stretch.Sample.IsMadeUp)],
            Incomplete = Join(reach, StatementSampler.Reasons(stretches.Select(stretch => stretch.Sample.Incomplete))),
            Known = known with { Texts = texts },
        };
    }

    // PostgreSQL 13 does not tell since when it counts. Its counters outlive a restart, as a rule, so that they began at its start or earlier.
    private static StatementWindow SinceReset(StatementReading now, string why, StatementTexts known)
    {
        var all = StatementDifference.SinceBeginning(now);
        var since = string.Create(
            CultureInfo.InvariantCulture,
            $"{why} Figures are of all that the server has counted since {(now.ResetAt is { } reset ? $"{reset.UtcDateTime:u}, when its statistics were reset" : $"{now.Started.UtcDateTime:u}, when it started, or earlier: PostgreSQL 13 does not tell")}.");
        return new StatementWindow
        {
            From = now.ResetAt ?? now.Started,
            To = now.At,
            Stretches = [StatementSampler.Without(all.Counts, known.Own)],
            Starts = [now.ResetAt ?? now.Started],
            Incomplete = Join(since, all.Incomplete),
            Known = known,
        };
    }

    private static string? Join(string? first, string? second) => first is null ? second : second is null ? first : $"{first} {second}";
}
