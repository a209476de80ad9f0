using System.Text.Json;

namespace Maintenance.Engine.Security.Azure.Checks;

/// <summary>Storage accounts, and the containers that the target keeps backups, archives and reports in.</summary>
internal static class StorageChecks
{
    public static IReadOnlyList<AzureCheck> All { get; } =
    [
        new("AZURE-STORAGE-NETWORK", "Storage accounts let in only networks that they name", FindingSeverity.Medium, AzureKind.StorageAccount, Network)
        {
            Recommendation = "Let the firewall deny by default and name the networks that need it, or turn public access off and use private endpoints.",
            Cis = ["3.8"],
        },
        new("AZURE-STORAGE-PRIVATE-ENDPOINT", "Storage accounts are reached through private endpoints", FindingSeverity.Low, AzureKind.StorageAccount, PrivateEndpoint)
        {
            Recommendation = "Make a private endpoint in the network of those who use the account, and turn public access off.",
            Cis = ["3.10"],
        },
        new("AZURE-STORAGE-ANONYMOUS", "No storage account lets containers be read without a login", FindingSeverity.High, AzureKind.StorageAccount, Anonymous)
        {
            Recommendation = "Turn anonymous access off for the whole account.",
            Cis = ["3.7"],
        },
        new("AZURE-STORAGE-HTTPS", "Storage accounts refuse plain HTTP", FindingSeverity.High, AzureKind.StorageAccount, Https)
        {
            Recommendation = "Require secure transfer.",
            Cis = ["3.1"],
        },
        new("AZURE-STORAGE-TLS", "Storage accounts refuse protocols older than TLS 1.2", FindingSeverity.Medium, AzureKind.StorageAccount, Tls)
        {
            Recommendation = "Set the minimum TLS version to 1.2.",
            Cis = ["3.15"],
        },
        new("AZURE-STORAGE-SHARED-KEY", "Storage accounts know who comes: keys of the account are refused", FindingSeverity.Low, AzureKind.StorageAccount, SharedKey)
        {
            Recommendation = "Let programs sign in as identities with roles, then turn shared keys off. Signatures (SAS) made with the account's keys end with that.",
        },
        new("AZURE-STORAGE-ENCRYPTION", "Blobs are encrypted where they lie", FindingSeverity.High, AzureKind.StorageAccount, Encryption)
        {
            Recommendation = "Azure encrypts all accounts made since 2017; move the blobs to a new account.",
        },
        new("AZURE-STORAGE-SOFT-DELETE", "Deleted blobs and containers can be brought back", FindingSeverity.Medium, AzureKind.StorageAccount, SoftDelete)
        {
            Recommendation = "Turn soft delete on for blobs and for containers.",
            Cis = ["3.11"],
        },
        new("AZURE-STORAGE-VERSIONING", "Overwritten blobs can be brought back", FindingSeverity.Low, AzureKind.StorageAccount, Versioning)
        {
            Recommendation = "Turn versioning on, with a rule that removes old versions.",
        },
        new("AZURE-STORAGE-CONTAINER-PUBLIC", "The containers of this target are private", FindingSeverity.Critical, AzureKind.TargetContainer, PublicContainer)
        {
            Recommendation = "Make the container private at once, and take what was in it for known to others.",
            Cis = ["3.7"],
        },
        new("AZURE-STORAGE-IMMUTABLE", "What this target keeps in containers cannot be deleted before its time", FindingSeverity.Medium, AzureKind.TargetContainer, Immutable)
        {
            Recommendation = "Set a retention policy on the container (time-based immutability), so that whoever steals a login cannot delete the backups. Retention by this module then deletes only what the policy lets go.",
        },
    ];

    private static IEnumerable<AzureFault> Network(AzureResource account) => PrivateEndpoints.IsOpen(account.Properties)
        ? [new(account.Subject, $"The storage account {account.Subject} can be reached from every network.")
        {
            Evidence = PrivateEndpoints.Evidence(account.Properties),
            Command = Update(account, "--default-action Deny"),
        }]
        : [];

    private static IEnumerable<AzureFault> PrivateEndpoint(AzureResource account) => PrivateEndpoints.Approved(account.Properties) == 0
        ? [new(account.Subject, $"The storage account {account.Subject} has no approved private endpoint.") { Evidence = PrivateEndpoints.Evidence(account.Properties) }]
        : [];

    // Left out means false to the newest documentation, and meant true to accounts made before: so it means nothing.
    private static IEnumerable<AzureFault> Anonymous(AzureResource account) => account.Properties.Flag("allowBlobPublicAccess") switch
    {
        true =>
        [
            new(account.Subject, $"The storage account {account.Subject} lets its containers be opened to everybody.")
            {
                Evidence = new Dictionary<string, object?> { ["AllowBlobPublicAccess"] = true },
                Command = Update(account, "--allow-blob-public-access false"),
            },
        ],
        false => [],
        null => throw new AzureGapException(new AzureGap(
            FindingOutcome.Unknown,
            $"the storage account {account.Subject} does not say whether its containers may be opened, which means yes for older accounts",
            "Set allowBlobPublicAccess to false where nothing is meant to be public.")),
    };

