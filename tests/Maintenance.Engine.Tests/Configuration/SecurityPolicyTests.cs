using Maintenance.Engine.Configuration;

namespace Maintenance.EngineTests.Configuration;

public class SecurityPolicyTests
{
    private static readonly string Folder = Path.GetFullPath("/srv/app");

    [Fact]
    public async Task A_file_says_what_no_server_can_tell_and_its_paths_begin_at_its_folder()
    {
        var file = await ReadAsync(
            """
            "security": {
              "accepted": [ { "id": "DBSEC-*", "subject": "public.t", "until": "2027-01-31", "by": "Jane", "reason": "why" } ],
              "sources": [ { "path": "../code", "scanners": ["npm"] } ],
              "apiKeys": [ { "name": "anon", "changedOn": "2026-10-01" } ],
              "inactiveAfter": "60d", "auditSunday": 1, "rowExpectations": "rows.json", "subjectTable": "public.customers",
              "azure": { "subscriptionId": "00000000-0000-0000-0000-000000000001" } },
            "auditStore": { "path": "audits" }
            """);

        Assert.Empty(file.Problems);
        var policy = file.Targets["t"].Security!;
        Assert.Equal(new AcceptedFinding { Id = "DBSEC-*", Subject = "public.t", Until = new DateOnly(2027, 1, 31), By = "Jane", Reason = "why" }, Assert.Single(policy.Accepted));
        Assert.Equal(Path.GetFullPath("/srv/code"), Assert.Single(policy.Sources).Path);
        Assert.Equal(["npm"], policy.Sources[0].Scanners!);
        Assert.Equal(new ApiKeyAge { Name = "anon", ChangedOn = new DateOnly(2026, 10, 1) }, Assert.Single(policy.ApiKeys));
        Assert.Equal((TimeSpan.FromDays(60), 1, Path.Combine(Folder, "rows.json")), (policy.InactiveAfter, policy.AuditSunday, policy.RowExpectations));
        Assert.Equal("public.customers", policy.SubjectTable);
        Assert.Equal(TimeSpan.FromDays(90), policy.ApiKeyMaximumAge);
        Assert.Equal(Path.Combine(Folder, "audits"), file.Targets["t"].AuditStore!.Path);
    }

    [Fact]
    public async Task An_acceptance_of_what_no_check_is_called_is_warned_of_with_what_was_meant()
    {
        var problem = Assert.Single((await ReadAsync("""
            "security": { "accepted": [
              { "id": "DBSEC-RLS-OF", "until": "2027-01-31", "by": "Jane", "reason": "why" },
              { "id": "*-RLS-OFF", "until": "2027-01-31", "by": "Jane", "reason": "why" } ] }
            """)).Problems);
        Assert.True(problem.IsWarning);
        Assert.Contains("Did you mean \"DBSEC-RLS-OFF\"?", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "accepted": [ { "id": "X", "until": "2027-02-30", "by": "a", "reason": "b" } ] }""")]
    [InlineData("""{ "accepted": [ { "id": "X", "until": "soon", "by": "a", "reason": "b" } ] }""")]
    [InlineData("""{ "accepted": [ { "id": "X", "until": "2027-02-03", "reason": "nobody" } ] }""")]
    [InlineData("""{ "accepted": [ { "id": "X", "until": "2027-02-03", "by": "a" } ] }""")]
    [InlineData("""{ "auditSunday": 5 }""")]
    [InlineData("""{ "subjectTable": "" }""")]
    [InlineData("""{ "inactiveAfter": "0d" }""")]
    [InlineData("""{ "sources": [ { "path": "x", "scanners": ["unheard-of"] } ] }""")]
    [InlineData("""{ "inactiveAfter": "3651d" }""")]
    [InlineData("""{ "azure": { "subscriptionId": "mine" } }""")]
    [InlineData("""{ "azure": { "subscriptionId": "00000000-0000-0000-0000-000000000001", "endpoint": "http://evil.example.com" } }""")]
    public async Task What_cannot_be_meant_is_refused(string security) =>
        Assert.NotEmpty((await ReadAsync($"\"security\": {security}")).Problems);

    [Theory]
    [InlineData("http://127.0.0.1:8766")]
    [InlineData("http://localhost:8766")]
    [InlineData("https://management.usgovcloudapi.net")]
    public async Task An_endpoint_that_an_identity_may_be_sent_to_is_right(string endpoint) =>
        Assert.Empty((await ReadAsync($$"""
            "security": { "inactiveAfter": "3650d", "azure": { "subscriptionId": "00000000-0000-0000-0000-000000000001", "endpoint": "{{endpoint}}" } }
            """)).Problems);

    private static Task<ConfigurationFile> ReadAsync(string settings) =>
        ConfigurationReader.ReadAsync($$"""{ "targets": { "t": { {{settings}} } } }""", Path.Combine(Folder, "maintenance.json"));
}
