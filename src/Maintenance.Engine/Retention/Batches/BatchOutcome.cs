using System.Numerics;

namespace Maintenance.Engine.Retention;

/// <summary>What a batch is asked for.</summary>
/// <param name="From">The first time, as text.</param>
/// <param name="End">The end, which does not belong to it, as text.</param>
/// <param name="At">How many rows to pass over, or the first block.</param>
internal sealed record BatchRequest(string From, string End, long At = 0);

/// <summary>What a batch did.</summary>
internal sealed record BatchOutcome
{
    /// <summary>Rows that left, or were overwritten.</summary>
    public required long Rows { get; init; }

    /// <summary>Those of them that arrived, or came out as they should.</summary>
    public required long Arrived { get; init; }

    /// <summary>Their bytes; null if not measured.</summary>
    public long? Bytes { get; init; }

    /// <summary>Checksum of what left, the sum of the hashes of its rows; null if not computed.</summary>
    public BigInteger? Before { get; init; }

    /// <summary>Checksum of what arrived.</summary>
    public BigInteger? After { get; init; }

    /// <summary>The time before which it ended, as text; null if it reached the end of what it was asked for.</summary>
    public string? Reached { get; init; }

    /// <summary>Rows that it chose; null if it took all in its range.</summary>
    public long? Chosen { get; init; }

    /// <summary>How much it was asked to take.</summary>
    public required int Size { get; init; }

    /// <summary>How long it held its locks.</summary>
    public TimeSpan Took { get; init; }
}
