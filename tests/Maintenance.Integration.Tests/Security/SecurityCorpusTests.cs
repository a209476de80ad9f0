using System.Text.Json;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security;

/// <summary>Each check finds its fault in a database that has it, and nothing once it is mended.</summary>
public sealed class SecurityCorpusTests(SandboxFixture fixture)
{
    public static TheoryData<int, int, string> Cases()
    {
        var data = new TheoryData<int, int, string>();
        foreach (var major in new[] { 15, 18 })
        {
            for (var number = 0; number < SecurityCorpus.All.Count; number++)
            {
                data.Add(major, number, SecurityCorpus.All[number].Id);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_fault_is_found_and_gone_once_it_is_mended(int major, int number, string id)
    {
        var planted = SecurityCorpus.All[number];
        await using var scene = await SecurityScene.CreateAsync(await fixture.PostgresAsync(major));
        await scene.ExecuteAsync(planted.Fault);
        var subject = planted.Subject == "ROLE" ? scene.Role : scene.Named(planted.Subject);

        var findings = await scene.AuditAsync();
        var found = findings.FirstOrDefault(finding => finding.Id == id && finding.Subject == subject && finding.Outcome == FindingOutcome.Fail);
        Assert.True(found is not null, $"Not found: {id} {subject} among {string.Join(", ", findings.Where(finding => finding.Outcome == FindingOutcome.Fail).Select(finding => $"{finding.Id} {finding.Subject}"))}");
        Assert.Contains(subject.Split(' ', ':')[0], found.Message, StringComparison.Ordinal);
        Assert.NotNull(found.Recommendation);
        var text = JsonSerializer.Serialize(findings);
        Assert.All(SecurityCorpus.Secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));

        // What the finding says would mend it is what mends it; a mending of our own is for those that cannot say.
        Assert.True(found.FixSql is null != planted.Sound is null, $"FixSql: {found.FixSql}; of the test: {planted.Sound}");
        await scene.ExecuteAsync(found.FixSql ?? planted.Sound!);
        var after = (await scene.AuditAsync()).Where(finding => finding.Outcome == FindingOutcome.Fail && (finding.Database == scene.Database || finding.Subject == subject)).ToList();
        Assert.DoesNotContain(after, finding => finding.Id == id && finding.Subject == subject);
        // And does no other harm; only row security without policies is told, once there is row security.
        var before = findings.Where(finding => finding.Outcome == FindingOutcome.Fail).Select(finding => finding.Fingerprint).ToHashSet();
        Assert.Empty(after.Where(finding => finding.Id != "DBSEC-RLS-NO-POLICY" && !before.Contains(finding.Fingerprint)).Select(finding => finding.ToString()));
    }
}
