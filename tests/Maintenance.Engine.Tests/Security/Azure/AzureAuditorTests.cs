using Maintenance.Engine.Security.Audit;
using Maintenance.Engine.Security.Azure;

namespace Maintenance.EngineTests.Security.Azure;

/// <summary>What is told where something could not be looked at, and which names do no harm.</summary>
public class AzureAuditorTests
{
    private static readonly AzureGap Denied = new(FindingOutcome.NotPermitted, "the identity may not read it (403 AuthorizationFailed)", "Give it Reader.");

    private static Finding One(IReadOnlyList<Finding> findings, string id) => Assert.Single(findings, finding => finding.Id == id);

    [Fact]
    public void A_kind_of_which_there_is_nothing_passes_and_says_so()
    {
        var findings = new AzureScene().Without(AzureKind.Vault).Audit();
        var pass = One(findings, "AZURE-VAULT-RBAC");
        Assert.Equal((FindingOutcome.Pass, 0), (pass.Outcome, (int)pass.Evidence["Examined"]!));
        Assert.EndsWith("there is nothing of this kind in the scope.", pass.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kind_that_may_not_be_read_is_never_green()
    {
        var findings = new AzureScene().Without(AzureKind.Vault).WithGap(AzureKind.Vault, Denied).Audit();
        Assert.All(findings.Where(finding => finding.Id.StartsWith("AZURE-VAULT", StringComparison.Ordinal)), finding =>
        {
            Assert.Equal((FindingOutcome.NotPermitted, HealthStatus.Unknown, "Give it Reader."), (finding.Outcome, finding.Status, finding.Recommendation));
            Assert.Contains("not checked, because the identity may not read it", finding.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void What_was_read_before_something_went_wrong_is_judged_and_the_rest_is_unknown()
    {
        var findings = new AzureScene().With(AzureKind.WebApp, "properties.httpsOnly", "false").WithGap(AzureKind.WebApp, new AzureGap(FindingOutcome.Unknown, "it broke off", "Again."))
            .Audit().Where(finding => finding.Id == "AZURE-WEB-HTTPS").ToList();
        Assert.Equal([FindingOutcome.Fail, FindingOutcome.Unknown], findings.Select(finding => finding.Outcome));
        Assert.Contains("not checked everywhere", findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_detail_that_is_missing_concerns_only_the_checks_that_need_it()
    {
        var findings = new AzureScene().WithDetail(AzureQueries.SecureTransport, AzureListing.Unread(Denied)).Audit();
        Assert.Equal(["AZURE-PG-TLS"], findings.Where(finding => finding.Outcome != FindingOutcome.Pass).Select(finding => finding.Id));
    }

    [Theory]
    [InlineData("properties", "")]
    [InlineData("properties", "[]")]
    [InlineData("properties.minimumTlsVersion", "12")]
    public void A_resource_that_is_not_as_documented_is_unknown_not_well(string path, string json)
    {
        var finding = One(new AzureScene().With(AzureKind.StorageAccount, path, json).Audit(), "AZURE-STORAGE-TLS");
        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
    }

    [Fact]
    public void An_account_that_does_not_say_whether_it_may_be_public_is_unknown()
    {
        var finding = One(new AzureScene().With(AzureKind.StorageAccount, "properties.allowBlobPublicAccess", "").Audit(), "AZURE-STORAGE-ANONYMOUS");
        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
    }

    [Fact]
    public void Without_an_identity_every_check_is_manual()
    {
        var scope = new AzureScope(new Uri("https://management.azure.com"), AzureResponses.Subscription, null);
        var facts = AzureFacts.Nothing(scope, new AzureGap(FindingOutcome.Manual, "there is no Azure identity on this machine", "az login"), DateTimeOffset.UnixEpoch);
        var findings = AzureAuditor.Audit(new MaintenanceTarget { Name = "t" }, facts, new AzureSecurityQuery { IncludePassed = true });
        Assert.Equal(AzureCatalogue.Checks.Count, findings.Count);
        Assert.All(findings, finding => Assert.Equal((FindingOutcome.Manual, HealthStatus.Unknown), (finding.Outcome, finding.Status)));
    }

    [Fact]
    public void Names_that_a_shell_could_take_for_something_else_come_into_no_command()
    {
        var json = AzureResponses.NetworkSecurityGroup.Replace("\"office\"", "\"x'; rm -rf ~ #\"", StringComparison.Ordinal).Replace("10.1.0.0/16", "*", StringComparison.Ordinal);
        var properties = System.Text.Json.Nodes.JsonNode.Parse(json)!["properties"]!["securityRules"]!.ToJsonString();
        var finding = Assert.Single(new AzureScene().With(AzureKind.NetworkSecurityGroup, "properties.securityRules", properties).Failures());
        Assert.DoesNotContain("az network", finding.Recommendation, StringComparison.Ordinal);
        Assert.Equal("az x --name 'a' --resource-group 'b(c)' --y", AzCommand.Of("az x --name '{0}' --resource-group '{1}' --y", "a", "b(c)"));
    }

    [Fact]
    public void Severities_and_ids_choose_and_the_worst_comes_first()
    {
        var scene = new AzureScene().With(AzureKind.StorageAccount, "properties.allowSharedKeyAccess", "true").With(AzureKind.StorageAccount, "properties.supportsHttpsTrafficOnly", "false");
        Assert.Equal(["AZURE-STORAGE-HTTPS", "AZURE-STORAGE-SHARED-KEY"], scene.Audit(new AzureSecurityQuery()).Select(finding => finding.Id));
        Assert.Equal(["AZURE-STORAGE-HTTPS"], scene.Audit(new AzureSecurityQuery { MinimumSeverity = FindingSeverity.High }).Select(finding => finding.Id));
        Assert.Equal(["AZURE-STORAGE-SHARED-KEY"], scene.Audit(new AzureSecurityQuery { Ids = id => id.EndsWith("KEY", StringComparison.Ordinal) }).Select(finding => finding.Id));
    }

    [Theory]
    [InlineData("/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st", true)]
    [InlineData("/SUBSCRIPTIONS/00000000-0000-0000-0000-0000000000aa/resourcegroups/Größe(1)/providers/Microsoft.Storage/storageAccounts/st", true)]
    [InlineData("//evil.example/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/rg/providers/a/b/c", false)]
    [InlineData("/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/rg/providers/a/b/c?x=1", false)]
    [InlineData("/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/../providers/a/b/c", false)]
    [InlineData("/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/rg/providers/a/b/c\n", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_what_can_be_part_of_an_address_is_an_id(string? text, bool isId) => Assert.Equal(isId, AzureResourceId.Parse(text) is not null);

    [Theory]
    [InlineData("https://management.azure.com/x", true)]
    [InlineData("https://management.azure.com.evil.example/x", false)]
    [InlineData("https://management.azure.com@evil.example/x", false)]
    [InlineData("https://user@management.azure.com/x", false)]
    [InlineData("https://management.azure.com:444/x", false)]
    [InlineData("http://management.azure.com/x", false)]
    public void The_token_goes_to_one_address(string address, bool owns) =>
        Assert.Equal(owns, new AzureScope(new Uri("https://management.azure.com"), AzureResponses.Subscription, null).Owns(new Uri(address)));

    [Fact]
    public void The_scope_comes_from_the_call_else_from_the_configuration()
    {
        const string other = "00000000-0000-0000-0000-0000000000bb";
        var target = new MaintenanceTarget { Name = "t", Security = new SecurityPolicy { Azure = new AzureResources { SubscriptionId = AzureResponses.Subscription.ToUpperInvariant(), ResourceGroup = "rg" } } };
        Assert.Equal($"/subscriptions/{AzureResponses.Subscription}/resourceGroups/rg", AzureScope.Of(target, new AzureSecurityQuery()).Path);
        Assert.Equal($"/subscriptions/{other}", AzureScope.Of(target, new AzureSecurityQuery { SubscriptionId = other }).Path);
        Assert.Equal($"/subscriptions/{AzureResponses.Subscription}/resourceGroups/b", AzureScope.Of(target, new AzureSecurityQuery { ResourceGroup = "b" }).Path);
        Assert.Equal(MaintenanceErrorCode.NotConfigured, Fails(new MaintenanceTarget { Name = "t" }, new AzureSecurityQuery()));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Fails(target, new AzureSecurityQuery { SubscriptionId = "mine" }));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Fails(target, new AzureSecurityQuery { ResourceGroup = "a/../b" }));
        Assert.Equal(MaintenanceErrorCode.NotConfigured, Fails(target with { Security = new SecurityPolicy { Azure = new AzureResources { SubscriptionId = other, Endpoint = new Uri("http://arm.example") } } }, new AzureSecurityQuery()));

        static MaintenanceErrorCode Fails(MaintenanceTarget target, AzureSecurityQuery query) => Assert.Throws<MaintenanceException>(() => AzureScope.Of(target, query)).Code;
    }

    [Fact]
    public void The_audit_is_told_what_to_configure()
    {
        var part = new AzurePart(null!);
        Assert.Contains("security.azure.subscriptionId", part.NotConfigured(new MaintenanceTarget { Name = "t" }), StringComparison.Ordinal);
        Assert.Null(part.NotConfigured(new MaintenanceTarget { Name = "t", Security = new SecurityPolicy { Azure = new AzureResources { SubscriptionId = AzureResponses.Subscription } } }));
    }

    [Fact]
    public void Containers_of_the_target_are_known_by_account_and_name()
    {
        var target = new MaintenanceTarget
        {
            Name = "t",
            BackupStore = new StoreSettings { AccountName = "st", Container = "backups" },
            WalArchive = new StoreSettings { ServiceUri = new Uri("https://other.blob.core.windows.net"), Container = "wal" },
            ArchiveStore = new StoreSettings { Path = "/srv" },
            AuditStore = new StoreSettings { ConnectionString = SecretReference.FromEnvironment("X"), Container = "audits" },
        };
        Assert.Equal(
            [("backup store", "st", "backups"), ("audit store", null, "audits"), ("WAL archive", "other", "wal")],
            TargetContainers.Of(target).Select(container => (container.Use, container.Account, container.Container)));
    }
}
