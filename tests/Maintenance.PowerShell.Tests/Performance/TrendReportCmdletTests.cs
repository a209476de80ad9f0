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
