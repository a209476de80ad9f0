namespace Maintenance.Engine.Alerts;

/// <summary>What an evaluation has to know besides the values.</summary>
/// <param name="Target">The target.</param>
/// <param name="Rules">The rules in force.</param>
/// <param name="Silences">The silences that hold now.</param>
/// <param name="Window">The name of what keeps people from being told, such as a maintenance window that is open; null for nothing.</param>
/// <param name="Now">The time.</param>
internal sealed record AlertSituation(
    MaintenanceTarget Target, IReadOnlyList<AlertRule> Rules, IReadOnlyList<AlertSilence> Silences, string? Window, DateTimeOffset Now)
{
    /// <summary>The rules in force, where all of them are looked at: what none of them watches ends. Null where some are left out, and nothing ends.</summary>
    public IReadOnlyList<AlertRule>? InForce { get; init; }
}

/// <summary>What became of one alert.</summary>
/// <param name="Before">What was remembered.</param>
/// <param name="After">What is to be remembered.</param>
/// <param name="Alert">What it comes to.</param>
internal sealed record AlertOutcome(AlertMemory Before, AlertMemory After, Alert Alert)
{
    /// <summary>The part of the system whose trouble keeps the value from being known; null for none.</summary>
    public string? ExplainedBy { get; init; }

    /// <summary>Whether its state has changed.</summary>
    public bool IsTransition => Before.State != After.State;

    /// <summary>Whether there is something to keep: a change, or that it was seen for the first time.</summary>
    public bool IsChanged => After != Before || Before.Version == 0;
}
