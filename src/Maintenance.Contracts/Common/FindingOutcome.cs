namespace Maintenance;

/// <summary>What a check came to. Only <see cref="Fail"/> and <see cref="Pass"/> were measured.</summary>
public enum FindingOutcome
{
    /// <summary>The check ran and found the fault.</summary>
    Fail = 0,

    /// <summary>The check ran and found nothing wrong.</summary>
    Pass = 1,

    /// <summary>Only a person can check this.</summary>
    Manual = 2,

    /// <summary>The check needs a privilege that this role does not have; the recommendation says which.</summary>
    NotPermitted = 3,

    /// <summary>The check could not run for another reason.</summary>
    Unknown = 4,
}
