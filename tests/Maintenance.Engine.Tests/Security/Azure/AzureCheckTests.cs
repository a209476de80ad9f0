using Maintenance.Engine.Security.Azure;

namespace Maintenance.EngineTests.Security.Azure;

/// <summary>What the checks of Azure resources say of documented answers.</summary>
public class AzureCheckTests
{
    private const string Properties = "properties.";

    [Fact]
    public void Of_a_hardened_scope_every_check_passes_and_says_what_it_looked_at()
    {
        var findings = new AzureScene().Audit();
        Assert.Empty(findings.Where(finding => finding.Outcome != FindingOutcome.Pass).Select(finding => finding.ToString()));
        Assert.Equal(AzureCatalogue.Checks.Select(check => check.Id).Order(), findings.Select(finding => finding.Id).Order());
        Assert.All(findings, finding => Assert.True((int)finding.Evidence["Examined"]! >= 1));
        Assert.All(findings, finding => Assert.Equal(("Security", $"azure: {AzureResponses.Subscription}", "t"), (finding.Area, finding.Scope, finding.Target)));
    }

    [Fact]
    public void Every_check_has_an_id_of_its_own() => Assert.Equal(AzureCatalogue.Checks.Count, AzureCatalogue.Checks.Select(check => check.Id).Distinct().Count());

