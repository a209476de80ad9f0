using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>The agents that share their work, and what they are at, as their job store has it.</summary>
/// <param name="Nodes">The agents; an agent alone is the only one.</param>
/// <param name="Running">What they are at.</param>
/// <param name="Gap">Why the others are not known; null where they are, or there are none.</param>
internal sealed record AgentCluster(IReadOnlyList<AgentNode> Nodes, IReadOnlyList<ClusterRun> Running, string? Gap)
{
    /// <summary>A page of more is no page.</summary>
    private const int MostRunning = 200;

    /// <summary>Of a busy or slow agent it takes a moment longer.</summary>
    private const int MissedCheckIns = 3;

    /// <summary>An agent alone.</summary>
    public static AgentCluster Alone(string instance, AgentState state, DateTimeOffset now, string? gap = null) =>
        new([new AgentNode(instance, now, true)], [.. state.Running.Select(run => new ClusterRun(run.Target, run.Task, instance, run.StartedAt, run.Scheduled))], gap);

    /// <summary>Reads it; where the job store does not answer, this agent is all that is known.</summary>
    public static async Task<AgentCluster> ReadAsync(DatabaseConnector connector, AgentOptions options, string instance, AgentState state, CallContext call, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (options.JobStore is not { } store)
        {
            return Alone(instance, state, now);
        }

        try
        {
            using var deadline = new Deadline(call.Timeout, time, cancellationToken);
            return await deadline.RunAsync("Reading the job store", async token =>
            {
                await using var session = await connector.OpenAsync(store, new SessionOptions("AgentPage", call.Timeout), call, token);
                var nodes = await session.QueryAsync(
                    "Scheduling/Agent/Sql/Nodes.sql",
                    row => (Name: row.GetString(0), SeenAt: Time(row.GetInt64(1)), Every: TimeSpan.FromMilliseconds(row.GetInt64(2))),
                    token,
                    options.Cluster);
                var running = await session.QueryAsync(
                    "Scheduling/Agent/Sql/Fired.sql", row => new ClusterRun(row.GetString(0), row.GetString(1), row.GetString(2), Time(row.GetInt64(3)), Time(row.GetInt64(4))), token, options.Cluster, MostRunning);
                return new AgentCluster([.. nodes.Select(node => new AgentNode(node.Name, node.SeenAt, now - node.SeenAt < MissedCheckIns * node.Every))], running, null);
            });
        }
        catch (MaintenanceException problem) when (!cancellationToken.IsCancellationRequested)
        {
            return Alone(instance, state, now, $"The other agents are not known: {problem.Message}");
        }
    }

    private static DateTimeOffset Time(long ticks) => new(Math.Clamp(ticks, 0, DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);
}

/// <summary>An agent of a cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SeenAt">When it said last that it is there.</param>
/// <param name="IsHere">True if that is not long ago.</param>
internal sealed record AgentNode(string Name, DateTimeOffset SeenAt, bool IsHere);

/// <summary>A run that some agent of a cluster is at.</summary>
/// <param name="Target">The target.</param>
/// <param name="Task">The task.</param>
/// <param name="Agent">The agent.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Scheduled">When it was due.</param>
internal sealed record ClusterRun(string Target, string Task, string Agent, DateTimeOffset StartedAt, DateTimeOffset Scheduled);
