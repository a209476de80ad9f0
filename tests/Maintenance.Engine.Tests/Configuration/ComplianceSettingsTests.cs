using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Tests.Configuration;

public sealed class ComplianceSettingsTests
{
    [Fact]
    public async Task A_file_names_the_columns_that_compliance_is_computed_from()
    {
        var file = await ReadAsync(
            """
            "consents": { "time": "decided_at", "withdrawn": "taken_back", "expires": "until" },
            "subjectRequests": { "received": "came_at", "term": "28d", "otherTypes": ["complaint"] },
            "auditLog": { "id": "number", "activityType": "kind", "processedRecords": "amount" }
            """);

        Assert.Empty(file.Problems);
        var analytics = file.Targets["t"].Analytics!;
        Assert.Equal(("decided_at", "taken_back", "until"), (analytics.Consents.Time, analytics.Consents.Withdrawn, analytics.Consents.Expires));
        Assert.Equal(["complaint"], analytics.SubjectRequests.OtherTypes);
        Assert.Equal(("due_at", "came_at", TimeSpan.FromDays(28)), (analytics.SubjectRequests.Due, analytics.SubjectRequests.Received, analytics.SubjectRequests.Term));
        Assert.Equal(("number", "kind", "amount"), (analytics.AuditLog.Id, analytics.AuditLog.ActivityType, analytics.AuditLog.ProcessedRecords));
        Assert.Null(new ConsentSettings().Time);
    }

    [Theory]
    [InlineData("""{ "term": "soon" }""")]
    [InlineData("""{ "term": "0d" }""")]
    [InlineData("""{ "received": "" }""")]
    public async Task What_cannot_be_meant_is_refused(string requests) =>
        Assert.NotEmpty((await ReadAsync($"\"subjectRequests\": {requests}")).Problems);

    private static Task<ConfigurationFile> ReadAsync(string settings) =>
        ConfigurationReader.ReadAsync($$"""{ "targets": { "t": { "analytics": { {{settings}} } } } }""", Path.GetFullPath("/srv/app/maintenance.json"));
}
