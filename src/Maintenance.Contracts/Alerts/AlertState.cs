namespace Maintenance;

/// <summary>Where an alert stands.</summary>
public enum AlertState
{
    /// <summary>The value is good.</summary>
    Inactive = 0,

    /// <summary>The value is bad, but not for long enough.</summary>
    Pending,

    /// <summary>The value is bad.</summary>
    Firing,

    /// <summary>The value is good again, but not for long enough.</summary>
    Recovering,

    /// <summary>Nobody knows the value.</summary>
    NoData,
}

/// <summary>What there is to tell people about an alert.</summary>
public enum AlertNews
{
    /// <summary>Nothing that they do not know.</summary>
    None = 0,

    /// <summary>It fires.</summary>
    Firing,

    /// <summary>It is over.</summary>
    Resolved,

    /// <summary>Nobody knows the value.</summary>
    NoData,

    /// <summary>It comes and goes; nothing is told until it is steady.</summary>
    Flapping,

    /// <summary>It still fires, or still nobody knows.</summary>
    Repeated,

    /// <summary>It still fires, and goes to the second channel.</summary>
    Escalated,

    /// <summary>Nothing watches it any more: its rule was removed or switched off. Whether it is over nobody knows.</summary>
    Unwatched,

    /// <summary>People know that it fires, and something else has failed since: told once.</summary>
    Joined,
}
