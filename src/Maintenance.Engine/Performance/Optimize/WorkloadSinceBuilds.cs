using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>
/// Takes the time of a statement from after the last index that was built for it and kept: what it took before is no reason for another.
/// </summary>
internal static class WorkloadSinceBuilds
{
    /// <summary>Asks the server which of the indexes are there, and what it has counted since, and weighs the workload by it.</summary>
    /// <param name="session">A session of the database, with pg_stat_statements on its search path.</param>
    /// <param name="workload">The workload.</param>
    /// <param name="queries">The statements that were named, whose figures are those of their windows; null for what the server has counted altogether.</param>
    /// <param name="trials">The verdicts of the database.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public static async Task<Workload> WeighAsync(
        DatabaseSession session, Workload workload, IReadOnlyList<SlowQuery>? queries, IReadOnlyList<PastTrial> trials, CancellationToken cancellationToken)
    {
        var kept = trials.Where(trial => trial.Helped && workload.Items.Any(item => item.Statement.QueryId is { } id && trial.Statements.ContainsKey(id))).ToList();
        if (kept.Count == 0)
        {
            return workload;
        }

        var there = await session.QueryAsync(
            "Performance/Optimize/Sql/IndexesThere.sql",
            row => kept[row.GetInt32(0) - 1],
            cancellationToken,
            kept.Select(trial => trial.Build.Schema).ToArray(),
            kept.Select(trial => trial.Build.Name).ToArray());
        var now = await StatementCounter.ReadAsync(session, there.SelectMany(trial => trial.Statements.Keys), cancellationToken);
        return Weigh(workload, queries, there, now);
    }

    /// <summary>Weighs. Pure.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="queries">The statements that were named.</param>
    /// <param name="kept">The indexes that were built, and are there.</param>
    /// <param name="now">What the server has counted.</param>
    public static Workload Weigh(Workload workload, IReadOnlyList<SlowQuery>? queries, IReadOnlyList<PastTrial> kept, IReadOnlyDictionary<long, StatementCounter> now)
    {
        var items = new List<WorkloadItem>();
        var silent = new HashSet<long>();
        var builds = new HashSet<PastTrial>();
        foreach (var item in workload.Items)
        {
            if (item.Statement.QueryId is not { } id
                || kept.Where(trial => trial.Statements.ContainsKey(id)).MaxBy(trial => trial.At) is not { } build
                || queries?.FirstOrDefault(query => query.QueryId == id && (query.User is null || query.User == item.User)) is { } named && named.From >= build.At)
            {
                items.Add(item);
                continue;
            }

            var all = now.GetValueOrDefault(id) ?? StatementCounter.None;
            var since = all.Since(build.Statements[id]);
            if (since.Calls < 1)
            {
                silent.Add(id);
                builds.Add(build);
                continue;
            }

            // Several roles may run it, and an index helps them alike. A window may be shorter than the time since the build.
            var (calls, time) = queries is null
                ? (item.Statement.Calls * since.Calls / all.Calls, all.Milliseconds > 0 ? item.Statement.TotalMilliseconds * since.Milliseconds / all.Milliseconds : 0)
                : (Math.Min(item.Statement.Calls, since.Calls), Math.Min(item.Statement.TotalMilliseconds, since.Milliseconds));
            items.Add(item with
            {
                Statement = item.Statement with { Calls = calls, TotalMilliseconds = time, Rows = item.Statement.Calls > 0 ? item.Statement.Rows * calls / item.Statement.Calls : item.Statement.Rows },
            });
        }

        // Shares stay shares of all that the server has counted: with less time of some, the others do not weigh more.
        return workload with
        {
            Items = [.. items.OrderByDescending(item => item.Statement.TotalMilliseconds)],
            Served = silent.Count == 0 ? [] : [Tell(silent.Count, builds)],
        };
    }

    private static string Tell(int statements, IEnumerable<PastTrial> builds) => Say.Text(
        $"Nothing more is proposed for {Say.Count(statements, "statement", "statements")}: an index was built for {(statements == 1 ? "it" : "them")}, and there are no figures since ({string.Join(", ", builds.OrderBy(build => build.At).Select(build => Say.Text($"{build.Build.Schema}.{build.Build.Name}, {build.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC")))}). Ask again when the application has run for a while.");
}
