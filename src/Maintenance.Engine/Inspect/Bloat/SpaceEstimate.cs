namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>What a relation would take if it were newly written, or why that cannot be told.</summary>
internal sealed record SpaceEstimate
{
    /// <summary>Bytes that it needs; null if unknown.</summary>
    public long? Needed { get; init; }

    /// <summary>By what share of <see cref="Needed"/> that may be off.</summary>
    public double RelativeError { get; init; }

    /// <summary>The part of <see cref="Needed"/> that the fillfactor keeps free.</summary>
    public long Reserved { get; init; }

    /// <summary>Rows or entries.</summary>
    public double? Tuples { get; init; }

    /// <summary>Bytes of a page that one of them takes, with its pointer.</summary>
    public double Slot { get; init; }

    /// <summary>True if all of them have the same length.</summary>
    public bool IsConstant { get; init; }

    /// <summary>True if the rows may still hold the bytes of columns that were dropped.</summary>
    public bool HasDroppedColumns { get; init; }

    /// <summary>Of a TOAST table: chunks of a value, on average; null if unknown.</summary>
    public double? ChunksPerValue { get; init; }

    /// <summary>Why it is unknown.</summary>
    public string? Reason { get; init; }

    /// <summary>What would make it known.</summary>
    public string? Recommendation { get; init; }

    public static SpaceEstimate Unknown(string reason, string? recommendation = null) => new() { Reason = reason, Recommendation = recommendation };
}
