using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>Takes samples of a target's figures, keeps them, makes them coarser as they grow old, and reads them back.</summary>
public sealed class SampleService
{
    internal const string ThinPart = "Thinning";

    /// <summary>How often the figures are sampled.</summary>
    internal static readonly TimeSpan Spacing = TimeSpan.FromMinutes(5);

    /// <summary>The part of each statement by itself, beside that of all together.</summary>
    private const string SingleStatementsPart = "Single statements";

    /// <summary>How long one statement may take: a sample that costs more than this costs too much.</summary>
    private static readonly TimeSpan StatementPatience = TimeSpan.FromSeconds(5);

    /// <summary>So far back a sample may have begun that ends in the future.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromDays(35);

    private static readonly TimeSpan ThinSpacing = TimeSpan.FromHours(1);

    private readonly DatabaseConnector _connector;
    private readonly HistoryService _history;
    private readonly IReadOnlyList<ISampler> _samplers;
    private readonly TimeProvider _time;

    internal SampleService(DatabaseConnector connector, HistoryService history, IReadOnlyList<ISampler> samplers, TimeProvider time) =>
        (_connector, _history, _samplers, _time) = (connector, history, samplers, time);

    /// <summary>Names of the figures that are sampled, with what people call them.</summary>
    public static IReadOnlyList<(string Name, string Title)> Figures { get; } = [.. SampledMetrics.All.Select(metric => (metric.Name, metric.Title))];

