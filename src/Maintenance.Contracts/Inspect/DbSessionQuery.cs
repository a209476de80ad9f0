namespace Maintenance;

/// <summary>Which sessions to read.</summary>
public sealed record DbSessionQuery
{
    /// <summary>The server's own processes too.</summary>
    public bool All { get; init; }

    /// <summary>Only root blockers and those below them.</summary>
    public bool Blocking { get; init; }

    /// <summary>Only sessions that are idle in a transaction.</summary>
    public bool IdleInTransaction { get; init; }

    /// <summary>Only sessions that have been in their state for at least so long.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Only sessions in these states; empty for all.</summary>
    public IReadOnlyList<DbSessionState> States { get; init => field = Readable.Copy(value); } = Readable.List<DbSessionState>.Empty;

    /// <summary>Only sessions of these roles; empty for all.</summary>
    public IReadOnlyList<string> Roles { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Only these processes, whatever they are; empty for all.</summary>
    public IReadOnlyList<int> ProcessIds { get; init => field = Readable.Copy(value); } = Readable.List<int>.Empty;

    /// <summary>Sample for so long, and return whoever blocked or was blocked at any moment; null for one look.</summary>
    public TimeSpan? Burst { get; init; }
}
