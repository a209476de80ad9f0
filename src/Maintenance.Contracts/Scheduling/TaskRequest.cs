namespace Maintenance;

/// <summary>How a task is to be run.</summary>
public sealed record TaskRequest
{
    /// <summary>True to run a task that changes the system outside the target's maintenance windows too. Skips no safety check.</summary>
    public bool Force { get; init; }

    /// <summary>A person's approval of this run. Null: the one of the target's schedule counts, if it holds.</summary>
    public TaskApproval? Approval { get; init; }
}
