namespace Maintenance;

/// <summary>How much of a task happens without a person. Levels of the operations guide's maintenance matrix.</summary>
public enum AutomationLevel
{
    /// <summary>Runs with nobody watching.</summary>
    Full = 0,

    /// <summary>Plans by itself; what changes the system waits until a person has approved it.</summary>
    Semi,

    /// <summary>Measures by itself; what comes of it counts once a person has reviewed it.</summary>
    ManualReview,

    /// <summary>Is begun by a person.</summary>
    Manual,
}
