namespace Maintenance;

/// <summary>What an access review looks at.</summary>
public sealed record DbAccessQuery
{
    /// <summary>After how long without activity a role is inactive; null for what the target's configuration says.</summary>
    public TimeSpan? InactiveAfter { get; init; }

    /// <summary>Takes no sample of who is active: the history is read, and not written.</summary>
    public bool NoSample { get; init; }
}
