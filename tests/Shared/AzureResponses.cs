namespace Maintenance.TestSupport;

/// <summary>
/// Answers of Azure Resource Manager in the form that its public REST reference documents for the versions that are asked. They were written by hand from that
/// reference, with made-up names, and not recorded from Azure: none was at hand. Everything in them is as it should be.
/// </summary>
internal static class AzureResponses
{
    public const string Subscription = "00000000-0000-0000-0000-0000000000aa";

    public const string StorageAccountId = Group + "Microsoft.Storage/storageAccounts/stbackups";

    public const string PostgresId = Group + "Microsoft.DBforPostgreSQL/flexibleServers/pg-app";

    private const string Group = $"/subscriptions/{Subscription}/resourceGroups/rg-App/providers/";

    private const string PrivateEndpoint =
        """{ "properties": { "privateLinkServiceConnectionState": { "status": "Approved", "actionsRequired": "None" }, "provisioningState": "Succeeded" } }""";

    public const string StorageAccount =
        $$"""
        { "id": "{{StorageAccountId}}", "name": "stbackups", "type": "Microsoft.Storage/storageAccounts", "location": "westeurope", "kind": "StorageV2", "sku": { "name": "Standard_ZRS", "tier": "Standard" },
          "properties": { "publicNetworkAccess": "Enabled", "networkAcls": { "bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": [] },
            "allowBlobPublicAccess": false, "allowSharedKeyAccess": false, "minimumTlsVersion": "TLS1_2", "supportsHttpsTrafficOnly": true,
            "encryption": { "keySource": "Microsoft.Storage", "services": { "blob": { "enabled": true, "keyType": "Account" } } },
            "privateEndpointConnections": [ {{PrivateEndpoint}} ], "provisioningState": "Succeeded" } }
        """;

    public const string BlobService =
        """
        { "name": "default", "type": "Microsoft.Storage/storageAccounts/blobServices",
          "properties": { "deleteRetentionPolicy": { "enabled": true, "days": 14 }, "containerDeleteRetentionPolicy": { "enabled": true, "days": 14 }, "isVersioningEnabled": true } }
        """;

    public const string Container =
        """
        { "name": "backups", "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
          "properties": { "publicAccess": "None", "hasImmutabilityPolicy": true, "hasLegalHold": false, "immutableStorageWithVersioning": { "enabled": false } } }
        """;

    public const string Vault =
        $$"""
        { "id": "{{Group}}Microsoft.KeyVault/vaults/kv-app", "name": "kv-app", "type": "Microsoft.KeyVault/vaults", "location": "westeurope",
          "properties": { "sku": { "family": "A", "name": "standard" }, "accessPolicies": [], "enableRbacAuthorization": true, "enableSoftDelete": true, "softDeleteRetentionInDays": 90,
            "enablePurgeProtection": true, "publicNetworkAccess": "Disabled", "networkAcls": { "bypass": "AzureServices", "defaultAction": "Deny" },
            "privateEndpointConnections": [ {{PrivateEndpoint}} ] } }
        """;

    public const string NetworkSecurityGroup =
        $$"""
        { "id": "{{Group}}Microsoft.Network/networkSecurityGroups/nsg-app", "name": "nsg-app", "type": "Microsoft.Network/networkSecurityGroups", "location": "westeurope",
          "properties": { "subnets": [ { "id": "{{Group}}Microsoft.Network/virtualNetworks/vnet/subnets/app" } ],
            "securityRules": [ { "name": "office", "properties": { "protocol": "Tcp", "sourcePortRange": "*", "destinationPortRange": "22", "sourceAddressPrefix": "10.1.0.0/16",
              "destinationAddressPrefix": "*", "access": "Allow", "priority": 100, "direction": "Inbound", "sourceAddressPrefixes": [], "destinationPortRanges": [] } } ],
            "defaultSecurityRules": [] } }
        """;

    public const string PostgresServer =
        $$"""
        { "id": "{{PostgresId}}", "name": "pg-app", "type": "Microsoft.DBforPostgreSQL/flexibleServers", "location": "westeurope", "sku": { "name": "Standard_D4s_v3", "tier": "GeneralPurpose" },
          "properties": { "version": "16", "state": "Ready", "replicationRole": "Primary", "network": { "publicNetworkAccess": "Disabled" },
            "authConfig": { "activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled" }, "backup": { "backupRetentionDays": 35, "geoRedundantBackup": "Enabled" },
            "highAvailability": { "mode": "ZoneRedundant", "state": "Healthy" }, "privateEndpointConnections": [ {{PrivateEndpoint}} ] } }
        """;

    public const string SecureTransport = """{ "name": "require_secure_transport", "properties": { "value": "on", "dataType": "Boolean", "source": "system-default" } }""";

    public const string TlsVersion = """{ "name": "ssl_min_protocol_version", "properties": { "value": "TLSv1.2", "dataType": "Enumeration", "source": "system-default" } }""";

    public const string WebApp =
        $$"""
        { "id": "{{Group}}Microsoft.Web/sites/app-api", "name": "app-api", "type": "Microsoft.Web/sites", "kind": "functionapp,linux", "location": "westeurope",
          "identity": { "type": "SystemAssigned", "tenantId": "00000000-0000-0000-0000-0000000000bb", "principalId": "00000000-0000-0000-0000-0000000000cc" },
          "properties": { "state": "Running", "httpsOnly": true } }
        """;

    public const string ContainerApp =
        $$"""
        { "id": "{{Group}}Microsoft.App/containerApps/job", "name": "job", "type": "Microsoft.App/containerApps", "location": "westeurope",
          "identity": { "type": "UserAssigned", "userAssignedIdentities": {} }, "properties": { "provisioningState": "Succeeded" } }
        """;

    public const string VirtualMachine =
        $$"""
        { "id": "{{Group}}Microsoft.Compute/virtualMachines/vm-app", "name": "vm-app", "type": "Microsoft.Compute/virtualMachines", "location": "westeurope",
          "identity": { "type": "SystemAssigned" }, "properties": { "provisioningState": "Succeeded" } }
        """;

    /// <summary>An assignment of the role Owner on the subscription.</summary>
    public static string Owner(int number) =>
        $$"""
        { "type": "Microsoft.Authorization/roleAssignments", "properties": { "principalId": "00000000-0000-0000-0000-00000000000{{number}}", "principalType": "User",
          "roleDefinitionId": "/subscriptions/{{Subscription}}/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "scope": "/subscriptions/{{Subscription}}" } }
        """;

    /// <summary>A page of a listing.</summary>
    public static string Page(string? next, params IEnumerable<string> items) =>
        $$"""{ "value": [ {{string.Join(", ", items)}} ]{{(next is null ? "" : $", \"nextLink\": \"{next}\"")}} }""";

    /// <summary>An error.</summary>
    public static string Error(string code) =>
        $$"""{ "error": { "code": "{{code}}", "message": "The client 'someone@example.com' with object id '00000000-0000-0000-0000-0000000000dd' does not have authorization." } }""";
}
