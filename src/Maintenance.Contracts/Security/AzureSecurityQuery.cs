namespace Maintenance;

/// <summary>Which Azure resources an audit looks at, and what of its findings is wanted.</summary>
public sealed record AzureSecurityQuery
{
    /// <summary>Id of the subscription; null for the configured one.</summary>
    public string? SubscriptionId { get; init; }

    /// <summary>Name of the resource group; null for the configured one, if its subscription is looked at, else for the whole subscription.</summary>
    public string? ResourceGroup { get; init; }

    /// <summary>Which checks are wanted, by id; null for all.</summary>
    public Func<string, bool>? Ids { get; init; }

    /// <summary>Findings that matter less are left out. One that could not be checked counts as much as it would if it had failed.</summary>
    public FindingSeverity MinimumSeverity { get; init; }

    /// <summary>Checks that found nothing wrong are told too: one finding each, with outcome Pass.</summary>
    public bool IncludePassed { get; init; }
}
