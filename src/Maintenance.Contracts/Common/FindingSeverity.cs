namespace Maintenance;

/// <summary>How much a finding matters, least first, so that <c>-ge High</c> works in a filter.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing; nothing to do.</summary>
    Info = 0,

    /// <summary>Worth doing when there is time.</summary>
    Low = 1,

    /// <summary>Past a warning limit: look at it in working hours.</summary>
    Medium = 2,

    /// <summary>Serious: look at it today.</summary>
    High = 3,

    /// <summary>Data, availability or safety is at stake now.</summary>
    Critical = 4,
}