    [Fact]
    public void The_page_about_the_checks_has_each_as_it_is()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Maintenance.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        var rows = File.ReadAllLines(Path.Combine(folder, "docs", "azure-checks.md")).Where(line => line.StartsWith("| AZURE-", StringComparison.Ordinal));
        Assert.Equal(AzureCatalogue.Checks.Select(check => $"| {check.Id} | {check.Title} | {check.Severity} | {string.Join(", ", check.Cis)} |"), rows);
    }

    // The enumeration is internal, and a test method is not.
    [Theory]
    [InlineData("StorageAccount", "networkAcls.defaultAction", "\"Allow\"", "AZURE-STORAGE-NETWORK")]
    [InlineData("StorageAccount", "networkAcls", "", "AZURE-STORAGE-NETWORK")]
    [InlineData("StorageAccount", "privateEndpointConnections", "[]", "AZURE-STORAGE-PRIVATE-ENDPOINT")]
    [InlineData("StorageAccount", "privateEndpointConnections", """[{"properties":{"privateLinkServiceConnectionState":{"status":"Pending"}}}]""", "AZURE-STORAGE-PRIVATE-ENDPOINT")]
    [InlineData("StorageAccount", "allowBlobPublicAccess", "true", "AZURE-STORAGE-ANONYMOUS")]
    [InlineData("StorageAccount", "supportsHttpsTrafficOnly", "false", "AZURE-STORAGE-HTTPS")]
    [InlineData("StorageAccount", "minimumTlsVersion", "\"TLS1_1\"", "AZURE-STORAGE-TLS")]
    [InlineData("StorageAccount", "minimumTlsVersion", "", "AZURE-STORAGE-TLS")]
    [InlineData("StorageAccount", "allowSharedKeyAccess", "", "AZURE-STORAGE-SHARED-KEY")]
    [InlineData("StorageAccount", "encryption.services.blob.enabled", "false", "AZURE-STORAGE-ENCRYPTION")]
    [InlineData("Vault", "enablePurgeProtection", "", "AZURE-VAULT-PURGE-PROTECTION")]
    [InlineData("Vault", "enableSoftDelete", "false", "AZURE-VAULT-SOFT-DELETE")]
    [InlineData("Vault", "privateEndpointConnections", "", "AZURE-VAULT-PRIVATE-ENDPOINT")]
    [InlineData("Vault", "enableRbacAuthorization", "", "AZURE-VAULT-RBAC")]
    [InlineData("PostgresServer", "network.publicNetworkAccess", "\"Enabled\"", "AZURE-PG-PUBLIC")]
    [InlineData("PostgresServer", "privateEndpointConnections", "", "AZURE-PG-PRIVATE-NETWORK")]
    [InlineData("PostgresServer", "authConfig.activeDirectoryAuth", "\"Disabled\"", "AZURE-PG-ENTRA")]
    [InlineData("PostgresServer", "backup.backupRetentionDays", "7", "AZURE-PG-BACKUP-DAYS")]
    [InlineData("PostgresServer", "backup.geoRedundantBackup", "\"Disabled\"", "AZURE-PG-BACKUP-GEO")]
    [InlineData("PostgresServer", "highAvailability.mode", "\"Disabled\"", "AZURE-PG-HA")]
    [InlineData("WebApp", "httpsOnly", "", "AZURE-WEB-HTTPS")]
    public void One_property_that_is_not_as_it_should_be_is_one_finding(string kind, string path, string json, string id)
    {
        var finding = Assert.Single(new AzureScene().With(Enum.Parse<AzureKind>(kind), Properties + path, json).Failures());
        Assert.Equal(id, finding.Id);
        Assert.StartsWith("rg-app/", finding.Subject, StringComparison.Ordinal);
        Assert.NotNull(finding.Recommendation);
        Assert.Null(finding.FixSql);
    }

    [Theory]
    [InlineData("WebApp", "AZURE-IDENTITY-WEB")]
    [InlineData("ContainerApp", "AZURE-IDENTITY-COMPUTE")]
    [InlineData("VirtualMachine", "AZURE-IDENTITY-COMPUTE")]
    public void What_runs_without_an_identity_is_found_whether_it_says_None_or_nothing(string kind, string id)
    {
        Assert.Equal(id, Assert.Single(new AzureScene().With(Enum.Parse<AzureKind>(kind), "identity", "").Failures()).Id);
        Assert.Equal(id, Assert.Single(new AzureScene().With(Enum.Parse<AzureKind>(kind), "identity", """{"type":"None"}""").Failures()).Id);
    }

    [Fact]
    public void A_vault_that_is_open_is_found_only_if_its_public_endpoint_is_on()
    {
        Assert.Empty(new AzureScene().With(AzureKind.Vault, "properties.networkAcls.defaultAction", "\"Allow\"").Failures());
        var open = new AzureScene().With(AzureKind.Vault, "properties.networkAcls.defaultAction", "\"Allow\"").With(AzureKind.Vault, "properties.publicNetworkAccess", "\"enabled\"");
        Assert.Equal("AZURE-VAULT-NETWORK", Assert.Single(open.Failures()).Id);
    }

    [Fact]
    public void Policies_that_allow_everything_or_purging_are_found_where_policies_count()
    {
        const string policies = """
            [ { "tenantId": "x", "objectId": "00000000-0000-0000-0000-000000000001", "permissions": { "secrets": [ "Get", "List" ] } },
              { "tenantId": "x", "objectId": "00000000-0000-0000-0000-000000000002", "permissions": { "keys": [ "all" ], "secrets": [ "get" ] } },
              { "tenantId": "x", "objectId": "00000000-0000-0000-0000-000000000003", "permissions": { "secrets": [ "get", "Purge" ] } } ]
            """;
        Assert.Empty(new AzureScene().With(AzureKind.Vault, "properties.accessPolicies", policies).Failures());
        var broad = new AzureScene().With(AzureKind.Vault, "properties.accessPolicies", policies).With(AzureKind.Vault, "properties.enableRbacAuthorization", "false")
            .Failures().Where(finding => finding.Id == "AZURE-VAULT-POLICY-BROAD").ToList();
        Assert.Equal([FindingSeverity.High, FindingSeverity.Medium], broad.Select(finding => finding.Severity));
        Assert.Equal(["rg-app/kv-app/00000000-0000-0000-0000-000000000002", "rg-app/kv-app/00000000-0000-0000-0000-000000000003"], broad.Select(finding => finding.Subject));
    }

    [Fact]
    public void Deleted_and_overwritten_blobs_are_kept_or_it_is_found()
    {
        var finding = Assert.Single(new AzureScene().WithDetail(AzureQueries.BlobService, "properties.containerDeleteRetentionPolicy", "").Failures());
        Assert.Equal(("AZURE-STORAGE-SOFT-DELETE", "The storage account rg-app/stbackups keeps no deleted containers."), (finding.Id, finding.Message));
        Assert.Equal("AZURE-STORAGE-VERSIONING", Assert.Single(new AzureScene().WithDetail(AzureQueries.BlobService, "properties.isVersioningEnabled", "").Failures()).Id);
        // An account for files alone has no blobs.
        Assert.Empty(new AzureScene().With(AzureKind.StorageAccount, "kind", "\"FileStorage\"").WithDetail(AzureQueries.BlobService, "properties.isVersioningEnabled", "").Failures());
    }

    [Fact]
    public void A_container_of_the_target_is_private_and_its_blobs_stay()
    {
        Assert.Equal("AZURE-STORAGE-CONTAINER-PUBLIC", Assert.Single(new AzureScene().WithDetail(AzureQueries.Container, "properties.publicAccess", "\"Blob\"").Failures()).Id);
        Assert.Equal("AZURE-STORAGE-IMMUTABLE", Assert.Single(new AzureScene().WithDetail(AzureQueries.Container, "properties.hasImmutabilityPolicy", "false").Failures()).Id);
    }

    [Theory]
    [InlineData("0.0.0.0", "255.255.255.255", "AZURE-PG-FIREWALL-ANYWHERE", FindingSeverity.Critical)]
    [InlineData("0.0.0.0", "127.255.255.255", "AZURE-PG-FIREWALL-ANYWHERE", FindingSeverity.Critical)]
    [InlineData("20.0.0.0", "20.255.255.255", "AZURE-PG-FIREWALL-ANYWHERE", FindingSeverity.High)]
    [InlineData("0.0.0.0", "0.0.0.0", "AZURE-PG-FIREWALL-AZURE", FindingSeverity.Medium)]
    [InlineData("20.1.2.3", "20.1.2.9", null, FindingSeverity.Info)]
    public void Firewall_rules_name_networks(string from, string to, string? id, FindingSeverity severity)
    {
        var rules = AzureScene.Listing($$"""{ "name": "r", "properties": { "startIpAddress": "{{from}}", "endIpAddress": "{{to}}" } }""");
        var findings = new AzureScene().With(AzureKind.PostgresServer, "properties.network.publicNetworkAccess", "\"Enabled\"").WithDetail(AzureQueries.FirewallRules, rules)
            .Failures().Where(finding => finding.Id.StartsWith("AZURE-PG-FIREWALL", StringComparison.Ordinal)).ToList();
        Assert.Equal(id is null ? [] : [(id, "rg-app/pg-app/r", severity)], findings.Select(finding => (finding.Id, finding.Subject!, finding.Severity)));
        // Rules of a server without a public endpoint let nobody in.
        Assert.Empty(new AzureScene().WithDetail(AzureQueries.FirewallRules, rules).Failures());
    }

    [Fact]
    public void Servers_refuse_what_is_not_encrypted_well()
    {
        Assert.Equal("AZURE-PG-TLS", Assert.Single(new AzureScene().WithDetail(AzureQueries.SecureTransport, "properties.value", "\"OFF\"").Failures()).Id);
        Assert.Equal("AZURE-PG-TLS-VERSION", Assert.Single(new AzureScene().WithDetail(AzureQueries.TlsVersion, "properties.value", "\"TLSv1\"").Failures()).Id);
    }

    [Fact]
    public void A_replica_needs_no_standby_and_a_server_in_a_network_of_ones_own_no_private_endpoint()
    {
        Assert.Empty(new AzureScene().With(AzureKind.PostgresServer, "properties.highAvailability", "").With(AzureKind.PostgresServer, "properties.replicationRole", "\"AsyncReplica\"").Failures());
        Assert.Empty(new AzureScene().With(AzureKind.PostgresServer, "properties.network", """{"delegatedSubnetResourceId":"/subscriptions/x"}""").With(AzureKind.PostgresServer, "properties.privateEndpointConnections", "").Failures());
    }

    [Fact]
    public void More_than_three_owners_are_too_many_however_often_one_is_named()
    {
        Assert.Empty(new AzureScene().WithDetail(AzureQueries.RoleAssignments, AzureScene.Listing(new[] { 1, 2, 3, 3, 2 }.Select(AzureResponses.Owner))).Failures());
        var finding = Assert.Single(new AzureScene().WithDetail(AzureQueries.RoleAssignments, AzureScene.Listing(Enumerable.Range(1, 4).Select(AzureResponses.Owner))).Failures());
        Assert.Equal(("AZURE-OWNER-COUNT", 4), (finding.Id, (int)finding.Evidence["User"]!));
    }

    [Theory]
    [InlineData()]
    [InlineData("{}")]
    [InlineData("""{ "properties": {} }""")]
    [InlineData("""{ "properties": { "principalId": "p" } }""")]
    [InlineData("""{ "properties": { "roleDefinitionId": "/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635" } }""")]
    public void Owners_that_are_not_seen_are_not_few(params string[] others)
    {
        var assignments = others.Length == 0 ? others : [AzureResponses.Owner(1), .. others];
        var finding = Assert.Single(new AzureScene().WithDetail(AzureQueries.RoleAssignments, AzureScene.Listing(assignments)).Audit(), finding => finding.Id == "AZURE-OWNER-COUNT");
        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
    }

    [Fact]
    public void A_machine_that_does_not_say_its_type_is_a_machine_all_the_same()
    {
        var finding = Assert.Single(new AzureScene().With(AzureKind.VirtualMachine, "type", "").With(AzureKind.VirtualMachine, "identity", "").Failures());
        Assert.StartsWith("The virtual machine ", finding.Message, StringComparison.Ordinal);
        Assert.Contains("az vm identity assign", finding.Recommendation, StringComparison.Ordinal);
    }
}
