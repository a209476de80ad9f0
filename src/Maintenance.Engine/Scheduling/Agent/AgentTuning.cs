using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>How patient an agent is. Tests are in more of a hurry, and bring tasks of their own.</summary>
internal sealed record AgentTuning
{
    /// <summary>How often an agent of a cluster says that it is there, and how much later than that it counts as gone.</summary>
    public TimeSpan CheckIn { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a run that was cancelled may take to let go of what it holds.</summary>
    public TimeSpan CancelPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much longer than its own limit a run may go on before the agent cancels it. A task ends itself in time; this is for one that does not.</summary>
    public TimeSpan OverduePatience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A task to run in place of the one of that name; null for the real one.</summary>
    public Func<string, IMaintenanceTask?> Task { get; init; } = _ => null;
}
