namespace Maintenance.Engine.Alerts;

/// <summary>What people were told last about an alert.</summary>
internal enum AlertTold
{
    Nothing = 0,
    Firing,
    NoData,
    Flapping,
}

/// <summary>Which alert it is: one rule of a target, for one series of its metric.</summary>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Series">The metric's labels as one text.</param>
internal sealed record AlertKey(string Rule, string Series)
{
    /// <summary>Names of rules are compared as PowerShell compares them, labels as they are.</summary>
    public bool Equals(AlertKey? other) =>
        other is not null && StringComparer.OrdinalIgnoreCase.Equals(Rule, other.Rule) && StringComparer.Ordinal.Equals(Series, other.Series);

    public override int GetHashCode() => HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(Rule), Series);
}

/// <summary>What is remembered of an alert from one evaluation to the next: where it stands, and what people know.</summary>
internal sealed record AlertMemory
{
    public required AlertKey Key { get; init; }

    /// <summary>Counts its changes in the history, so that of two who change it at once only one succeeds. 0 for one that is not kept yet.</summary>
    public long Version { get; init; }

    public AlertState State { get; init; }

    /// <summary>Since when it stands so.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How many bad values in a row have been seen.</summary>
    public int BadSamples { get; init; }

    /// <summary>Since when there is no data; null while there is.</summary>
    public DateTimeOffset? NoDataSince { get; init; }

    /// <summary>The time of the newest value that was seen: the same one does not count twice.</summary>
    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>Number of changes between firing and not, halved every half-life, as of the last one.</summary>
    public double FlapScore { get; init; }

    /// <summary>When the last one was.</summary>
    public DateTimeOffset? FlapAt { get; init; }

    public bool IsFlapping { get; init; }

    /// <summary>What people were told last.</summary>
    public AlertTold Told { get; init; }

    /// <summary>When they were told last.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>When they were first told of what still goes on.</summary>
    public DateTimeOffset? FirstToldAt { get; init; }

    /// <summary>When it went to the second channel.</summary>
    public DateTimeOffset? EscalatedAt { get; init; }
}
