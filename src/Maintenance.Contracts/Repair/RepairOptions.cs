namespace Maintenance;

/// <summary>How far a repair may go.</summary>
public sealed record RepairOptions
{
    /// <summary>A remedy of a higher risk is refused. Default Medium.</summary>
    public RemedyRisk MaximumRisk { get; init; } = RemedyRisk.Medium;

    /// <summary>How many remedies the run may carry out; null for what the target's configuration says.</summary>
    public int? MaximumActions { get; init; }

    /// <summary>How many the run has carried out already.</summary>
    public int ActionsDone { get; init; }

    /// <summary>Carry out a remedy although it did not help a short while ago, or although nobody knows whether it did. Skips nothing else.</summary>
    public bool Force { get; init; }

    /// <summary>How long one waits at the most for a remedy to show its effect; null for four times the target's <see cref="RepairPolicy.Settle"/>.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>A remedy of the caller's own, in place of the finding's: returns what it tells of itself, and observes its token.</summary>
    public Func<Finding, CancellationToken, Task<string>>? Script { get; init; }

    /// <summary>The text of that remedy, to be shown and kept.</summary>
    public string ScriptText { get; init; } = "";

    /// <summary>How long that remedy may take. Default 5 min.</summary>
    public TimeSpan ScriptTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
