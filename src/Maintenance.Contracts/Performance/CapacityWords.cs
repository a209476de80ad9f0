namespace Maintenance;

/// <summary>What a forecast says, in words: what was measured as it is, what is expected with no more digits than its error leaves.</summary>
public sealed record CapacityWords
{
    /// <summary>The growth a day: <c>+1.2 GB</c>.</summary>
    public required string Growth { get; init; }

    /// <summary>The growth a day with its range: <c>+1.2 GB a day (+1.1 GB to +1.4 GB)</c>.</summary>
    public required string GrowthRange { get; init; }

    /// <summary>What is expected at the end of the projection, and the highest value on the way where it is one of its own: <c>52, peak 72</c>.</summary>
    public required string Expected { get; init; }

    /// <summary>What is expected at the end of the projection, with its range.</summary>
    public required string Projected { get; init; }

    /// <summary>The highest value on the way with its day; null where it is none of its own.</summary>
    public string? Peak { get; init; }

    /// <summary>When the limit is expected to be reached; empty where it is not.</summary>
    public required string Reached { get; init; }

    /// <summary>The dates between which it is reached; empty where they are not known.</summary>
    public required string Between { get; init; }
}
