namespace Maintenance;

/// <summary>How much those who use the system may notice of a task. Levels of the operations guide's maintenance matrix.</summary>
public enum ScheduleImpact
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Hardly anything.</summary>
    Minimal,

    /// <summary>A little.</summary>
    Low,

    /// <summary>Slower answers.</summary>
    Medium,

    /// <summary>Much: it wants a time when few are there.</summary>
    High,
}
