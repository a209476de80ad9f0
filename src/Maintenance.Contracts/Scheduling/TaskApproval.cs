namespace Maintenance;

/// <summary>That a person wants a task to run which does not without.</summary>
public sealed record TaskApproval
{
    /// <summary>Who approved.</summary>
    public required string By { get; init; }

    /// <summary>The last day (UTC) on which it holds. Null: until it is taken back.</summary>
    public DateOnly? Until { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>True if it holds at a time.</summary>
    /// <param name="time">The time.</param>
    public bool HoldsAt(DateTimeOffset time) => Until is not { } until || DateOnly.FromDateTime(time.UtcDateTime) <= until;
}