    // Documented: left out means true.
    private static IEnumerable<AzureFault> Https(AzureResource account) => account.Properties.Flag("supportsHttpsTrafficOnly") == false
        ? [new(account.Subject, $"The storage account {account.Subject} answers plain HTTP, so that keys and data can be listened to.")
        {
            Evidence = new Dictionary<string, object?> { ["SupportsHttpsTrafficOnly"] = false },
            Command = Update(account, "--https-only true"),
        }]
        : [];

    // Documented: left out means TLS 1.0.
    private static IEnumerable<AzureFault> Tls(AzureResource account) => account.Properties.Text("minimumTlsVersion") is var version && (version is null || version.Is("TLS1_0") || version.Is("TLS1_1"))
        ? [new(account.Subject, $"The storage account {account.Subject} accepts {(version.Is("TLS1_1") ? "TLS 1.1" : "TLS 1.0")}.")
        {
            Evidence = new Dictionary<string, object?> { ["MinimumTlsVersion"] = version ?? "not set (TLS1_0)" },
            Command = Update(account, "--min-tls-version TLS1_2"),
        }]
        : [];

    // Documented: left out means true.
    private static IEnumerable<AzureFault> SharedKey(AzureResource account) => account.Properties.Flag("allowSharedKeyAccess") != false
        ? [new(account.Subject, $"The storage account {account.Subject} accepts its account keys, which name nobody and end never.")
        {
            Evidence = new Dictionary<string, object?> { ["AllowSharedKeyAccess"] = account.Properties.Flag("allowSharedKeyAccess")?.ToString() ?? "not set (True)" },
            Command = Update(account, "--allow-shared-key-access false"),
        }]
        : [];

    private static IEnumerable<AzureFault> Encryption(AzureResource account) => account.Properties.Flag("encryption.services.blob.enabled") == false
        ? [new(account.Subject, $"The storage account {account.Subject} does not encrypt blobs.")
        {
            Evidence = new Dictionary<string, object?> { ["KeySource"] = account.Properties.Text("encryption.keySource") },
        }]
        : [];

    private static IEnumerable<AzureFault> SoftDelete(AzureResource account)
    {
        if (BlobService(account) is not { } service)
        {
            return [];
        }

        var (blobs, containers) = (service.Flag("deleteRetentionPolicy.enabled") == true, service.Flag("containerDeleteRetentionPolicy.enabled") == true);
        var what = (blobs, containers) switch
        {
            (true, true) => null,
            (false, false) => "neither deleted blobs nor deleted containers",
            (false, true) => "no deleted blobs",
            _ => "no deleted containers",
        };
        return what is null ? [] : [new(account.Subject, $"The storage account {account.Subject} keeps {what}.")
        {
            Evidence = new Dictionary<string, object?>
            {
                ["BlobDays"] = blobs ? service.Number("deleteRetentionPolicy.days") : null,
                ["ContainerDays"] = containers ? service.Number("containerDeleteRetentionPolicy.days") : null,
            },
            Command = AzCommand.Of("az storage account blob-service-properties update --account-name '{0}' --resource-group '{1}' --enable-delete-retention true --delete-retention-days 14 --enable-container-delete-retention true --container-delete-retention-days 14", account.Name, account.Group),
        }];
    }

    private static IEnumerable<AzureFault> Versioning(AzureResource account) => BlobService(account) is { } service && service.Flag("isVersioningEnabled") != true
        ? [new(account.Subject, $"The storage account {account.Subject} keeps no earlier versions of blobs.")
        {
            Evidence = new Dictionary<string, object?> { ["IsVersioningEnabled"] = false },
            Command = AzCommand.Of("az storage account blob-service-properties update --account-name '{0}' --resource-group '{1}' --enable-versioning true", account.Name, account.Group),
        }]
        : [];

    private static IEnumerable<AzureFault> PublicContainer(AzureResource container) => Container(container).Text("publicAccess") is { } access && !access.Is("None")
        ? [new(container.Subject, $"The container {container.Subject} can be read by everybody.") { Evidence = new Dictionary<string, object?> { ["PublicAccess"] = access } }]
        : [];

    private static IEnumerable<AzureFault> Immutable(AzureResource resource)
    {
        var container = Container(resource);
        return container.Flag("hasImmutabilityPolicy") == true || container.Flag("hasLegalHold") == true || container.Flag("immutableStorageWithVersioning.enabled") == true
            ? []
            : [new(resource.Subject, $"Blobs of the container {resource.Subject} can be deleted and overwritten at any time by whoever may write to it.")
            {
                Evidence = new Dictionary<string, object?> { ["HasImmutabilityPolicy"] = false, ["HasLegalHold"] = false, ["ImmutableStorageWithVersioning"] = false },
            }];
    }

    // An account for files alone has no blobs to lose.
    private static JsonElement? BlobService(AzureResource account) =>
        account.Json.Text("kind").Is("FileStorage") ? null : Properties(account.One(AzureQueries.BlobService), AzureQueries.BlobService);

    private static JsonElement Container(AzureResource container) => Properties(container.One(AzureQueries.Container), AzureQueries.Container);

    private static JsonElement Properties(JsonElement json, string what) => json.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
        ? properties
        : throw new AzureGapException(AzureGap.Undocumented($"the answer about {what}"));

    private static string? Update(AzureResource account, string change) => AzCommand.For(account, "storage account update", change);
}
