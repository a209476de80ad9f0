using System.Management.Automation;

namespace Maintenance.ModuleTests.Operate;

/// <summary>The cmdlets of the daily run, as scripts use them.</summary>
public sealed class DailyCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private ScriptResult Run(string script) => _runspace.Run(script, ("target", Target), ("folder", _folder));

    private MaintenanceTarget Target => fixture.Sandbox.Target with
    {
        History = new HistorySettings { Path = Path.Combine(_folder, "history.db") },
        ArtifactStore = new StoreSettings { Path = Path.Combine(_folder, "artifacts") },
    };

    private T One<T>(string script)
    {
        var result = Run(script);
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        return (T)Assert.Single(result.Output).BaseObject;
    }

    private string ErrorOf(string script)
    {
        var result = Run(script);
        return result.Errors.Count > 0 ? result.Errors[0].FullyQualifiedErrorId : ((RuntimeException)result.Terminating!).ErrorRecord.FullyQualifiedErrorId;
    }

    [Fact]
    public void Functions_are_tested_and_asked()
    {
        Assert.Equal(4, Run("Test-EdgeFunction -Target $target").Output.Count);
        Assert.True(One<bool>("Test-EdgeFunction -Target $target -Quiet"));
        Assert.True(One<double>("(Invoke-EdgeFunction database-scalability connection_pool_status -Target $target).Result.UsagePercentage") > 0);
        Assert.StartsWith("FunctionRejected,", ErrorOf("Invoke-EdgeFunction error-tracking no_such_action -Target $target -Confirm:$false"), StringComparison.Ordinal);
        Assert.StartsWith("InvalidArgument,", ErrorOf("Invoke-EdgeFunction '../x' health_check -Target $target"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Invoke-EdgeFunction database-scalability optimize_performance -Target $target -WhatIf")]
    [InlineData("Invoke-EdgeFunction my-own anything -Target $target -WhatIf")]
    [InlineData("Send-MaintenanceNotification hello -Target $target -WhatIf")]
    [InlineData("Publish-MaintenanceArtifact -Content x -Name x.txt -Target $target -WhatIf")]
    public void What_if_does_nothing(string script)
    {
        var result = Run(script);
        Assert.Empty(result.Output);
        Assert.Empty(result.Errors);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Names_of_functions_and_actions_complete()
    {
        string[] Complete(string input) => [.. CommandCompletion.CompleteInput(input, input.Length, null, Shell()).CompletionMatches.Select(match => match.CompletionText)];
        Assert.Equal(["gdpr-compliance"], Complete("Test-EdgeFunction gdpr"));
        Assert.Contains("get_top_errors", Complete("Invoke-EdgeFunction error-tracking get_"));
        Assert.Equal(["Emergency"], Complete("Send-MaintenanceNotification x -Channel Em"));

        PowerShell Shell()
        {
            var shell = PowerShell.Create();
            shell.Runspace = _runspace.Runspace;
            return shell;
        }
    }

    [Theory]
    [InlineData("500", FunctionFault.Http500)]
    [InlineData("401", FunctionFault.Http401)]
    [InlineData("MissingField", FunctionFault.MissingField)]
    public void Faults_are_named_as_people_say_them(string text, FunctionFault expected) =>
        Assert.Equal(expected, One<FunctionFault>($"[Maintenance.FunctionFault]{(char.IsDigit(text[0]) ? text : $"'{text}'")}"));

    [Fact]
    public void What_is_piped_becomes_one_message()
    {
        var result = One<NotificationResult>("Get-SystemHealth -Target $target | Send-MaintenanceNotification -Target $target -DryRun -Title Findings");
        Assert.Equal(NotificationState.DryRun, result.State);
        Assert.Contains("Findings", result.Payload, StringComparison.Ordinal);
        Assert.Equal(NotificationState.Delivered, One<NotificationResult>("Send-MaintenanceNotification hello -Target $target -Severity Critical -Channel Emergency -Field @{ Count = 1.5 }").State);
    }

    [Fact]
    public void A_webhook_that_refuses_is_an_error_and_an_object()
    {
        var result = _runspace.Run(
            "Send-MaintenanceNotification hello -Target $target",
            ("target", Target with { Channels = new Dictionary<string, ChannelSettings> { ["Default"] = new() { Webhook = SecretReference.FromSecureString(new System.Net.NetworkCredential("", $"{fixture.Sandbox.FunctionUri}/no-such").SecurePassword) } } }));
        Assert.Equal(NotificationState.Rejected, ((NotificationResult)Assert.Single(result.Output).BaseObject).State);
        Assert.StartsWith("NotificationRejected,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("ChannelNotFound,", ErrorOf("$none = $target; Send-MaintenanceNotification x -Target (Connect-MaintenanceTarget -Name bare -HostName 127.0.0.1 -SkipTest)"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_artefact_that_exists_is_an_error_unless_decided_otherwise()
    {
        Assert.Equal(ArtifactState.Published, One<PublishedArtifact>("Publish-MaintenanceArtifact -Content one -Name notes/a.txt -Target $target -Metadata @{ by = 'me' }").State);
        Assert.StartsWith("ArtifactExists,", ErrorOf("Publish-MaintenanceArtifact -Content two -Name notes/a.txt -Target $target"), StringComparison.Ordinal);
        Assert.Equal("notes/a.2.txt", One<PublishedArtifact>("Publish-MaintenanceArtifact -Content two -Name notes/a.txt -Target $target -IfExists KeepBoth").Name);
        Assert.StartsWith("FileUnavailable,", ErrorOf("Publish-MaintenanceArtifact -Path $folder/none.log -Target $target"), StringComparison.Ordinal);
        Assert.Equal(3, Run("(Invoke-MaintenanceTask Daily -Target $target).Artifacts | Publish-MaintenanceArtifact -Target $target -Container archive").Output.Count);
    }

    [Theory]
    [InlineData("Markdown", "# Health of ")]
    [InlineData("Json", "\"schema\": \"maintenance.report/1\"")]
    [InlineData("Text", "Health of ")]
    public void Reports_are_written_in_three_forms(string format, string expected) =>
        Assert.Contains(expected, One<string>($"Get-SystemHealth -Target $target | Export-MaintenanceReport -Format {format}"), StringComparison.Ordinal);

    [Fact]
    public void A_report_does_not_replace_a_file_without_being_told_to()
    {
        Run("Get-SystemHealth -Target $target | Export-MaintenanceReport -Path $folder/r.md");
        Assert.StartsWith("# ", File.ReadAllText(Path.Combine(_folder, "r.md")), StringComparison.Ordinal);
        Assert.StartsWith("FileExists,", ErrorOf("Get-SystemHealth -Target $target | Export-MaintenanceReport -Path $folder/r.md"), StringComparison.Ordinal);
        // What is in the way is told in words of people.
        foreach (var (place, expected) in new[] { ("$folder -Format Text", "it is a folder"), ("$folder/no/r.md", "its folder does not exist") })
        {
            Assert.Equal(["FileUnavailable", "True"], Run($$"""
                try { Get-SystemHealth -Target $target | Export-MaintenanceReport -Path {{place}} -ErrorAction Stop }
                catch { ($_.FullyQualifiedErrorId -split ',')[0]; "$_".Contains('{{expected}}') }
                """).Output.Select(item => item.ToString()));
        }

        Assert.StartsWith("InvalidArgument,", ErrorOf("'text' | Export-MaintenanceReport"), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
