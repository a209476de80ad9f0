namespace Maintenance.ModuleTests.Performance;

/// <summary>New-PerformanceTrendReport and reports of any object, as scripts use them.</summary>
public sealed class TrendReportCmdletTests : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private MaintenanceTarget Target => new()
    {
        Name = "quiet", History = new HistorySettings { Path = Path.Combine(_folder, "history.db") }, ArtifactStore = new StoreSettings { Path = Path.Combine(_folder, "artifacts") },
    };

    private ScriptResult Run(string script) => _runspace.Run(script, ("target", Target), ("folder", _folder));

    [Fact]
    public void Without_samples_the_report_is_unknown_and_says_what_to_run()
    {
        var report = (PerformanceTrendReport)Assert.Single(Run("New-PerformanceTrendReport -Target $target -Path \"$folder/t.html\"").Output).BaseObject;
        Assert.Equal(HealthStatus.Unknown, report.Status);
        Assert.Contains("PerformanceMetrics", report.Message, StringComparison.Ordinal);
        Assert.All(report.Trends, trend => Assert.NotNull(trend.Reason));
        Assert.Equal(Path.Combine(_folder, "t.html"), Assert.Single(report.Artifacts).Path);
        Assert.Contains("not measured", File.ReadAllText(Path.Combine(_folder, "t.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_report_of_a_day_takes_the_place_of_the_first()
    {
        var result = Run("1..2 | ForEach-Object { New-PerformanceTrendReport -Target $target -Publish -Confirm:$false }");
        var reports = result.Output.Select(item => (PerformanceTrendReport)item.BaseObject).ToList();
        Assert.Equal([ArtifactState.Published, ArtifactState.Replaced], reports.Select(report => report.Published[0].State));
        Assert.Matches(@"^weekly-trends/trends-\d{8}\.md$", reports[0].Published[0].Name);
        Assert.True(File.Exists(reports[0].Published[0].Location));
        Assert.Contains($"performance-reports{Path.DirectorySeparatorChar}", reports[0].Published[0].Location, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_targets_with_one_store_each_keeps_its_report()
    {
        var second = Target with { Name = "other", History = Target.History with { Path = Path.Combine(_folder, "other.db") } };
        var result = _runspace.Run("$target, $other, $other, $target | ForEach-Object { New-PerformanceTrendReport -Target $_ -Publish -Confirm:$false }", ("target", Target), ("other", second));
        var published = result.Output.Select(item => ((PerformanceTrendReport)item.BaseObject).Published).ToList();
        Assert.Equal([ArtifactState.Published, ArtifactState.KeptBoth, ArtifactState.Replaced, ArtifactState.Replaced], published.Select(artifacts => artifacts[0].State));
        Assert.All(published[1].Concat(published[2]), artifact => Assert.Matches(@"^weekly-trends/trends-\d{8}-other\.(md|html|json)$", artifact.Name));
        Assert.Equal(published[0].Select(artifact => artifact.Name), published[3].Select(artifact => artifact.Name));
        Assert.Contains("Performance of quiet", File.ReadAllText(published[0][0].Location), StringComparison.Ordinal);
        Assert.Contains("Performance of other", File.ReadAllText(published[1][0].Location), StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_of_another_length_never_take_each_others_place()
    {
        var names = Run("'7d', '167h', '163h', '7.10:00:00', '30d', '31d', '365d', '24h' | ForEach-Object { New-PerformanceTrendReport -Target $target -Window $_ -Publish -Confirm:$false }")
            .Output.Select(item => ((PerformanceTrendReport)item.BaseObject).Published[0].Name.Split('/')[0]);
        Assert.Equal(["weekly-trends", "6-days-23-hours-trends", "6-days-19-hours-trends", "7-days-10-hours-trends", "monthly-trends", "31-days-trends", "yearly-trends", "1-day-trends"], names);
    }

    [Fact]
    public void With_WhatIf_nothing_is_published_or_written()
    {
        Run("New-PerformanceTrendReport -Target $target -Publish -Path \"$folder/t.md\" -WhatIf");
        Assert.False(Directory.Exists(Path.Combine(_folder, "artifacts", "performance-reports")));
        Assert.False(File.Exists(Path.Combine(_folder, "t.md")));
    }

    [Fact]
    public void Any_object_of_the_module_makes_a_report()
    {
        var text = (string)Assert.Single(Run("New-PerformanceTrendReport -Target $target | ForEach-Object Trends | Export-MaintenanceReport -Format Markdown").Output).BaseObject;
        Assert.StartsWith("# Performance trend of quiet", text, StringComparison.Ordinal);
        Assert.Contains("**Unknown**", text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
