using System.Net;

namespace Maintenance.ModuleTests.Output;

/// <summary>-Verbose tells what was sent where, what came of it and how long it took, also of statements that the module composes, and of requests.</summary>
public sealed class VerboseTests(OutputSamples samples) : IClassFixture<OutputSamples>
{
    private const string Took = @"\([\d.]+ ms\)\.$";

    [Theory]
    [InlineData("Invoke-DbVacuum -Table error_logs -All -Confirm:$false", @"^VACUUM \(VERBOSE, .*\) public\.error_logs: done ")]
    [InlineData("Invoke-DbReindex -Index idx_error_logs_timestamp -Confirm:$false", @"^REINDEX INDEX CONCURRENTLY public\.idx_error_logs_timestamp: done ")]
    [InlineData("Invoke-DbRetention -Table performance_alerts -Confirm:$false", @"^WITH .*public\.performance_alerts.*: Delete of [1-9]\d* row\(s\) ")]
    [InlineData("Test-EdgeFunction", @"^POST http://127\.0\.0\.1:\d+/functions/v1/[\w-]+ \w+: 200 ")]
    [InlineData("Get-ComplianceReport", @"^POST http://127\.0\.0\.1:\d+/functions/v1/gdpr-compliance \w+: 200 ")]
    [InlineData("Publish-MaintenanceArtifact -Content told -Name told.txt", @"^Publishing told\.txt in .*: done ")]
    [InlineData("Send-MaintenanceNotification -Message hello", @"^POST to the webhook of Default: 200 ")]
    public void What_is_done_is_told_with_what_came_of_it(string command, string expected)
    {
        var result = samples.Runspace.Run($"{command} -Verbose");
        Assert.True(result.Terminating is null && result.Errors.Count == 0, result.Terminating?.ToString() ?? string.Join('\n', result.Errors));
        Assert.Contains(result.Verbose, line => System.Text.RegularExpressions.Regex.IsMatch(line, expected + Took));

        string[] secrets = [samples.Password, new NetworkCredential("", samples.Sandbox.Target.Functions!.BearerToken!.ToSecureString()).Password];
        Assert.DoesNotContain(result.Verbose, line => secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)));
    }
}
