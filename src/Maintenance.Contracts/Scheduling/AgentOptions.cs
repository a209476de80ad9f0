namespace Maintenance;

/// <summary>How an agent runs the schedules of its targets.</summary>
public sealed record AgentOptions
{
    /// <summary>The maintained systems. Every agent of a cluster must know the same.</summary>
    public required IReadOnlyList<MaintenanceTarget> Targets { get; init => field = Readable.Copy(value); }

    /// <summary>Names of the tasks to run; empty for all that are scheduled.</summary>
    public IReadOnlyList<string> Tasks { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The target whose database keeps what the agents of a cluster share, in the schema maintenance_agent. Null: one agent alone, in memory.</summary>
    public MaintenanceTarget? JobStore { get; init; }

    /// <summary>Agents of one name on one database share the work; those of another know nothing of them. Default maintenance.</summary>
    public string Cluster { get; init; } = "maintenance";

    /// <summary>Name of this agent in its cluster. Null: made of the machine, the process and a random part.</summary>
    public string? Instance { get; init; }

    /// <summary>How many runs at once. Each has a few connections at the most. Default: four for each processor.</summary>
    public int MaximumConcurrency { get; init; } = 4 * Environment.ProcessorCount;

    /// <summary>How long runs may go on once the agent is asked to end; then they are cancelled. Default 1 min.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Port on the loopback address for health, metrics and the status page. 0: any free one. Null: none.</summary>
    public int? Port { get; init; }

    /// <summary>By what the time between runs is divided, for trying out; at least a second remains. Default 1: the schedule as it is.</summary>
    public double TimeScale { get; init; } = 1;

    /// <summary>How long to run. Null: until asked to end.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>What becomes of a run whose agent died. Default <see cref="LostRunPolicy.RunAgainIfHarmless"/>.</summary>
    public LostRunPolicy OnLost { get; init; }
}

/// <summary>What becomes of a run whose agent died in the middle of it.</summary>
public enum LostRunPolicy
{
    /// <summary>Tasks that only look run again at once; those that change the system are reported, and run when their time comes next.</summary>
    RunAgainIfHarmless = 0,

    /// <summary>Every task runs again at once, inside the maintenance windows.</summary>
    RunAgain,

    /// <summary>It is reported; the task runs when its time comes next.</summary>
    Report,
}
