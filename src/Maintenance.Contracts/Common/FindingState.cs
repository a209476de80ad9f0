namespace Maintenance;

/// <summary>Where a finding stands against what was found before.</summary>
public enum FindingState
{
    /// <summary>It was not compared: there is no history, or nobody asked for it.</summary>
    Untracked = 0,

    /// <summary>It was not there the last time, or it was fixed since and has come back.</summary>
    New,

    /// <summary>It was there before.</summary>
    Known,

    /// <summary>It was there before, the same check ran again, and it is gone.</summary>
    Fixed,

    /// <summary>Somebody decided to live with it until a date (<c>security.accepted</c> of the configuration).</summary>
    Accepted,
}
