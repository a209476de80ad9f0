namespace Maintenance;

/// <summary>Somebody wants to hear nothing of some rules for a while. What happens is recorded all the same.</summary>
public sealed record AlertSilence
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Name of the rules, with the wildcards * and ?.</summary>
    public required string Rule { get; init; }

    /// <summary>When it begins (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When it ends (UTC).</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Who.</summary>
    public required string By { get; init; }
}