    /// <summary>Reads samples, oldest first, figure by figure.</summary>
    /// <param name="target">The target.</param>
    /// <param name="matches">Which figures: by name, or of a table, sequence or key by <c>schema.table</c>.</param>
    /// <param name="since">The earliest time.</param>
    /// <param name="until">The first time that is too late.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">NotConfigured, and what the history reports.</exception>
    public async Task<IReadOnlyList<PerformanceSample>> ReadAsync(
        MaintenanceTarget target, Func<string, bool> matches, DateTimeOffset since, DateTimeOffset until, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var store = _history.StoreOf(target, call) ?? throw HistoryService.NotConfigured(target);
        var units = SampledMetrics.All.ToDictionary(metric => metric.Name, metric => metric.Unit);
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        return await deadline.RunAsync("Reading the samples", async token =>
        {
            var found = new List<PerformanceSample>();
            foreach (var kind in new[] { SampleKinds.Metrics, SampleKinds.Tables, SampleKinds.Keys })
            {
                var series = await new SampleReader(store) { Latest = _time.GetUtcNow() }.ReadAsync(target.Name, kind, since, until, token);
                found.AddRange(series.Where(pair => matches(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal).SelectMany(pair => pair.Value.Select(point => new PerformanceSample
                {
                    Target = target.Name,
                    Metric = pair.Key,
                    Unit = kind == SampleKinds.Tables ? MetricUnit.Bytes : units.GetValueOrDefault(pair.Key, MetricUnit.Count),
                    From = point.From,
                    To = point.To,
                    Count = point.Value.Count,
                    Mean = point.Value.Mean,
                    Minimum = point.Value.Minimum,
                    Maximum = point.Value.Maximum,
                    StandardDeviation = point.Value.StandardDeviation,
                    IsMadeUp = point.IsMadeUp,
                })));
            }

            return (IReadOnlyList<PerformanceSample>)found;
        });
    }

    /// <summary>Where samples of a target are kept; null for nowhere.</summary>
    internal IHistoryStore? StoreOf(MaintenanceTarget target, CallContext call) => _history.StoreOf(target, call);

    /// <summary>Takes all samples that are due in one session, and keeps them. What fails is told in its part; the others are taken all the same.</summary>
    /// <exception cref="MaintenanceException">The database or the history cannot be reached.</exception>
    internal async Task<IReadOnlyList<SamplePart>> TakeAsync(
        MaintenanceTarget target, IHistoryStore store, SampleState state, CallContext call, CancellationToken cancellationToken)
    {
        var due = _samplers.Where(sampler => state.IsDue(sampler.Kind, sampler.Spacing, _time.GetUtcNow())).ToList();
        if (due.Count == 0)
        {
            return [];
        }

        await using var session = await _connector.OpenAsync(target, new SessionOptions("PerformanceMetrics", StatementPatience), call, cancellationToken);
        var context = new SampleContext(session, store, _time.GetUtcNow(), call) { State = state };
        var setBack = due.Where(sampler => state.Taken.TryGetValue(sampler.Kind, out var last) && last - context.Now > ClockCheck.Tolerance).ToList();
        foreach (var sampler in due)
        {
            var first = context.Parts.Count;
            try
            {
                var sample = await sampler.TakeAsync(context, cancellationToken);
                if (sample is not null)
                {
                    await store.RecordAsync(sample, cancellationToken);
                }

                // With nothing to compare with yet it was looked at all the same; what failed is tried again next time.
                if (sample is not null || context.Parts.Skip(first).All(part => part.Problem is null))
                {
                    state.Taken[sampler.Kind] = context.Now;
                }
            }
            catch (MaintenanceException exception) when (exception.Code is not (MaintenanceErrorCode.DatabaseUnreachable or MaintenanceErrorCode.HistoryUnavailable or MaintenanceErrorCode.HistoryCorrupt or MaintenanceErrorCode.HistoryTooNew))
            {
                (context.Parts.Skip(first).FirstOrDefault() ?? context.Part(sampler.Kind == SampleKinds.Statements ? SingleStatementsPart : Title(sampler.Kind))).Miss(exception);
            }
        }

        await ForgetMisdatedAsync(target.Name, store, setBack, state, context.Now, cancellationToken);
        // Kept after the samples: a run that stops in between counts once more from the same time, and its sample takes the place of this one.
        await state.WriteAsync(store, target.Name, cancellationToken);
        return context.Parts;
    }

    /// <summary>Makes old samples coarser, at most once an hour.</summary>
    internal async Task<SamplePart?> ThinAsync(MaintenanceTarget target, IHistoryStore store, SampleState state, DateTimeOffset? lastSample, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (!state.IsDue(ThinPart, ThinSpacing, now))
        {
            return null;
        }

        var part = new SamplePart(ThinPart);
        var absence = ClockCheck.Absence(state, lastSample, now);
        if (ClockCheck.Disagreement(state, now) is { } doubt)
        {
            part.Miss(MaintenanceErrorCode.RetentionRefused, $"{doubt} By a wrong clock everything is too old, so old samples are left as they are.", "Set the clock of the machine that is wrong, by NTP best; samples are thinned again once both agree.");
            return part;
        }

        if (absence is not null)
        {
            part.Absent = absence;
            return part;
        }

        var count = 0;
        foreach (var sampler in _samplers)
        {
            count += await SampleThinner.ThinAsync(store, target.Name, sampler, target.Performance, now, cancellationToken);
        }

        state.Taken[ThinPart] = now;
        part.Note = count == 0 ? "Nothing was due." : $"{Say.Count(count, "sample was", "samples were")} put together or forgotten.";
        return part;
    }

    // A sample that a clock which ran ahead ended in the future would one day be one of a long time. What was measured since takes its place.
    private static async Task ForgetMisdatedAsync(string target, IHistoryStore store, List<ISampler> setBack, SampleState state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (setBack.Count == 0 || ClockCheck.Disagreement(state, now) is not null)
        {
            return;
        }

        foreach (var sampler in setBack)
        {
            var samples = await store.ReadSamplesAsync(target, sampler.Kind, now - LongestGap, now, cancellationToken);
            foreach (var sample in samples.Where(sample => sample.Resolution == SampleResolution.Raw && sample.To - now > ClockCheck.Tolerance))
            {
                await store.ReplaceSamplesAsync(target, sampler.Kind, sample.Resolution, sample.From, sample.From + TimeSpan.FromMicroseconds(1), [], cancellationToken);
            }
        }
    }

    private static string Title(string kind) => string.Create(kind.Length, kind, (text, name) =>
    {
        name.CopyTo(text);
        text[0] = char.ToUpperInvariant(text[0]);
    });
}
