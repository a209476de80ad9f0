using Azure.Core;
using Azure.Identity;
using Maintenance.Engine.Security.Audit;
using Maintenance.Engine.Security.Azure;

namespace Maintenance.IntegrationTests.Security;

/// <summary>
/// The audit of Azure resources against a stand-in on a real socket that answers as the REST reference documents, or as it should not. No real Azure was at hand.
/// </summary>
public sealed class AzureSecurityTests : IAsyncDisposable
{
    private readonly AzureStandIn _azure = new();
    private readonly RecordingSink _told = new();

    private MaintenanceTarget Target => new()
    {
        Name = "production",
        BackupStore = new StoreSettings { AccountName = "stbackups", Container = "backups" },
        Security = new SecurityPolicy { Azure = new AzureResources { SubscriptionId = AzureResponses.Subscription, Endpoint = _azure.Address } },
    };

    private async Task<IReadOnlyList<Finding>> AuditAsync(TokenCredential? credential = null, TimeSpan? limit = null, MaintenanceTarget? target = null, TimeSpan? timeout = null)
    {
        using var service = new AzureSecurityService(TimeProvider.System, () => credential ?? new GivenToken(), limit);
        var findings = await service.AuditAsync(target ?? Target, new AzureSecurityQuery { IncludePassed = true }, Calls.To(_told, timeout ?? TimeSpan.FromSeconds(60)), TestContext.Current.CancellationToken);
        AssertQuiet(string.Join('\n', findings.Select(finding => $"{finding} {finding.Subject} {finding.Recommendation} {string.Join(' ', finding.Evidence)}")));
        return findings;
    }

