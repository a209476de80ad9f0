namespace Maintenance;

/// <summary>Which target is wanted, and what the caller says about it.</summary>
public sealed record TargetRequest
{
    /// <summary>The configuration file; null to look for it.</summary>
    public string? Path { get; init; }

    /// <summary>The folder the caller is in, where <c>maintenance.json</c> is looked for.</summary>
    public required string CurrentFolder { get; init; }

    /// <summary>Name of the target; null for the default one.</summary>
    public string? Name { get; init; }

    /// <summary>True for every target of the file.</summary>
    public bool All { get; init; }

    /// <summary>What the caller says. It counts more than the file and the environment.</summary>
    public PartialTarget Parameters { get; init; } = new();
}
