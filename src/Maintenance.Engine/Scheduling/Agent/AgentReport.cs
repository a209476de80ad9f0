using Maintenance.Engine.Inspect;
using Maintenance.Engine.Reporting;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>Makes the report of an agent: what it and the others of its cluster are at, and what ran last. Pure.</summary>
internal static class AgentReport
{
    private const int MostLast = 5;

    /// <summary>Makes it.</summary>
    public static Report Of(AgentOptions options, string instance, AgentState state, AgentCluster cluster, IReadOnlyList<string> gaps, DateTimeOffset now)
    {
        var gone = cluster.Nodes.Count(node => !node.IsHere);
        var bad = state.Events.Where(happened => happened.Key.Kind is AgentEventKind.Failed or AgentEventKind.Lost or AgentEventKind.Missed).Sum(happened => happened.Value);
        return new Report(
            $"Agent {instance}",
            state.Trouble is not null ? HealthStatus.Critical : state.IsDraining || gone > 0 || bad > 0 ? HealthStatus.Warning : cluster.Gap is not null || gaps.Count > 0 ? HealthStatus.Unknown : HealthStatus.Ok,
            [
                Summary(options, state, cluster, gone, bad, now),
                .. cluster.Gap is { } gap ? [gap] : Array.Empty<string>(),
                .. gaps.Take(10),
                .. gaps.Count > 10 ? [Say.Text($"So it is with {gaps.Count - 10} more targets.")] : Array.Empty<string>(),
                .. options.TimeScale == 1 ? Array.Empty<string>() : [Say.Text($"This is a trial: the time between runs is divided by {options.TimeScale:0.##}, and times of the schedule below do not hold.")],
            ],
            [Running(cluster, now), .. options.JobStore is null ? [] : new[] { Nodes(cluster, instance, now) }, Last(state), Events(state)])
        {
            Tiles = [.. Tiles(options, state, cluster, gone, bad)],
        };
    }

    private static string Summary(AgentOptions options, AgentState state, AgentCluster cluster, int gone, long bad, DateTimeOffset now)
    {
        var whose = options.JobStore is null ? "It runs alone" : cluster.Nodes.Count - gone <= 1 ? $"It is the only agent of the cluster '{options.Cluster}'" : Say.Text($"It is one of {Say.Count(cluster.Nodes.Count - gone, "agent", "agents")} of the cluster '{options.Cluster}'");
        return state.Trouble is { } trouble ? trouble
            : state.IsDraining ? $"It is asked to end, takes no more work, and waits for {Say.Count(state.Running.Count, "run", "runs")}."
            : $"{whose}, and has been at work for {Say.Duration(now - state.StartedAt)}: {Say.Count(state.Runs.Values.Sum(), "run", "runs")} on {Say.Count(options.Targets.Count, "target", "targets")}.{(gone > 0 ? $" {Say.Count(gone, "agent", "agents")} of the cluster {(gone == 1 ? "has" : "have")} not been heard of lately." : "")}{(bad > 0 ? $" {Say.Count(bad, "run", "runs")} did not happen, or did not come to an end." : "")}";
    }

    private static IEnumerable<ReportTile> Tiles(AgentOptions options, AgentState state, AgentCluster cluster, int gone, long bad)
    {
        yield return new ReportTile("running now", Say.Text($"{cluster.Running.Count}"), null, options.JobStore is null ? Say.Text($"of {options.MaximumConcurrency} at once") : "on all agents that are known");
        var runs = state.Runs.Values.Sum();
        var wrong = state.Runs.Where(run => run.Key.Status != HealthStatus.Ok).Sum(run => run.Value);
        yield return new ReportTile("runs of this agent", Say.Text($"{runs:#,0}"), null, runs == 0 ? null : Say.Text($"{wrong:#,0} of them not Ok"));
        yield return new ReportTile("failed, lost or missed", Say.Text($"{bad:#,0}"), bad > 0 ? "Warning" : "Ok");
        if (options.JobStore is not null)
        {
            yield return new ReportTile("agents at work", cluster.Gap is null ? Say.Text($"{cluster.Nodes.Count - gone}") : "unknown", gone > 0 ? "Warning" : cluster.Gap is null ? "Ok" : "Unknown", gone > 0 ? Say.Text($"{gone} not heard of lately") : null);
        }
    }

    private static ReportSection Running(AgentCluster cluster, DateTimeOffset now) => new(
        "Running now",
        ["Task", "Target", "Agent", "Since", "For"],
        [.. cluster.Running.Select(run => (IReadOnlyList<string?>)[run.Task, run.Target, run.Agent, Say.Text($"{run.StartedAt.UtcDateTime:HH:mm:ss}"), Say.Duration(now - run.StartedAt)])],
        "Nothing at the moment.");

    private static ReportSection Nodes(AgentCluster cluster, string instance, DateTimeOffset now) => new(
        "Agents",
        ["State", "Agent", "Last heard of", "Runs now"],
        [
            .. cluster.Nodes.Select(node => (IReadOnlyList<string?>)
            [
                node.IsHere ? "Here" : "Gone",
                node.Name == instance ? $"{node.Name} (this one)" : node.Name,
                Say.Text($"{Say.Duration(now - node.SeenAt)} ago"),
                Say.Text($"{cluster.Running.Count(run => run.Agent == node.Name)}"),
            ]),
        ],
        "None is known.");

    private static ReportSection Last(AgentState state) => new(
        "What this agent ran last",
        ["Status", "Task", "Target", "Began", "Took", "Message"],
        [
            .. state.Last.Take(MostLast).Select(run => (IReadOnlyList<string?>)
            [
                run.Status.ToString(), run.Task, run.Target, Say.Text($"{run.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}"), Say.Text($"{run.Duration.TotalSeconds:0.0} s"), run.Message,
            ]),
        ],
        "Nothing yet.")
    {
        Below = "Message",
    };

    private static ReportSection Events(AgentState state) => new(
        "What did not come to an end",
        ["What", "Task", "How often"],
        [.. state.Events.OrderBy(happened => happened.Key.Kind).ThenBy(happened => happened.Key.Task, StringComparer.Ordinal).Select(happened => (IReadOnlyList<string?>)[Word(happened.Key.Kind), happened.Key.Task, Say.Text($"{happened.Value:#,0}")])],
        "Nothing: every run that began came to its end.");

    private static string Word(AgentEventKind kind) => kind switch
    {
        AgentEventKind.Refused => "Refused: somebody else is at it, or no window is open",
        AgentEventKind.Failed => "Could not run",
        AgentEventKind.Cancelled => "Cancelled: the agent was asked to end",
        AgentEventKind.Lost => "Lost: its agent died",
        _ => "Missed: no agent was there, or all were busy",
    };
}
