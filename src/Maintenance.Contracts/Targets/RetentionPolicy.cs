namespace Maintenance;

/// <summary>What happens to rows past their age.</summary>
public enum RetentionAction
{
    /// <summary>They are deleted.</summary>
    Delete = 0,

    /// <summary>They move to another table.</summary>
    ArchiveToTable,
}

/// <summary>How long the rows of a table are kept.</summary>
public sealed record RetentionPolicy
{
    /// <summary>The table, schema-qualified or found in <c>public</c>.</summary>
    public required string Table { get; init; }

    /// <summary>The column that tells a row's age.</summary>
    public required string TimeColumn { get; init; }

    /// <summary>Rows older than this are due.</summary>
    public required TimeSpan Age { get; init; }

    /// <summary>What happens to them. Default: deleted.</summary>
    public RetentionAction Action { get; init; }

    /// <summary>Where they go, for an archive.</summary>
    public string? Destination { get; init; }
}
