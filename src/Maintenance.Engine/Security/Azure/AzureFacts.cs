using System.Text.Json;

namespace Maintenance.Engine.Security.Azure;

/// <summary>Kinds of resources that checks look at.</summary>
internal enum AzureKind
{
    /// <summary>The subscription itself, for its role assignments.</summary>
    Subscription = 0,
    StorageAccount,

    /// <summary>A blob container that a store of the target names.</summary>
    TargetContainer,
    Vault,
    NetworkSecurityGroup,
    PostgresServer,
    WebApp,
    ContainerApp,
    VirtualMachine,
}

/// <summary>What a request that lists something gave.</summary>
/// <param name="Items">What was read.</param>
/// <param name="Gap">Why that is not all; null if it is.</param>
internal sealed record AzureListing(IReadOnlyList<JsonElement> Items, AzureGap? Gap = null)
{
    public static AzureListing Unread(AzureGap gap) => new([], gap);
}

/// <summary>One resource as Azure Resource Manager describes it, and what else was asked about it.</summary>
internal sealed class AzureResource
{
    private readonly IReadOnlyDictionary<string, AzureListing> _details;

    private AzureResource(AzureKind kind, string subject, string name, string group, JsonElement json, IReadOnlyDictionary<string, AzureListing> details) =>
        (Kind, Subject, Name, Group, Json, _details) = (kind, subject, name, group, json, details);

    /// <summary>What it was listed as; its own word for it may be left out.</summary>
    public AzureKind Kind { get; }

    /// <summary>What findings call it: resource group and name, since most names are unique in their group only.</summary>
    public string Subject { get; }

    public string Name { get; }

    public string Group { get; }

    /// <summary>All of it.</summary>
    public JsonElement Json { get; }

    /// <summary>Its properties. A resource without any is none that could be judged: everything would have its default.</summary>
    public JsonElement Properties => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
        ? properties
        : throw new AzureGapException(AzureGap.Undocumented("the description of the resource"));

    /// <summary>A resource of a listing.</summary>
    public static AzureResource Of(AzureKind kind, AzureResourceId id, JsonElement json, IReadOnlyDictionary<string, AzureListing>? details = null) =>
        new(kind, $"{id.Group.ToLowerInvariant()}/{id.Name}", id.Name, id.Group, json, details ?? new Dictionary<string, AzureListing>());

    /// <summary>Something that no listing has.</summary>
    public static AzureResource Of(AzureKind kind, string subject, IReadOnlyDictionary<string, AzureListing> details) => new(kind, subject, subject, "", default, details);

    /// <summary>What else was asked about it.</summary>
    /// <exception cref="AzureGapException">It could not be read to its end.</exception>
    public IReadOnlyList<JsonElement> Detail(string name) => _details.TryGetValue(name, out var listing)
        ? listing.Gap is { } gap ? throw new AzureGapException(gap) : listing.Items
        : throw new AzureGapException(new AzureGap(FindingOutcome.Unknown, $"{name} was not asked for", "Please report this fault of the module."));

    /// <summary>The one object that else was asked about it.</summary>
    public JsonElement One(string name) => Detail(name) is [{ ValueKind: JsonValueKind.Object } one] ? one : throw new AzureGapException(AzureGap.Undocumented($"the answer about {name}"));
}

/// <summary>All resources of a kind that are in the scope.</summary>
/// <param name="Resources">Those that were read.</param>
/// <param name="Gap">Why these are not all; null if they are.</param>
internal sealed record AzureSet(IReadOnlyList<AzureResource> Resources, AzureGap? Gap = null);

/// <summary>Everything that was read of a scope.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Sets">What there is of each kind.</param>
/// <param name="Now">When (UTC).</param>
internal sealed record AzureFacts(AzureScope Scope, IReadOnlyDictionary<AzureKind, AzureSet> Sets, DateTimeOffset Now)
{
    /// <summary>Nothing could be read, for one reason.</summary>
    public static AzureFacts Nothing(AzureScope scope, AzureGap gap, DateTimeOffset now) =>
        new(scope, Enum.GetValues<AzureKind>().ToDictionary(kind => kind, _ => new AzureSet([], gap)), now);
}
