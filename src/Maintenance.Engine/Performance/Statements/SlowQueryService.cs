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

    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(366);

    private readonly DatabaseConnector _connector;
    private readonly HistoryService _history;
    private readonly TimeProvider _time;

    internal SlowQueryService(DatabaseConnector connector, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _history = history;
        _time = time;
    }

    /// <summary>Said beside statements whose figures nobody measured, as a sandbox has them of its past; null where all were measured.</summary>
    /// <param name="queries">The statements.</param>
    public static string? SayMadeUp(IReadOnlyList<SlowQuery> queries)
    {
        ArgumentNullException.ThrowIfNull(queries);
        // What has happened since the past ends is measured, and counts in the same figures.
        return queries.Any(query => query.IsMadeUp) && MadeUp.Say([true, false]) is { } note
            ? Inspect.Say.Text($"Calls and times of {queries.Count(query => query.IsMadeUp)} of {Inspect.Say.Count(queries.Count, "statement", "statements")} are not what the server has counted. {note}")
            : null;
    }

    /// <summary>Reads which statements took long in a window, most time first. Nothing is reset. Default timeout 60 s.</summary>
    /// <param name="target">The target.</param>
    /// <param name="selection">Which statements.</param>
    /// <param name="call">Where to tell what is not known.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <exception cref="MaintenanceException">InvalidArgument, DatabaseNotFound, ExtensionMissing, PermissionDenied, …</exception>
    public async Task<IReadOnlyList<SlowQuery>> ReadAsync(
        MaintenanceTarget target, SlowQuerySelection selection, CallContext call, CancellationToken cancellationToken)
    {
        Check(selection);
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
        var chosen = await ChosenAsync(session, reader, selection, cancellationToken);
        var now = await reader.ReadAsync(_time.GetUtcNow(), cancellationToken);
        var tracking = reader.Tracking!;
        var context = store is null ? null : new SampleContext(session, store, now.At, call);
        var window = await new StatementWindowReader(context, reader, target).ReadAsync(now, selection.Window, cancellationToken);
        if (window.Incomplete is { } incomplete)
        {
            call.Sink.Warning($"What the statements of '{target.Name}' did in the window is not known exactly. {incomplete}");
        }

        var sums = StatementSampler.Sum(window.Stretches);
        var (roles, databases) = await reader.ReadNamesAsync(sums.Keys, cancellationToken);
        bool IsAsked(long database) => chosen is null ? database == tracking.DatabaseId : databases.TryGetValue(database, out var name) && chosen(name);
        // The same databases as what is shown: those of others are not asked about.
        await WarnAsync(session, tracking, tracking.HiddenOf.Where(pair => IsAsked(pair.Key)).Sum(pair => pair.Value), call, cancellationToken);
        var selected = SlowQueryBuilder.Select(sums, key => IsAsked(key.DatabaseId), threshold, selection);
        var texts = await TextsAsync(reader, window, selected, selection, cancellationToken);
        var workload = StatementSampler.Without(sums, texts.Own);
        var kinds = selected.Where(statement => workload.ContainsKey(statement.Key)).ToLookup(statement => selection.Kinds.Contains(StatementKinds.Of(texts.Texts.GetValueOrDefault(statement.Key))));
        if (kinds[false].Any())
        {
            call.Sink.Verbose(string.Create(CultureInfo.InvariantCulture, $"{kinds[false].Count()} statements of other kinds are left out, which took {kinds[false].Sum(statement => statement.Counts.Time) / 1000:0.#} s: -Kind Maintenance, Session shows them."));
        }

        var running = await reader.ReadRunningAsync(cancellationToken);
        var baselines = await BaselinesAsync(store, target, now.At, call, cancellationToken);
        return [.. kinds[true].Take(selection.First ?? int.MaxValue).Select(statement => SlowQueryBuilder.Build(
            target,
            statement.Key,
            window,
            workload,
            tracking,
            new StatementIdentity(
                roles.GetValueOrDefault(statement.Key.UserId),
                databases.GetValueOrDefault(statement.Key.DatabaseId),
                texts.Texts.GetValueOrDefault(statement.Key),
                TextReason(statement.Key, texts),
                running.GetValueOrDefault((statement.Key.UserId, statement.Key.DatabaseId, statement.Key.QueryId))),
            baselines.GetValueOrDefault(statement.Key),
            threshold))];
    }

    private static void Check(SlowQuerySelection selection)
    {
        if (selection.Threshold is { } threshold && threshold <= TimeSpan.Zero)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument, $"A threshold of {threshold} tells nothing slow from nothing fast.", "Give one of more than nothing, such as 200ms or 2s, or get all statements with -All.");
        }

        if (selection.Window <= TimeSpan.Zero || selection.Window > LongestWindow)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument, $"A window of {selection.Window} cannot be looked at.", "Give a window of more than nothing and at most 366 days, such as 15m, 24h or 7d.");
        }
    }

    // A name that no database has is a mistake, and an empty answer would look as if nothing were slow there.
    private static async Task<Func<string, bool>?> ChosenAsync(DatabaseSession session, StatementReader reader, SlowQuerySelection selection, CancellationToken cancellationToken)
    {
        if (selection.AllDatabases || selection.Databases is not { Count: > 0 } wanted)
        {
            return selection.AllDatabases ? _ => true : null;
        }

        var names = await reader.ReadDatabasesAsync(cancellationToken);
        var unknown = wanted.Where(pattern => !names.Any(pattern.Value)).Select(pattern => $"'{pattern.Key}'").ToList();
        return unknown.Count == 0 ? name => wanted.Values.Any(matches => matches(name)) : throw new MaintenanceException(
            MaintenanceErrorCode.DatabaseNotFound, $"The server of '{session.Target.Name}' has no database {string.Join(" and none ", unknown)}.", $"There are: {string.Join(", ", names)}.");
    }

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

    private static async Task WarnAsync(DatabaseSession session, StatementTracking tracking, long hidden, CallContext call, CancellationToken cancellationToken)
    {
        if (tracking.Idle is { } idle)
        {
            call.Sink.Warning($"The server of '{session.Target.Name}' counts no statements now: {idle}");
        }

        if (hidden > 0)
        {
            var role = (await session.QueryAsync("Database/Sql/QuotedUser.sql", row => row.GetString(0), cancellationToken))[0];
            call.Sink.Warning(Inspect.Say.Text(
                $"{Inspect.Say.Count(hidden, "statement of another role is", "statements of other roles are")} hidden on '{session.Target.Name}' in what was asked about, so {(hidden == 1 ? "whether it is" : "which of them are")} slow is unknown. Run as an administrator: GRANT pg_read_all_stats TO {role};"));
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
