namespace Maintenance;

/// <summary>Where a target's history is kept.</summary>
public enum HistoryKind
{
    /// <summary>A SQLite file on this machine.</summary>
    Sqlite = 0,

    /// <summary>The <c>maintenance</c> schema of the target's own database. Created on first use.</summary>
    Postgres,

    /// <summary>Nowhere: nothing is recorded, and what needs a history says so.</summary>
    None,
}

/// <summary>Where a target's history is kept.</summary>
public sealed record HistorySettings
{
    /// <summary>The kind of store. Default SQLite.</summary>
    public HistoryKind Kind { get; init; }

    /// <summary>The SQLite file; null for the user's own, shared by all targets.</summary>
    public string? Path { get; init; }
}
