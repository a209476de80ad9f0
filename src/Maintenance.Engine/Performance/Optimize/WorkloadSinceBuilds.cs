using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>
/// Takes the time of a statement from after the last index that was built for it and kept: what it took before is no reason for another.
/// </summary>
internal static class WorkloadSinceBuilds
{
    /// <summary>Weighs. Pure.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="queries">The statements that were named, whose figures are those of their windows; null for what the server has counted altogether.</param>
    /// <param name="builds">The indexes that were built, and are there.</param>
    public static Workload Weigh(Workload workload, IReadOnlyList<SlowQuery>? queries, KeptBuilds builds)
    {
        var (kept, now) = (builds.There.Select(one => one.Trial).ToList(), builds.Now);
        var items = new List<WorkloadItem>();
        var silent = new HashSet<long>();
        var awaited = new HashSet<PastTrial>();
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
                awaited.Add(build);
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
            Served = silent.Count == 0 ? [] : [Tell(silent.Count, awaited)],
        };
    }

    private static string Tell(int statements, IEnumerable<PastTrial> builds) => Say.Text(
        $"Nothing more is proposed for {Say.Count(statements, "statement", "statements")}: an index was built for {(statements == 1 ? "it" : "them")}, and there are no figures since ({string.Join(", ", builds.OrderBy(build => build.At).Select(build => Say.Text($"{build.Build.Schema}.{build.Build.Name}, {build.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC")))}). Ask again when the application has run for a while.");
}
