namespace Maintenance.ModuleTests.Security;

/// <summary>New-SecurityAuditReport as scripts use it.</summary>
public sealed class SecurityReportCmdletTests(SandboxFixture fixture) : IDisposable
{
    private const string Hostile = "x\"><script>alert(1)</script>\n# y | [a](javascript:b)";

    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private string PathOf(string name) => Path.Combine(_folder, name);

    private MaintenanceTarget Target => fixture.Sandbox.Target with
    {
        History = new HistorySettings { Path = PathOf("history.db") },
        ArtifactStore = new StoreSettings { Path = PathOf("artifacts") },
        Channels = new Dictionary<string, ChannelSettings>(),
    };

    private ScriptResult Run(string script) => _runspace.Run(script, ("target", Target), ("folder", _folder), ("hostile", Hostile));

    private SecurityAuditReport Report(string script)
    {
        var result = Run(script);
        Assert.True(result.Terminating is null && result.Errors.Count == 0, result.Terminating?.ToString() ?? string.Join(", ", result.Errors));
        return (SecurityAuditReport)Assert.Single(result.Output).BaseObject;
    }

    [Fact]
    public void Findings_from_the_pipeline_become_a_page_in_which_a_failed_scanner_is_unknown_and_hostile_names_are_text()
    {
        var report = Report(
            """
            $crash = [Maintenance.Finding]@{ Id = 'SECRET-FOUND'; Area = 'Security'; Severity = 'High'; Outcome = 'Unknown'; Subject = $hostile; Message = "gitleaks crashed on $hostile"; Target = $target.Name }
            @(Get-DbSecurityFinding -Target $target -All) + $crash | New-SecurityAuditReport -Target $target -Path "$folder/x.html"
            """);
        Assert.Equal(HealthStatus.Critical, report.Status);
        Assert.Equal(PathOf("x.html"), Assert.Single(report.Artifacts).Path);
        var html = File.ReadAllText(PathOf("x.html"));
        Assert.Contains("<span class=\"badge unknown\">Unknown</span></span><div><strong>Source code holds no secrets</strong><p>gitleaks crashed on", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("public.error_logs_archive", html, StringComparison.Ordinal);
        Assert.Equal(FindingOutcome.Unknown, report.Sections[2].Lines.Single(line => line.Text == "Storage accounts use private endpoints").Outcome);
    }

    [Fact]
    public void What_carries_findings_goes_in_with_those_of_scanners_that_name_no_target()
    {
        var report = Report(
            """
            $null = Connect-MaintenanceTarget -Name carried -HostName 127.0.0.1 -Port 1 -SkipTest -HistoryPath "$folder/carried.db"
            $catalogue = [Maintenance.Finding]@{ Id = 'DBSEC-RLS-OFF'; Area = 'Security'; Severity = 'High'; Message = 'It is off.'; Target = 'carried'; Database = 'app' }
            $scanner = [Maintenance.Finding]@{ Id = 'DEP-VULNERABLE'; Area = 'Security'; Severity = 'High'; Message = 'It is old.' }
            $leak = [Maintenance.Finding]@{ Id = 'DBRLS-SELECT-LEAK'; Area = 'Security'; Severity = 'High'; Message = 'It leaks.'; Target = 'carried'; Database = 'app' }
            $access = [Maintenance.RowSecurityAccess]@{ Target = 'carried'; Database = 'app'; Subject = 'anon'; Role = 'anon'; Findings = [Maintenance.Finding[]]@($leak) }
            $empty = [Maintenance.RowSecurityAccess]@{ Target = 'carried'; Database = 'app'; Subject = 'b'; Role = 'b' }
            & { $catalogue; $scanner; $access; $access; $empty } | New-SecurityAuditReport -Path "$folder/all.html"
            """);
        Assert.Equal("carried", report.Target);
        Assert.Single(report.Findings, finding => finding.Id == "DBRLS-SELECT-LEAK");
        Assert.Equal("carried", Assert.Single(report.Findings, finding => finding.Id == "DEP-VULNERABLE").Target);
        Assert.Equal(3, report.Findings.Count);
        Assert.True(report.IsFromPipeline);
    }

    [Theory]
    [InlineData("md", "# Security audit of ")]
    [InlineData("json", "\"schema\": \"maintenance.report/1\"")]
    [InlineData("sarif", "\"version\": \"2.1.0\"")]
    [InlineData("txt", "Security audit of ")]
    public void The_extension_says_how_it_is_written(string extension, string expected)
    {
        Report($"Get-DbSecurityFinding -Target $target -All | New-SecurityAuditReport -Target $target \"$folder/a.{extension}\"");
        Assert.Contains(expected, File.ReadAllText(PathOf($"a.{extension}")), StringComparison.Ordinal);
        var again = Run($"try {{ New-SecurityAuditReport -Target $target \"$folder/a.{extension}\" }} catch {{ $_.FullyQualifiedErrorId }}");
        Assert.StartsWith("FileExists,", Assert.Single(again.Output).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void It_looks_itself_and_publishes_and_the_second_time_compares()
    {
        var first = Report("New-SecurityAuditReport -Target $target -Publish -Confirm:$false");
        Assert.Equal(4, first.Published.Count);
        Assert.True(File.Exists(first.Published[0].Location));
        Assert.Contains(first.Findings, finding => finding.Id == "AUDIT-NOT-IMMUTABLE");
        // What the audit does not try because it only reads is one thing for a person.
        var untried = Assert.Single(first.Findings, finding => finding.Id == "DBRLS-NOT-TRIED" && finding.Message.Contains("-Write only", StringComparison.Ordinal));
        Assert.True((int)untried.Evidence["Attempts"]! > 1);
        var second = Report("New-SecurityAuditReport -Target $target -Part Catalogue");
        Assert.Equal(first.CollectedAt.Date, second.PreviousAuditAt!.Value.Date);
        Assert.DoesNotContain(second.NotChecked, finding => finding.Id == "AUDIT-NOT-IMMUTABLE");
        Assert.All(second.Findings.Where(finding => finding.Id == "DBSEC-RLS-OFF"), finding => Assert.Equal(FindingState.Known, finding.State));
    }

    [Fact]
    public void With_WhatIf_nothing_is_written_published_told_or_remembered()
    {
        var report = Report("New-SecurityAuditReport -Target $target -Path \"$folder/w.html\" -Publish -Notify -WhatIf");
        Assert.Empty(report.Artifacts);
        Assert.Empty(report.Published);
        Assert.Null(report.Notification);
        Assert.False(File.Exists(PathOf("w.html")));
        Assert.False(Directory.Exists(PathOf("artifacts")));
        Assert.Null(Report("New-SecurityAuditReport -Target $target -Part Catalogue").PreviousAuditAt);
    }

    [Fact]
    public void What_cannot_be_told_is_an_error_and_the_report_still_comes()
    {
        var result = Run("New-SecurityAuditReport -Target $target -Part Catalogue -Notify -Confirm:$false");
        Assert.StartsWith("ChannelNotFound,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.IsType<SecurityAuditReport>(Assert.Single(result.Output).BaseObject);
    }

    [Fact]
    public void The_report_goes_on_to_other_forms()
    {
        var result = Run("New-SecurityAuditReport -Target $target -Part Catalogue | Export-MaintenanceReport -Format Sarif");
        Assert.Empty(result.Errors);
        Assert.Contains("\"baselineState\": \"new\"", Assert.Single(result.Output).ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
