using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>Which statements take long.</summary>
public sealed class SlowQueryService
{
    // Baselines older than this compare with another time altogether.
    private static readonly TimeSpan BaselineAge = TimeSpan.FromDays(400);

    private readonly DatabaseConnector _connector;
    private readonly HistoryService _history;
    private readonly TimeProvider _time;

    internal SlowQueryService(DatabaseConnector connector, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _history = history;
        _time = time;
    }

    /// <summary>Reads which statements took long in a window, most time first. Nothing is reset. Default timeout 60 s.</summary>
    /// <param name="target">The target.</param>
    /// <param name="selection">Which statements.</param>
    /// <param name="call">Where to tell what is not known.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <exception cref="MaintenanceException">ExtensionMissing, PermissionDenied, …</exception>
    public async Task<IReadOnlyList<SlowQuery>> ReadAsync(
        MaintenanceTarget target, SlowQuerySelection selection, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(60), _time, cancellationToken);
        return await deadline.RunAsync($"Reading the statements of '{target.Name}'", async token =>
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Get-DbSlowQuery", deadline.Remaining), call, token);
            var threshold = selection.Threshold ?? target.Performance.SlowQuery;
            try
            {
                return await ReadAsync(session, selection, threshold, call, token);
            }
            catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.ExtensionMissing)
            {
                await TellRunningAsync(session, threshold, call, token);
                throw;
            }
        });
    }

    private async Task<IReadOnlyList<SlowQuery>> ReadAsync(
        DatabaseSession session, SlowQuerySelection selection, TimeSpan threshold, CallContext call, CancellationToken cancellationToken)
    {
        var (target, reader, store) = (session.Target, new StatementReader(session), _history.StoreOf(session.Target, call));
        var now = await reader.ReadAsync(_time.GetUtcNow(), cancellationToken);
        var tracking = reader.Tracking!;
        await WarnAsync(session, tracking, call, cancellationToken);
        var context = store is null ? null : new SampleContext(session, store, now.At, call);
        var window = await new StatementWindowReader(context, reader, target, call).ReadAsync(now, selection.Window, cancellationToken);
        if (window.Incomplete is { } incomplete)
        {
            call.Sink.Warning($"What is known of the statements of '{target.Name}' is incomplete. {incomplete}");
        }

        var sums = StatementSampler.Sum(window.Stretches);
        var (roles, databases) = await reader.ReadNamesAsync(sums.Keys, cancellationToken);
        var isWanted = Wanted(selection, tracking, databases);
        var selected = SlowQueryBuilder.Select(sums, isWanted, threshold, selection);
        var texts = await TextsAsync(reader, window, selected, selection, cancellationToken);
        var workload = StatementSampler.Without(sums, texts.Own);
        var baselines = await BaselinesAsync(store, target, now.At, call, cancellationToken);
        return [.. selected.Where(statement => workload.ContainsKey(statement.Key)).Take(selection.First ?? int.MaxValue).Select(statement => SlowQueryBuilder.Build(
            target,
            statement.Key,
            window,
            workload,
            tracking,
            (roles.GetValueOrDefault(statement.Key.UserId), databases.GetValueOrDefault(statement.Key.DatabaseId), texts.Texts.GetValueOrDefault(statement.Key), TextReason(statement.Key, texts)),
            baselines.GetValueOrDefault(statement.Key),
            threshold))];
    }

    private static Func<StatementKey, bool> Wanted(SlowQuerySelection selection, StatementTracking tracking, IReadOnlyDictionary<long, string> databases) =>
        selection.Databases is { } named
            ? key => databases.TryGetValue(key.DatabaseId, out var name) && named(name)
            : key => key.DatabaseId == tracking.DatabaseId;

    // Of more statements than are wanted, since some turn out to be our own; but not of thousands: all texts of a server may be large.
    private static async Task<StatementTexts> TextsAsync(
        StatementReader reader, StatementWindow window, IReadOnlyList<(StatementKey Key, StatementCounts Counts)> selected, SlowQuerySelection selection, CancellationToken cancellationToken)
    {
        var wanted = selected.Select(statement => statement.Key).Where(key => !window.Known.Texts.ContainsKey(key));
        var found = await reader.ReadTextsAsync([.. selection.First is { } first ? wanted.Take(first + StatementRanking.Kept) : wanted], cancellationToken);
        return found with
        {
            Texts = window.Known.Texts.Concat(found.Texts).DistinctBy(pair => pair.Key).ToDictionary(),
            Own = found.Own.Concat(window.Known.Own).ToHashSet(),
        };
    }

    private static string TextReason(StatementKey key, StatementTexts texts) =>
        key.QueryId == StatementReading.HiddenQueryId ? "All statements of this role together, which are hidden from the connected one: GRANT pg_read_all_stats."
        : texts.Reason ?? "The server has forgotten the statement.";

    private static async Task<IReadOnlyDictionary<StatementKey, PerformanceBaseline>> BaselinesAsync(
        IHistoryStore? store, MaintenanceTarget target, DateTimeOffset now, CallContext call, CancellationToken cancellationToken)
    {
        var baselines = new Dictionary<StatementKey, PerformanceBaseline>();
        if (store is null)
        {
            return baselines;
        }

        try
        {
            foreach (var baseline in await store.ReadBaselinesAsync(target.Name, now - BaselineAge, cancellationToken))
            {
                // The newest come first.
                if (baseline is { Source: BaselineSource.Statements, Metric: "query_time", Subject: { } subject } && StatementKey.Parse(subject) is { } key)
                {
                    baselines.TryAdd(key, baseline);
                }
            }
        }
        catch (MaintenanceException exception) when (exception.Code is MaintenanceErrorCode.HistoryUnavailable or MaintenanceErrorCode.HistoryCorrupt or MaintenanceErrorCode.HistoryTooNew)
        {
            call.Sink.Warning($"Statements of '{target.Name}' are not compared with baselines. {exception.Message}");
        }

        return baselines;
    }

    private static async Task WarnAsync(DatabaseSession session, StatementTracking tracking, CallContext call, CancellationToken cancellationToken)
    {
        if (tracking.Idle is { } idle)
        {
            call.Sink.Warning($"The server of '{session.Target.Name}' counts no statements now: {idle}");
        }

        if (tracking.Hidden > 0)
        {
            var role = (await session.QueryAsync("Database/Sql/QuotedUser.sql", row => row.GetString(0), cancellationToken))[0];
            call.Sink.Warning(string.Create(
                CultureInfo.InvariantCulture,
                $"{tracking.Hidden} statements of other roles are hidden on '{session.Target.Name}', so which of them are slow is unknown. Run as an administrator: GRANT pg_read_all_stats TO {role};"));
        }
    }

    // Nobody counts; what can be seen is what runs this moment.
    private static async Task TellRunningAsync(DatabaseSession session, TimeSpan threshold, CallContext call, CancellationToken cancellationToken)
    {
        var running = await session.QueryAsync(
            "Performance/Statements/Sql/RunningLong.sql", row => (Age: row.GetDouble(0), Text: QueryText.Redact(row.GetString(1), 200)), cancellationToken, threshold.TotalMilliseconds, QueryText.FetchLength);
        call.Sink.Warning(running.Count == 0
            ? $"Without pg_stat_statements only what runs this moment can be seen on '{session.Target.Name}': no statement that this role may see has run for longer than the limit."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Without pg_stat_statements only what runs this moment can be seen on '{session.Target.Name}': {string.Join("; ", running.Select(statement => string.Create(CultureInfo.InvariantCulture, $"for {statement.Age / 1000:0.#} s: {statement.Text}")))}"));
    }
}
