using System.Runtime.CompilerServices;
using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.History;

/// <summary>Keeps runs and reads them back: in the user's own file, in a file the target names, or in the target's database.</summary>
public sealed class HistoryService
{
    private const string Reading = "Reading the history";

    private readonly DatabaseConnector _database;
    private readonly TimeProvider _time;

    internal HistoryService(DatabaseConnector database, TimeProvider time)
    {
        _database = database;
        _time = time;
    }

    /// <summary>Records a run, whole or not at all; a run that was recorded before is replaced.</summary>
    /// <param name="target">Whose history it belongs to.</param>
    /// <param name="run">The run.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="MaintenanceException">HistoryUnavailable, HistoryCorrupt, HistoryTooNew, or what the database reports.</exception>
    public async Task RecordAsync(MaintenanceTarget target, MaintenanceRun run, CallContext call, CancellationToken cancellationToken)
    {
        if (StoreOf(target, call) is not { } store)
        {
            return;
        }

        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        await deadline.RunAsync("Recording the run", async token =>
        {
            await store.RecordAsync(run, token);
            return true;
        });
        call.Sink.Verbose($"The run was recorded in {store.Place}.");
    }

    /// <summary>Records a run and never throws: whatever goes wrong, also a cancellation, the run itself goes on with a warning.</summary>
    /// <param name="target">Whose history it belongs to.</param>
    /// <param name="run">The run.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>What went wrong, or null.</returns>
    public async Task<MaintenanceException?> TryRecordAsync(
        MaintenanceTarget target, MaintenanceRun run, CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            await RecordAsync(target, run, call, cancellationToken);
            return null;
        }
        catch (Exception exception)
        {
            var known = exception switch
            {
                MaintenanceException translated => translated,
                OperationCanceledException => new MaintenanceException(
                    MaintenanceErrorCode.HistoryUnavailable,
                    "The history did not answer in the time there was.",
                    "Check the file or database that keeps it (history.kind, history.path)."),
                _ => new MaintenanceException(
                    MaintenanceErrorCode.Unexpected,
                    $"An unexpected error of type {exception.GetType().Name}: {exception.Message}",
                    "This is a fault of the Maintenance module. Please report it."),
            };
            call.Sink.Warning($"The run was not recorded in the history. {known.Message} {known.Recommendation}");
            return known;
        }
    }

    /// <summary>Reads complete runs of one target, newest first.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">Which of its runs.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">NotConfigured, HistoryUnavailable, HistoryCorrupt, HistoryTooNew, or what the database reports.</exception>
    public IAsyncEnumerable<MaintenanceRun> ReadAsync(
        MaintenanceTarget target, HistoryQuery query, CallContext call, CancellationToken cancellationToken) =>
        ReadAsync([target], query with { Targets = [target.Name] }, call, cancellationToken);

    /// <summary>
    /// Reads complete runs, newest first over all places that the targets' settings name. Without targets, and for names in
    /// the query that none of the targets has, that is the user's own file.
    /// </summary>
    /// <param name="targets">Whose histories to look into.</param>
    /// <param name="query">Which runs.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">
    /// What went wrong in one place, after the runs of all others were read; NotConfigured where no history is kept.
    /// </exception>
    public async IAsyncEnumerable<MaintenanceRun> ReadAsync(
        IReadOnlyCollection<MaintenanceTarget> targets,
        HistoryQuery query,
        CallContext call,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var failures = new List<MaintenanceException>();
        var stores = StoresOf(targets, query, call, failures);
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        var sources = stores.Select(store => store.ReadAsync(query, deadline.Token));
        var runs = NewestFirst.MergeAsync(sources, failures.Add, deadline.Token).Take(query.First ?? int.MaxValue);
        await foreach (var run in deadline.WatchAsync(runs, Reading))
        {
            yield return run;
        }

        foreach (var failure in failures.Skip(1))
        {
            call.Sink.Warning($"{failure.Message} {failure.Recommendation}");
        }

        if (failures.Count > 0)
        {
            throw failures[0];
        }
    }

    /// <summary>Reads complete runs, newest first, from one file.</summary>
    /// <param name="path">The file, absolute.</param>
    /// <param name="query">Which runs.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">HistoryUnavailable, HistoryCorrupt, HistoryTooNew.</exception>
    public async IAsyncEnumerable<MaintenanceRun> ReadFileAsync(
        string path, HistoryQuery query, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Path.Exists(path))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.HistoryUnavailable,
                $"There is no history file '{path}', or this account may not see it.",
                "Check the path. Without -Path the history of the connected targets is read, or the user's own.");
        }

        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        await foreach (var run in deadline.WatchAsync(FileStore(path).ReadAsync(query, deadline.Token), Reading))
        {
            yield return run;
        }
    }

    /// <summary>Reads one metric of a target over time, oldest first, with the gaps where it could not be measured.</summary>
    /// <param name="target">The target.</param>
    /// <param name="name">Name of the metric.</param>
    /// <param name="since">The earliest time.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">NotConfigured, HistoryUnavailable, HistoryCorrupt, HistoryTooNew, or what the database reports.</exception>
    public async Task<IReadOnlyList<Metric>> ReadMetricsAsync(
        MaintenanceTarget target, string name, DateTimeOffset since, CallContext call, CancellationToken cancellationToken)
    {
        var store = StoreOf(target, call) ?? throw NotConfigured(target);
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        return await deadline.RunAsync(Reading, token => store.ReadMetricsAsync(target.Name, name, since, token));
    }

    /// <summary>Reads what was done to the objects of a target's database, newest first.</summary>
    /// <param name="target">The target.</param>
    /// <param name="since">The earliest time.</param>
    /// <param name="first">How many at the most.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">NotConfigured, HistoryUnavailable, HistoryCorrupt, HistoryTooNew, or what the database reports.</exception>
    public async Task<IReadOnlyList<DbAction>> ReadActionsAsync(
        MaintenanceTarget target, DateTimeOffset since, int first, CallContext call, CancellationToken cancellationToken)
    {
        var store = StoreOf(target, call) ?? throw NotConfigured(target);
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        return await deadline.RunAsync(Reading, token => store.ReadActionsAsync(target.Name, since, first, token));
    }

    /// <summary>Reads what repairs of a target came to, newest first.</summary>
    /// <param name="target">The target.</param>
    /// <param name="since">The earliest time.</param>
    /// <param name="first">How many at the most.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">NotConfigured without a history; History….</exception>
    public async Task<IReadOnlyList<SystemRepair>> ReadRepairsAsync(
        MaintenanceTarget target, DateTimeOffset since, int first, CallContext call, CancellationToken cancellationToken)
    {
        var store = StoreOf(target, call) ?? throw NotConfigured(target);
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        return await deadline.RunAsync(Reading, async token => (IReadOnlyList<SystemRepair>)[.. (await store.ReadRepairsAsync(target.Name, since, token)).Take(first)]);
    }

    private List<IHistoryStore> StoresOf(
        IReadOnlyCollection<MaintenanceTarget> targets, HistoryQuery query, CallContext call, List<MaintenanceException> failures)
    {
        var known = targets.Select(target => target.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var stores = new List<IHistoryStore>();
        if (targets.Count == 0 || query.Targets.Any(name => !known.Contains(name)))
        {
            stores.Add(FileStore(HistoryPath.Default));
        }

        foreach (var target in targets)
        {
            if (StoreOf(target, call) is { } store)
            {
                stores.Add(store);
            }
            else if (query.Targets.Contains(target.Name, StringComparer.OrdinalIgnoreCase) || targets.Count == 1)
            {
                // Asked for by name, or the only one there is; otherwise a target without history is nothing to complain about.
                failures.Add(NotConfigured(target));
            }
        }

        return [.. stores.DistinctBy(store => store.Place)];
    }

    /// <summary>Where a target's history is kept; null for nowhere.</summary>
    internal IHistoryStore? StoreOf(MaintenanceTarget target, CallContext call) => target.History.Kind switch
    {
        HistoryKind.None => null,
        HistoryKind.Postgres => new PostgresHistoryStore(_database, target, call, HistoryMigrations.Of("postgres")),
        _ => FileStore(target.History.Path ?? HistoryPath.Default),
    };

    private SqliteHistoryStore FileStore(string path) =>
        new(Path.GetFullPath(path), _time, HistoryMigrations.Of("sqlite"));

    /// <summary>The error for a target of which nothing is kept.</summary>
    internal static MaintenanceException NotConfigured(MaintenanceTarget target) => new(
        MaintenanceErrorCode.NotConfigured,
        $"The target '{target.Name}' keeps no history (history.kind is None).",
        "Set history.kind to Sqlite or Postgres in maintenance.json.");
}
