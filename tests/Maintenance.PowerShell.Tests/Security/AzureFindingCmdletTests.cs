using System.Management.Automation;
using Maintenance.ModuleTests.Configuration;
using Maintenance.TestSupport;

namespace Maintenance.ModuleTests.Security;

/// <summary>
/// Get-AzureSecurityFinding as scripts use it. The identity is a managed one, asked for as the real client of Azure does; what gives it and what answers for
/// Azure Resource Manager are stand-ins on loopback. No real Azure was at hand.
/// </summary>
[Collection(EnvironmentCollection.Name)]
public sealed class AzureFindingCmdletTests : IAsyncDisposable
{
    private static readonly string[] Variables = ["AZURE_TOKEN_CREDENTIALS", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"];

    private readonly Dictionary<string, string?> _before = Variables.ToDictionary(name => name, Environment.GetEnvironmentVariable);
    private readonly ModuleRunspace _runspace = new();
    private readonly AzureStandIn _azure = new();

    public AzureFindingCmdletTests()
    {
        foreach (var name in Variables)
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        Environment.SetEnvironmentVariable("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
        Environment.SetEnvironmentVariable("IDENTITY_ENDPOINT", $"{_azure.Address}msi/token");
        Environment.SetEnvironmentVariable("IDENTITY_HEADER", "header-of-the-stand-in");
        _azure.With("/msi/token", AzureStandIn.Json($$"""{ "access_token": "{{AzureStandIn.Token}}", "expires_on": "4102444800", "resource": "{{_azure.Address}}", "token_type": "Bearer" }"""));
    }

    private MaintenanceTarget Target => new()
    {
        Name = "production",
        Security = new SecurityPolicy { Azure = new AzureResources { SubscriptionId = AzureResponses.Subscription, Endpoint = _azure.Address } },
    };

    private List<Finding> Findings(string script) => [.. _runspace.Invoke(script, ("target", Target)).Select(row => (Finding)row.BaseObject)];

    private ErrorRecord Error(string script, MaintenanceTarget target) => Assert.Single(_runspace.Run(script, ("target", target)).Errors);

    [Fact]
    public void What_is_wrong_comes_with_a_command_and_what_passed_only_if_asked_for()
    {
        _azure.With("/storageAccounts?", AzureStandIn.Json(AzureResponses.Page(null, AzureResponses.StorageAccount.Replace("TLS1_2", "TLS1_0", StringComparison.Ordinal)))).WithHardened();
        var finding = Assert.Single(Findings("Get-AzureSecurityFinding -Target $target"));
        Assert.Equal(("AZURE-STORAGE-TLS", "rg-app/stbackups", "production"), (finding.Id, finding.Subject, finding.Target));
        Assert.Contains("az storage account update --name 'stbackups' --resource-group 'rg-App' --min-tls-version TLS1_2", finding.Recommendation, StringComparison.Ordinal);
        Assert.Contains(finding.Mappings, mapping => mapping.ToString() == "CIS Azure Foundations 2.0.0 3.15");
        Assert.Contains(Findings("$target | Get-AzureSecurityFinding -All"), passed => passed.Outcome == FindingOutcome.Pass);
        Assert.All(_azure.Requests.Where(request => request.Path.StartsWith("/subscriptions", StringComparison.Ordinal)), request => Assert.Equal($"Bearer {AzureStandIn.Token}", request.Authorization));
    }

    [Fact]
    public void Ids_severities_subscription_and_group_choose()
    {
        Assert.All(Findings("Get-AzureSecurityFinding azure-pg-* -Target $target -All"), finding => Assert.StartsWith("AZURE-PG-", finding.Id, StringComparison.Ordinal));
        Assert.All(Findings("Get-AzureSecurityFinding -Target $target -All -MinimumSeverity High"), finding => Assert.True(finding.Severity >= FindingSeverity.High));
        Assert.NotEmpty(Findings("Get-AzureSecurityFinding -Target $target -All -SubscriptionId 00000000-0000-0000-0000-0000000000ee -ResourceGroup rg-one"));
        Assert.Contains(_azure.Requests, request => request.Path.StartsWith("/subscriptions/00000000-0000-0000-0000-0000000000ee/resourceGroups/rg-one/providers/Microsoft.KeyVault/vaults?", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_an_identity_everything_is_manual_and_says_how_to_sign_in()
    {
        Environment.SetEnvironmentVariable("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential");
        var findings = Findings("Get-AzureSecurityFinding -Target $target");
        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.Equal(FindingOutcome.Manual, finding.Outcome));
        Assert.All(findings, finding => Assert.Contains("az login", finding.Recommendation, StringComparison.Ordinal));
    }

    [Fact]
    public void A_target_without_Azure_and_ids_that_are_none_are_errors()
    {
        var none = Target with { Security = new SecurityPolicy() };
        Assert.StartsWith("NotConfigured,", Error("Get-AzureSecurityFinding -Target $target", none).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("InvalidArgument,", Error("Get-AzureSecurityFinding -Target $target -SubscriptionId mine", none).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("InvalidArgument,", Error("Get-AzureSecurityFinding -Target $target -ResourceGroup '../x'", Target).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_azure.Requests);
    }

    public async ValueTask DisposeAsync()
    {
        _runspace.Dispose();
        await _azure.DisposeAsync();
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }
}
