namespace Maintenance.Engine.Security.Azure;

/// <summary>What else is asked about each resource of a kind.</summary>
/// <param name="Name">What checks call it.</param>
/// <param name="Path">Where it is, below the resource.</param>
/// <param name="IsListing">True for a listing, false for one object.</param>
internal sealed record AzureDetail(string Name, string Path, bool IsListing = false);

/// <summary>How the resources of a kind are asked for.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Provider">Namespace and type of the resources.</param>
/// <param name="ApiVersion">The version of the documentation that the checks were written by.</param>
/// <param name="Details">What else is asked about each.</param>
internal sealed record AzureQuery(AzureKind Kind, string Provider, string ApiVersion, params IReadOnlyList<AzureDetail> Details);

/// <summary>Everything that is ever asked, in one place: reads alone.</summary>
internal static class AzureQueries
{
    public const string BlobService = "the blob service";
    public const string Container = "the container";
    public const string FirewallRules = "the firewall rules";
    public const string SecureTransport = "require_secure_transport";
    public const string TlsVersion = "ssl_min_protocol_version";
    public const string RoleAssignments = "the role assignments";

    public const string StorageVersion = "2023-05-01";
    public const string AuthorizationVersion = "2022-04-01";

    public static IReadOnlyList<AzureQuery> All { get; } =
    [
        new(AzureKind.StorageAccount, "Microsoft.Storage/storageAccounts", StorageVersion, new AzureDetail(BlobService, "/blobServices/default")),
        new(AzureKind.Vault, "Microsoft.KeyVault/vaults", "2023-07-01"),
        new(AzureKind.NetworkSecurityGroup, "Microsoft.Network/networkSecurityGroups", "2024-05-01"),
        new(
            AzureKind.PostgresServer,
            "Microsoft.DBforPostgreSQL/flexibleServers",
            "2024-08-01",
            new AzureDetail(FirewallRules, "/firewallRules", IsListing: true),
            new AzureDetail(SecureTransport, "/configurations/require_secure_transport"),
            new AzureDetail(TlsVersion, "/configurations/ssl_min_protocol_version")),
        new(AzureKind.WebApp, "Microsoft.Web/sites", "2023-12-01"),
        new(AzureKind.ContainerApp, "Microsoft.App/containerApps", "2024-03-01"),
        new(AzureKind.VirtualMachine, "Microsoft.Compute/virtualMachines", "2024-07-01"),
    ];
}
