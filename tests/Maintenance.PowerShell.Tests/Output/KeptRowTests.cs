namespace Maintenance.ModuleTests.Output;

/// <summary>Rows that were kept with Export-Clixml, as it keeps them by default, go on to the next cmdlet as live ones do.</summary>
public sealed class KeptRowTests(OutputSamples samples) : IClassFixture<OutputSamples>
{
    [Theory]
    [InlineData("Get-DbBloat -Table user_consents, error_logs -MinimumSize 0", "Invoke-DbVacuum -WhatIf -All | ForEach-Object { \"$($_.Kind) $($_.Schema).$($_.Name)\" }")]
    [InlineData("Get-DbBloat -MinimumSize 0 | Where-Object Kind -eq Index", "Invoke-DbReindex -WhatIf | ForEach-Object { \"$($_.Kind) $($_.Name)\" }")]
    [InlineData("Get-DbSession -All | Where-Object ApplicationName -eq sandbox-functions | Select-Object -First 1", "Stop-DbSession -WhatIf | ForEach-Object { \"$($_.ProcessId) $($_.Outcome)\" }")]
    [InlineData("Invoke-DbRetention -Table error_logs -Confirm:$false", "Restore-DbArchive -WhatIf | ForEach-Object { \"$($_.Source) $($_.Message)\" }")]
    [InlineData("Get-DatabaseBackup", "Test-BackupRecency | ForEach-Object { \"$($_.Target) $($_.State) $($_.Newest)\" }")]
    [InlineData("Get-DatabaseBackup -Newest 2", "Test-BackupRestore -Force | ForEach-Object { \"$($_.Name) $($_.Verdict) $($_.Level)\" }")]
    [InlineData("Find-SystemIssue", "Repair-SystemIssue -WhatIf | ForEach-Object { \"$($_.FindingId) $($_.Subject) $($_.State)\" }")]
    [InlineData("Get-MaintenanceSchedule", "Export-MaintenanceSchedule -As Cron")]
    [InlineData("Update-PerformanceBaseline", "Compare-PerformanceBaseline | ForEach-Object { \"$($_.Metric) $($_.Subject) $($_.Source)\" }", 5)]
    [InlineData("Get-DbSlowQuery -Threshold 1ms", "Optimize-DbQuery | ForEach-Object { \"$($_.Kind) $($_.Suggestion)\" }")]
    [InlineData("Get-DbSlowQuery -Threshold 1ms | Optimize-DbQuery", "New-QueryOptimizationReport -Confirm:$false | ForEach-Object { \"$($_.Target) $($_.Recommendations.Count)\" }")]
    [InlineData("Get-MaintenanceTarget", "Get-DbHealth | ForEach-Object { \"$($_.Target) $($_.Database)\" }")]
    [InlineData("$sandbox", "Get-DbHealth | ForEach-Object { \"$($_.Target) $($_.Database)\" }")]
    [InlineData("Get-SystemHealth", "Test-AlertRule -Confirm:$false | ForEach-Object { \"$($_.Rule) $($_.State)\" }")]
    public void Rows_that_were_kept_are_taken_as_live_ones_are(string get, string use, int? depth = null)
    {
        var result = samples.Runspace.Run(
            $$"""
            $Error.Clear()
            $file = [IO.Path]::GetTempFileName()
            try {
                $live = @({{get}})
                $live | Export-Clixml $file {{(depth is null ? "" : $"-Depth {depth}")}}
                $kept = @(Import-Clixml $file)
                $live.Count
                ($live | {{use}}) -join "`n"
                ($kept | {{use}}) -join "`n"
                $Error -join "`n"
            } finally { Remove-Item $file }
            """,
            ("sandbox", samples.Sandbox));
        Assert.True(result.Terminating is null, result.Terminating?.ToString());
        Assert.True(result.Output[^1].ToString().Length == 0, result.Output[^1].ToString());
        Assert.NotEqual("0", result.Output[0].ToString());
        Assert.NotEqual("", result.Output[1].ToString());
        Assert.Equal(result.Output[1].ToString(), result.Output[2].ToString());
    }

    [Fact]
    public void A_row_of_which_something_was_lost_is_refused_with_what_to_do()
    {
        // The hours of its rhythm lie deeper than Export-Clixml goes by itself.
        var result = samples.Runspace.Run("""
            $baseline = Update-PerformanceBaseline | Where-Object Rhythm | Select-Object -First 1
            [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($baseline, 2)) | Compare-PerformanceBaseline
            """);
        Assert.Contains("The Hours of this BaselineRhythm was lost when it was kept. Get it anew, or keep such rows with more: Export-Clixml -Depth 5.", Assert.Single(result.Errors).Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_is_named_by_its_name_by_itself_by_its_sandbox_and_by_what_was_kept_of_them()
    {
        var names = samples.Runspace.Invoke(
            """
            $target = Get-MaintenanceTarget
            $kept = $target, $sandbox | ForEach-Object { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_, 2)) }
            $target.Name, $target, $sandbox, $kept[0], $kept[1] | ForEach-Object { (Get-DbHealth -Target $_).Target }
            (Get-DbHealth -Target $kept).Target
            """,
            ("sandbox", samples.Sandbox)).Select(name => name.ToString());
        Assert.Equal(Enumerable.Repeat("output", 7), names);
    }

    [Fact]
    public void A_backup_is_named_by_its_name_by_its_path_by_itself_and_by_what_was_kept_of_it()
    {
        var names = samples.Runspace.Invoke("""
            $backup = Get-DatabaseBackup -Newest
            $kept = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($backup, 2))
            $backup.Name, (Join-Path $backup.Store $backup.Name), $backup, $kept | ForEach-Object { $found = Test-BackupRestore -InputObject $_ -Force; "$($found.Name) $($found.Verdict)" }
            """).Select(name => name.ToString()).ToArray();
        Assert.Equal(4, names.Length);
        Assert.EndsWith(" Verified", Assert.Single(names.Distinct()), StringComparison.Ordinal);

        var nothing = samples.Runspace.Run("Test-BackupRestore -InputObject nothing.dump");
        Assert.Equal("BackupNotFound", Assert.Single(nothing.Errors).FullyQualifiedErrorId.Split(',')[0]);
    }
}