    // Neither the token, nor what a service says of its callers, comes into anything that somebody sees.
    private void AssertQuiet(string text)
    {
        foreach (var said in (IEnumerable<string>)[text, .. _told.VerboseMessages, .. _told.Warnings])
        {
            Assert.DoesNotContain(AzureStandIn.Token, said, StringComparison.Ordinal);
            Assert.DoesNotContain("Bearer", said, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("someone@example.com", said, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<Finding> Of(IEnumerable<Finding> findings, string id) => findings.Where(finding => finding.Id.StartsWith(id, StringComparison.Ordinal));

    [Fact]
    public async Task A_hardened_subscription_passes_and_only_reading_with_the_token_was_done()
    {
        _azure.WithHardened();
        var findings = await AuditAsync();
        Assert.Empty(findings.Where(finding => finding.Outcome != FindingOutcome.Pass).Select(finding => finding.ToString()));
        Assert.All(findings, finding => Assert.Equal(finding.Id == "AZURE-IDENTITY-COMPUTE" ? 2 : 1, finding.Evidence["Examined"]));
        Assert.All(_azure.Requests, request => Assert.Equal($"Bearer {AzureStandIn.Token}", request.Authorization));
        Assert.All(_azure.Requests, request => Assert.Contains("?api-version=20", request.Path, StringComparison.Ordinal));
        Assert.Contains(_azure.Requests, request => request.Path == $"{AzureResponses.StorageAccountId}/blobServices/default/containers/backups?api-version=2023-05-01");
    }

    [Fact]
    public async Task A_listing_is_read_page_by_page()
    {
        _azure.With("/vaults?api-version=2023-07-01&$skiptoken=2", AzureStandIn.Json(AzureResponses.Page(null, AzureResponses.Vault.Replace("kv-app", "kv-two", StringComparison.Ordinal).Replace("\"enablePurgeProtection\": true,", "", StringComparison.Ordinal))))
            .With("/vaults?", path => AzureStandIn.Json(AzureResponses.Page($"{_azure.Address}{path[1..]}&$skiptoken=2", AzureResponses.Vault)));
        var fault = Assert.Single(Of(await AuditAsync(), "AZURE-VAULT"), finding => finding.Outcome == FindingOutcome.Fail);
        Assert.Equal(("AZURE-VAULT-PURGE-PROTECTION", "rg-app/kv-two"), (fault.Id, fault.Subject));
    }

    [Fact]
    public async Task A_next_page_somewhere_else_never_gets_the_token()
    {
        await using var hostile = new AzureStandIn();
        _azure.With("/vaults?", AzureStandIn.Json(AzureResponses.Page($"{hostile.Address}subscriptions/x", AzureResponses.Vault)))
            .With("/sites?", AzureStandIn.Json(AzureResponses.Page($"//{hostile.Address.Authority}/x")))
            .With("/networkSecurityGroups?", AzureStandIn.Json("", "302 Found", $"Location: {hostile.Address}x\r\n"));
        var findings = await AuditAsync();
        Assert.Empty(hostile.Requests);
        Assert.All((IEnumerable<Finding>)[.. Of(findings, "AZURE-VAULT"), .. Of(findings, "AZURE-WEB"), .. Of(findings, "AZURE-NSG")], finding => Assert.Equal(FindingOutcome.Unknown, finding.Outcome));
    }

    [Fact]
    public async Task A_listing_without_an_end_is_left()
    {
        _azure.With("/vaults?", path => AzureStandIn.Json(AzureResponses.Page($"{_azure.Address}{path[1..]}")))
            .With("/sites?", path => AzureStandIn.Json(AzureResponses.Page($"{_azure.Address}{path[1..]}1")));
        var findings = await AuditAsync();
        Assert.All((IEnumerable<Finding>)[.. Of(findings, "AZURE-VAULT"), .. Of(findings, "AZURE-WEB")], finding => Assert.Equal(FindingOutcome.Unknown, finding.Outcome));
        Assert.True(_azure.Requests.Count(request => request.Path.Contains("/sites", StringComparison.Ordinal)) <= AzureSession.MaximumPages);
    }

    [Theory]
    [InlineData("401 Unauthorized", "InvalidAuthenticationToken", FindingOutcome.NotPermitted)]
    [InlineData("403 Forbidden", "AuthorizationFailed", FindingOutcome.NotPermitted)]
    [InlineData("404 Not Found", "SubscriptionNotFound", FindingOutcome.Unknown)]
    [InlineData("400 Bad Request", "InvalidApiVersion'; DROP", FindingOutcome.Unknown)]
    public async Task What_is_refused_says_what_to_do(string status, string code, FindingOutcome outcome)
    {
        _azure.With("/", AzureStandIn.Json(AzureResponses.Error(code), status));
        var findings = await AuditAsync();
        Assert.Equal(AzureCatalogue.Checks.Select(check => check.Id).Order(), findings.Select(finding => finding.Id).Order());
        Assert.All(findings, finding => Assert.Equal(outcome, finding.Outcome));
        Assert.All(findings.Where(finding => outcome == FindingOutcome.NotPermitted), finding => Assert.Contains("role Reader", finding.Recommendation, StringComparison.Ordinal));
        Assert.DoesNotContain(findings, finding => finding.Message.Contains("DROP", StringComparison.Ordinal));
        // Refused is refused: nothing was asked twice.
        Assert.Equal(_azure.Requests.Count, _azure.Requests.Select(request => request.Path).Distinct().Count());
    }

    [Fact]
    public async Task One_kind_that_may_not_be_read_hides_no_other()
    {
        _azure.With("/vaults?", AzureStandIn.Json(AzureResponses.Error("AuthorizationFailed"), "403 Forbidden")).WithHardened();
        var findings = await AuditAsync();
        Assert.All(findings, finding => Assert.Equal(finding.Id.StartsWith("AZURE-VAULT", StringComparison.Ordinal) ? FindingOutcome.NotPermitted : FindingOutcome.Pass, finding.Outcome));
    }

    [Fact]
    public async Task Who_is_asked_to_wait_waits_and_asks_again()
    {
        var asked = 0;
        _azure.With("/vaults?", _ => Interlocked.Increment(ref asked) == 1
            ? AzureStandIn.Json(AzureResponses.Error("TooManyRequests"), "429 Too Many Requests", "Retry-After: 1\r\n")
            : AzureStandIn.Json(AzureResponses.Page(null, AzureResponses.Vault))).WithHardened();
        Assert.All(Of(await AuditAsync(), "AZURE-VAULT"), finding => Assert.Equal(FindingOutcome.Pass, finding.Outcome));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_wait_past_the_end_of_the_time_is_not_begun()
    {
        _azure.With("/vaults?", AzureStandIn.Json(AzureResponses.Error("TooManyRequests"), "429 Too Many Requests", "Retry-After: 3600\r\n")).WithHardened();
        var finding = Of(await AuditAsync(), "AZURE-VAULT-RBAC").Single();
        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
        Assert.Contains("asked too often", finding.Message, StringComparison.Ordinal);
        Assert.Single(_azure.Requests, request => request.Path.Contains("/vaults?", StringComparison.Ordinal));
    }

    public static TheoryData<string> Nonsense =>
    [
        AzureStandIn.Raw("<html>Sign in</html>", "text/html"),
        AzureStandIn.Json("{"),
        AzureStandIn.Json("[]"),
        AzureStandIn.Json("{}"),
        AzureStandIn.Json("""{ "value": {} }"""),
        AzureStandIn.Json("""{ "value": null }"""),
        AzureStandIn.Json("""{ "value": [ 1, null ] }"""),
        AzureStandIn.Json("""{ "value": [ {} ] }"""),
        AzureStandIn.Json("""{ "value": [ { "id": "//evil.example/x", "name": "x", "properties": {} } ] }"""),
        AzureStandIn.Json("""{ "value": [], "nextLink": 5 }"""),
        AzureStandIn.Json(new string('[', 5000)),
        AzureStandIn.Json($$"""{ "value": [], "x": "{{new string('x', AzureClient.MaximumBytes)}}" }"""),
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{ \"value\": [",
    ];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Nonsense_is_unknown_never_well(string answer)
    {
        _azure.With("/vaults?", answer);
        Assert.All(Of(await AuditAsync(), "AZURE-VAULT"), finding => Assert.Equal(FindingOutcome.Unknown, finding.Outcome));
    }

    [Fact]
    public async Task Nobody_there_is_unknown()
    {
        var gone = new AzureStandIn();
        var address = gone.Address;
        await gone.DisposeAsync();
        var target = Target with { Security = new SecurityPolicy { Azure = new AzureResources { SubscriptionId = AzureResponses.Subscription, Endpoint = address } } };
        Assert.All(await AuditAsync(target: target), finding => Assert.Equal(FindingOutcome.Unknown, finding.Outcome));
    }

    [Fact]
    public async Task A_container_in_another_subscription_is_unknown_and_one_whose_account_only_a_secret_knows_is_manual()
    {
        _azure.WithHardened();
        var elsewhere = Target with { BackupStore = new StoreSettings { AccountName = "elsewhere", Container = "backups" } };
        Assert.All(Of(await AuditAsync(target: elsewhere), "AZURE-STORAGE-IMMUTABLE"), finding => Assert.Equal(FindingOutcome.Unknown, finding.Outcome));
        var secret = Target with { BackupStore = new StoreSettings { ConnectionString = SecretReference.FromEnvironment("X"), Container = "backups" } };
        Assert.All(Of(await AuditAsync(target: secret), "AZURE-STORAGE-IMMUTABLE"), finding => Assert.Equal(FindingOutcome.Manual, finding.Outcome));
    }

    public static TheoryData<Exception, string> NobodySignedIn => new()
    {
        { new CredentialUnavailableException("tenant someone@example.com"), "there is no Azure identity on this machine" },
        { new AuthenticationFailedException("ManagedIdentityCredential authentication failed: someone@example.com"), "there is no managed identity on this machine that could sign in" },
        { new AuthenticationFailedException("ClientSecretCredential authentication failed: someone@example.com"), "the identity in the variables AZURE_CLIENT_ID and the like could not sign in" },
        { new AuthenticationFailedException("someone@example.com"), "no Azure identity on this machine could sign in" },
        { new InvalidOperationException("tenant someone@example.com"), "no Azure identity on this machine could sign in" },
    };

    [Theory]
    [MemberData(nameof(NobodySignedIn), DisableDiscoveryEnumeration = true)]
    public async Task Without_an_identity_every_check_is_manual_and_nobody_is_asked(Exception exception, string reason)
    {
        var findings = await AuditAsync(new NoIdentity(exception));
        Assert.All(findings, finding => Assert.Contains($"not checked, because {reason}", finding.Message, StringComparison.Ordinal));
        Assert.All(findings, finding => Assert.Contains("AZURE_CLIENT_SECRET", finding.Recommendation, StringComparison.Ordinal));
        Assert.Equal(AzureCatalogue.Checks.Count, findings.Count);
        Assert.All(findings, finding => Assert.Equal(FindingOutcome.Manual, finding.Outcome));
        Assert.All(findings, finding => Assert.Contains("az login", finding.Recommendation, StringComparison.Ordinal));
        Assert.Empty(_azure.Requests);
    }

    [Fact]
    public async Task An_identity_that_never_answers_is_waited_for_no_longer_than_the_limit()
    {
        var findings = await AuditAsync(new NeverAnswers(), TimeSpan.FromMilliseconds(200));
        Assert.All(findings, finding => Assert.Contains("no Azure identity answered within 0.2 s", finding.Message, StringComparison.Ordinal));
        Assert.Equal(TimeSpan.FromSeconds(10), AzureIdentity.DefaultLimit);
    }

    [Fact]
    public async Task What_hangs_is_unknown_and_hides_no_other()
    {
        _azure.With("/vaults?", AzureStandIn.Hanging).With("/configurations/require_secure_transport", AzureStandIn.Hanging).WithHardened();
        var findings = await AuditAsync(timeout: TimeSpan.FromSeconds(24));
        Assert.All(Of(findings, "AZURE-VAULT"), finding => Assert.Equal(FindingOutcome.Unknown, finding.Outcome));
        Assert.Contains("did not answer in the time", Of(findings, "AZURE-VAULT-RBAC").Single().Message, StringComparison.Ordinal);
        string[] hanging = ["AZURE-PG-TLS", .. Of(findings, "AZURE-VAULT").Select(finding => finding.Id)];
        Assert.Equal(hanging.Order(), findings.Where(finding => finding.Outcome != FindingOutcome.Pass).Select(finding => finding.Id).Order());
    }

    [Fact]
    public async Task Where_everything_hangs_every_check_says_so()
    {
        _azure.With("/", AzureStandIn.Hanging);
        var findings = await AuditAsync(timeout: TimeSpan.FromSeconds(3));
        Assert.Equal(AzureCatalogue.Checks.Select(check => check.Id).Order(), findings.Select(finding => finding.Id).Order());
        Assert.All(findings, finding => Assert.Equal(FindingOutcome.Unknown, finding.Outcome));
    }

    [Fact]
    public async Task Who_does_not_want_to_wait_any_more_need_not()
    {
        _azure.With("/", AzureStandIn.Hanging);
        using var service = new AzureSecurityService(TimeProvider.System, () => new GivenToken());
        using var wish = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.AuditAsync(Target, new AzureSecurityQuery(), Calls.To(_told, TimeSpan.FromSeconds(60)), wish.Token));
    }

    [Fact]
    public async Task The_part_of_the_audit_tells_what_passed_too()
    {
        _azure.WithHardened();
        using var service = new AzureSecurityService(TimeProvider.System, () => new GivenToken());
        var findings = await new AzurePart(service).CollectAsync(Target, Calls.To(_told), TestContext.Current.CancellationToken);
        Assert.Equal(AzureCatalogue.Checks.Count, findings.Count);
    }

    public async ValueTask DisposeAsync() => await _azure.DisposeAsync();

    private sealed class GivenToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Assert.EndsWith("/.default", Assert.Single(requestContext.Scopes), StringComparison.Ordinal);
            return ValueTask.FromResult(new AccessToken(AzureStandIn.Token, DateTimeOffset.MaxValue));
        }
    }

    private sealed class NoIdentity(Exception exception) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw exception;
    }

    /// <summary>As some ways of signing in do, it does not look at the token.</summary>
    private sealed class NeverAnswers : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            await Task.Delay(TimeSpan.FromMinutes(1), CancellationToken.None);
            return new AccessToken(AzureStandIn.Token, DateTimeOffset.MaxValue);
        }
    }
}
