using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>What was usual: measured, kept, and compared with what is so now.</summary>
public sealed class PerformanceBaselineService
{
    /// <summary>Baselines older than this are forgotten: last year's of the same month is still there.</summary>
    internal static readonly TimeSpan Retention = TimeSpan.FromDays(400);

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(366);

    private readonly DatabaseConnector _connector;
    private readonly FunctionService _functions;
    private readonly HistoryService _history;
    private readonly Func<IReadOnlyList<string>> _changingTasks;
    private readonly TimeProvider _time;

    /// <summary>Creates the service.</summary>
    /// <param name="connector">Opens sessions.</param>
    /// <param name="functions">Asks functions.</param>
    /// <param name="history">Where baselines are kept, and what says when maintenance was going on.</param>
    /// <param name="changingTasks">Names of the tasks that change the system.</param>
    /// <param name="time">The clock.</param>
    internal PerformanceBaselineService(
        DatabaseConnector connector, FunctionService functions, HistoryService history, Func<IReadOnlyList<string>> changingTasks, TimeProvider time)
    {
        _connector = connector;
        _functions = functions;
        _history = history;
        _changingTasks = changingTasks;
        _time = time;
    }

    /// <summary>Measures baselines; keeps nothing. Default timeout 5 minutes, as for all of these.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">Of what.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">InvalidArgument, NotConfigured, DeadlineExceeded. What a single source lacks is in the result.</exception>
    public async Task<BaselineUpdate> MeasureAsync(MaintenanceTarget target, BaselineQuery query, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(query);
        var length = query.Window ?? target.Performance.BaselineWindow;
        if (length <= TimeSpan.Zero || length > LongestWindow)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument, $"A window of {length} cannot be measured.", "Give a window of more than nothing and at most 366 days, such as 24h, 7d or 30d.");
        }

        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await deadline.RunAsync($"Measuring baselines of '{target.Name}'", async token =>
        {
            var to = _time.GetUtcNow();
            var (excluded, unknown) = await ExclusionsAsync(target, query, to - length, to, call, token);
            return await MeasureAsync(target, query, new BaselineWindow(target.Name, to - length, to, excluded), unknown, call with { Timeout = deadline.Remaining }, token);
        });
    }

    /// <summary>Keeps baselines in the target's history.</summary>
    /// <returns>Where; null where the target keeps none.</returns>
    /// <param name="target">The target.</param>
    /// <param name="baselines">The baselines.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">What the history reports.</exception>
    public async Task<string?> KeepAsync(MaintenanceTarget target, IReadOnlyList<PerformanceBaseline> baselines, CallContext call, CancellationToken cancellationToken)
    {
        if (_history.StoreOf(target, call) is not { } store)
        {
            return null;
        }

        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await deadline.RunAsync("Keeping baselines", async token =>
        {
            await store.RecordBaselinesAsync(target.Name, baselines, _time.GetUtcNow() - Retention, token);
            return store.Place;
        });
    }

    /// <summary>The baselines that belong into the database's own table.</summary>
    /// <param name="baselines">All that were measured.</param>
    public static IReadOnlyList<PerformanceBaseline> RowsFor(IReadOnlyList<PerformanceBaseline> baselines) => BaselineTable.RowsOf(baselines);

    /// <summary>Writes response times of operations into the database's own table of baselines.</summary>
    /// <param name="target">The target.</param>
    /// <param name="baselines">What was measured; what does not belong there is left out.</param>
    /// <param name="create">Whether to make the table where it is missing.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many rows the server has written; null where there is no such table.</returns>
    /// <exception cref="MaintenanceException">MappingInvalid, PermissionDenied, DatabaseReadOnly, or what the server reports.</exception>
    public async Task<int?> WriteTableAsync(
        MaintenanceTarget target, IReadOnlyList<PerformanceBaseline> baselines, bool create, CallContext call, CancellationToken cancellationToken)
    {
        var rows = BaselineTable.RowsOf(baselines);
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await deadline.RunAsync<int?>("Writing baselines", async token =>
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Baselines", deadline.Remaining), call, token);
            var table = await BaselineTable.FindAsync(session, token);
            if (table is null && create)
            {
                await session.ExecuteAsync("Performance/Baselines/Sql/CreateBaselineTable.sql", token);
                table = await BaselineTable.FindAsync(session, token);
            }

            return table is null ? null : rows.Count == 0 ? 0 : await table.InsertAsync(session, rows, token);
        });
    }

    /// <summary>Tells the function the baselines of the whole (guide B2): four numbers and a time, or nothing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="baselines">What was measured.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">InsufficientHistory: a number is missing. FunctionRejected: it was not stored. Function….</exception>
    public async Task PushAsync(MaintenanceTarget target, IReadOnlyList<PerformanceBaseline> baselines, CallContext call, CancellationToken cancellationToken)
    {
        var answer = await _functions.CallAsync(
            target, FunctionCatalogue.UpdateBaselines, new Dictionary<string, object?> { ["baselines"] = PushedBaselines.Of(baselines) }, call, cancellationToken);
        if (!answer.Updated)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.FunctionRejected, "The function production-monitoring answered update_baselines, and says that nothing was updated.", "See its log.");
        }
    }

    /// <summary>Compares what is so now with what was usual.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">With what.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">InsufficientHistory: there is no baseline. NotConfigured: no history is kept. InvalidArgument.</exception>
    public async Task<IReadOnlyList<BaselineDrift>> CompareAsync(MaintenanceTarget target, BaselineComparisonQuery query, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var begin = _time.GetUtcNow() - query.Window;
        var baselines = query.Baselines.Count > 0 ? query.Baselines : await NewestAsync(target, query.Before, begin, call, cancellationToken);
        if (query.Before is { } before)
        {
            baselines = [.. baselines.Where(baseline => baseline.CollectedAt <= before)];
        }

        // What people bring along they have chosen.
        baselines = [.. Newest(baselines, query.Baselines.Count > 0 ? null : begin).Where(baseline => query.Sources.Count == 0 || query.Sources.Contains(baseline.Source))];
        if (baselines.Count == 0)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InsufficientHistory,
                $"There is no baseline of '{target.Name}'{(query.Before is null ? "" : " of that time")}{(query.Sources.Count > 0 ? " from these sources" : "")} to compare with.",
                "Measure one first: Update-PerformanceBaseline.");
        }

        foreach (var source in baselines.DistinctBy(baseline => baseline.Source))
        {
            call.Sink.Verbose(Inspect.Say.Text($"{source.Source}: compared with what was usual from {source.From.UtcDateTime:yyyy-MM-dd HH:mm} to {source.To.UtcDateTime:yyyy-MM-dd HH:mm} (UTC)."));
        }

        var update = await MeasureAsync(
            target, new BaselineQuery { Window = query.Window, Sources = [.. baselines.Select(baseline => baseline.Source).Distinct().Order()] }, call, cancellationToken);
        return BaselineComparer.Compare(baselines, update.Baselines, query.MinimumChangePercent, _time.GetUtcNow(), MissingIn(update));
    }

    /// <summary>The newest baseline of each source that the history has.</summary>
    /// <param name="target">The target.</param>
    /// <param name="before">Only such as were measured at or before this time; null for all.</param>
    /// <param name="begin">Where the time begins that they are to be compared with: one that ends before is taken where there is one, since a time that is compared with itself has not changed. Null for any.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">NotConfigured: no history is kept. What the history reports.</exception>
    internal async Task<IReadOnlyList<PerformanceBaseline>> NewestAsync(
        MaintenanceTarget target, DateTimeOffset? before, DateTimeOffset? begin, CallContext call, CancellationToken cancellationToken)
    {
        var store = _history.StoreOf(target, call) ?? throw new MaintenanceException(
            MaintenanceErrorCode.NotConfigured,
            $"The target '{target.Name}' keeps no history (history.kind is None), so there is no baseline to compare with.",
            "Set history.kind, or bring the baselines along: Compare-PerformanceBaseline -Baseline.");
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await deadline.RunAsync("Reading baselines", async token =>
        {
            var now = _time.GetUtcNow();
            List<PerformanceBaseline> found = [];
            // Mostly last month's: a year of them is only read where it has to be.
            foreach (var since in new[] { (before ?? now) - TimeSpan.FromDays(35), now - Retention })
            {
                found = (await store.ReadBaselinesAsync(target.Name, since, token)).Where(baseline => before is null || baseline.CollectedAt <= before).ToList();
                if (found.Count > 0 && found.GroupBy(baseline => baseline.Source).All(source => begin is null || source.Any(baseline => baseline.To <= begin)))
                {
                    break;
                }
            }

            return Newest(found, begin);
        });
    }

    /// <summary>Why a source has nothing, for the comparer.</summary>
    internal static Func<BaselineSource, string?> MissingIn(BaselineUpdate update) =>
        source => update.Gaps.FirstOrDefault(gap => gap.Source == source)?.Message;

    // Of each source one measurement as a whole: what was dropped from it is not usual any more.
    private static List<PerformanceBaseline> Newest(IEnumerable<PerformanceBaseline> baselines, DateTimeOffset? begin) =>
    [
        .. baselines.GroupBy(baseline => baseline.Source).SelectMany(source =>
        {
            var earlier = source.Where(baseline => baseline.To <= begin).ToList();
            var all = earlier.Count > 0 ? earlier : source.ToList();
            var newest = all.Max(baseline => baseline.CollectedAt);
            return all.Where(baseline => baseline.CollectedAt == newest);
        }),
    ];

    private async Task<(IReadOnlyList<BaselineExclusion> Excluded, string? Unknown)> ExclusionsAsync(
        MaintenanceTarget target, BaselineQuery query, DateTimeOffset from, DateTimeOffset to, CallContext call, CancellationToken cancellationToken)
    {
        var found = new List<BaselineExclusion>(query.Excluded);
        string? unknown = null;
        if (query.ExcludeWindows)
        {
            found.AddRange(MaintenanceIntervals.OfWindows(target.Windows, from, to));
        }

        if (_history.StoreOf(target, call) is not { } store)
        {
            unknown = $"The target '{target.Name}' keeps no history, so when maintenance was going on is not known, and none was left out.";
        }
        else
        {
            try
            {
                found.AddRange(await MaintenanceIntervals.ReadAsync(store, target, _changingTasks(), from, to, cancellationToken));
            }
            catch (MaintenanceException exception)
            {
                unknown = $"When maintenance was going on is not known, and none was left out: {exception.Message}";
            }
        }

        return (MaintenanceIntervals.Merge(found, from, to), unknown);
    }

    private async Task<BaselineUpdate> MeasureAsync(
        MaintenanceTarget target, BaselineQuery query, BaselineWindow window, string? unknown, CallContext call, CancellationToken cancellationToken)
    {
        var baselines = new List<PerformanceBaseline>();
        var gaps = new List<BaselineGap>();
        foreach (var source in query.Sources.Count > 0 ? query.Sources.Distinct() : SourcesOf(target))
        {
            try
            {
                if (source == BaselineSource.Function)
                {
                    var (told, missing) = await new FunctionBaselines(_functions, call).ReadAsync(target, window, cancellationToken);
                    baselines.AddRange(told);
                    gaps.AddRange(missing);
                }
                else
                {
                    baselines.AddRange(await ReadAsync(target, source, window, call, cancellationToken));
                }
            }
            catch (MaintenanceException exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                gaps.Add(new BaselineGap(source, exception.Code, exception.Message, exception.Recommendation)
                {
                    IsAbsent = exception.Code is MaintenanceErrorCode.NotConfigured or MaintenanceErrorCode.InsufficientHistory or MaintenanceErrorCode.ExtensionMissing
                        || (exception.Code == MaintenanceErrorCode.MappingInvalid && exception.Message.EndsWith("does not exist.", StringComparison.Ordinal)),
                });
            }
        }

        return new BaselineUpdate
        {
            Target = target.Name,
            Baselines = [.. baselines.Where(baseline => double.IsFinite(baseline.Mean)).Select(baseline => unknown is null || baseline.Source == BaselineSource.Function ? baseline : baseline with { Note = baseline.Note is null ? unknown : $"{baseline.Note} {unknown}" })],
            Gaps = gaps,
            Excluded = window.Excluded,
            ExclusionsUnknown = unknown,
            From = window.From,
            To = window.To,
        };
    }

    private static IEnumerable<BaselineSource> SourcesOf(MaintenanceTarget target) =>
    [
        .. target.Functions is null ? Array.Empty<BaselineSource>() : [BaselineSource.Function],
        .. target.Database is null ? Array.Empty<BaselineSource>() : [BaselineSource.RequestLog],
        .. target.History.Kind == HistoryKind.None ? Array.Empty<BaselineSource>() : [BaselineSource.Statements, BaselineSource.Samples],
    ];

    private async Task<IReadOnlyList<PerformanceBaseline>> ReadAsync(
        MaintenanceTarget target, BaselineSource source, BaselineWindow window, CallContext call, CancellationToken cancellationToken)
    {
        if (window.Remaining <= TimeSpan.Zero)
        {
            throw BaselineWindow.Nothing(
                string.Create(CultureInfo.InvariantCulture, $"Maintenance was going on for the whole window, so nothing in it is usual."), "Give a longer -Window.");
        }

        if (source == BaselineSource.RequestLog)
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Baselines", call.Timeout), call, cancellationToken);
            return await RequestLogBaselines.ReadAsync(session, window, cancellationToken);
        }

        var store = _history.StoreOf(target, call) ?? throw new MaintenanceException(
            MaintenanceErrorCode.NotConfigured,
            $"The target '{target.Name}' keeps no history (history.kind is None), and so no samples.",
            "Set history.kind to Sqlite or Postgres in maintenance.json.");
        if (source == BaselineSource.Statements)
        {
            var samples = StatementBaselines.Read(await store.ReadSamplesAsync(target.Name, SampleKinds.Statements, window.From, window.To, cancellationToken), window);
            if (samples.Count == 0)
            {
                await RequireStatementsAsync(target, call, cancellationToken);
            }

            return StatementBaselines.Of(samples, window, await TextsAsync(target, store, samples, call, cancellationToken));
        }

        return SampleBaselines.Of(await new SampleReader(store) { Latest = window.To }.ReadAsync(target.Name, SampleKinds.Metrics, window.From, window.To, cancellationToken), window);
    }

    // Where nobody counts statements there is nothing to sample, however often one tries: that is the reason, and not that nobody tried.
    private async Task RequireStatementsAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        if (target.Database is null)
        {
            return;
        }

        try
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Baselines", call.Timeout), call, cancellationToken);
            await StatementsExtension.RequireAsync(session, "The extension pg_stat_statements is not installed in this database, so there are no samples of statements to take a baseline from.", cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.ExtensionMissing && !cancellationToken.IsCancellationRequested)
        {
            call.Sink.Verbose($"Whether '{target.Name}' counts statements is not known: {exception.Message}");
        }
    }

    // A sample keeps the texts of the first of its statements, when it meets them. Whatever else is told is asked for; what the server has forgotten stays without.
    private async Task<StatementTexts> TextsAsync(
        MaintenanceTarget target, IHistoryStore store, IReadOnlyList<(DateTimeOffset From, DateTimeOffset To, StatementSample Sample)> samples, CallContext call, CancellationToken cancellationToken)
    {
        var known = StatementBaselines.Known(samples, (await new StatementHistory(store, target.Name).ReadAsync(cancellationToken))?.Known ?? StatementTexts.None);
        var untold = StatementBaselines.Untold(samples, known);
        if (untold.Count == 0 || target.Database is null)
        {
            return known;
        }

        try
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Baselines", call.Timeout), call, cancellationToken);
            var found = await new StatementReader(session).ReadTextsAsync(untold, cancellationToken);
            return new StatementTexts(known.Texts.Concat(found.Texts).DistinctBy(pair => pair.Key).ToDictionary(), known.Own.Concat(found.Own).ToHashSet());
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            call.Sink.Verbose($"The texts of {untold.Count} statements of '{target.Name}' are not known: {exception.Message}");
            return known;
        }
    }
}
