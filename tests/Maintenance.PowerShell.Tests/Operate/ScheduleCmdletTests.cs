namespace Maintenance.ModuleTests.Operate;

/// <summary>The schedule and its history, as somebody who types sees them.</summary>
public sealed class ScheduleCmdletTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-schedule-").FullName;
    private readonly ModuleRunspace _session = new();

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_ten_rows_are_listed_in_the_guides_order_with_what_is_not_known_as_unknown()
    {
        Connect("alpha");
        var rows = Of<ScheduledTask>("Get-MaintenanceSchedule -Next 2");
        Assert.Equal(
            ["HealthMonitoring", "PerformanceMetrics", "LogRotation", "DatabaseOptimization", "SecurityScan", "BackupVerification", "IndexOptimization", "PerformanceBaseline", "SecurityAudit", "DisasterRecoveryTest"],
            rows.Select(row => row.Task));
        Assert.All(rows, row => Assert.Equal((2, null, HealthStatus.Unknown), (row.NextRuns.Count, row.MissedRuns, row.LastStatus)));
        Assert.Contains(rows, row => row.Conflicts.Count > 0);
        Assert.Equal(["SecurityAudit", "SecurityScan"], Of<ScheduledTask>("Get-MaintenanceSchedule -Task Security*").Select(row => row.Task).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_task_that_is_not_scheduled_is_an_error_that_says_how_it_would_be()
    {
        Connect("alpha");
        var error = Assert.Single(_session.Run("Get-MaintenanceSchedule -Task Troubleshooting").Errors);
        Assert.Contains("schedule.tasks", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Single(_session.Run("Get-MaintenanceHistory -MissedRun -Task Nonsense").Errors.DistinctBy(error => error.FullyQualifiedErrorId));
    }

    [Fact]
    public void A_task_that_is_asked_whether_it_is_due_and_is_not_scheduled_is_an_error()
    {
        Connect("alpha");
        Connect("beta");
        var result = _session.Run("Get-MaintenanceTarget | Invoke-MaintenanceTask Troubleshooting -WhenDue");
        Assert.Equal(["alpha", "beta"], result.Errors.Select(error => $"{error.TargetObject}"));
        Assert.All(result.Errors, error => Assert.StartsWith("NotConfigured", error.FullyQualifiedErrorId, StringComparison.Ordinal));
    }

    [Fact]
    public void A_step_that_was_only_planned_has_no_verdict()
    {
        Connect("alpha");
        var run = Assert.Single(_session.Invoke("Invoke-MaintenanceTask DisasterRecoveryTest"));
        var step = Assert.IsType<MaintenanceRun>(run.BaseObject).Steps[0];
        Assert.Equal((StepState.Planned, "planned"), (step.State, Maintenance.Formatting.RunText.Verdict(step)));
        Assert.Matches($"planned +{step.Name} ", Maintenance.Formatting.RunText.Render((MaintenanceRun)run.BaseObject));
    }

    [Fact]
    public void Figures_and_missed_runs_are_read_from_runs()
    {
        Connect("alpha");
        _session.Invoke("$null = Invoke-MaintenanceTask Daily; $null = Invoke-MaintenanceTask LogRotation");
        var figures = Of<TaskStatistics>("Get-MaintenanceHistory -Statistics");
        Assert.Equal(["LogRotation", "Daily"], figures.Select(row => row.Task));
        Assert.All(figures, row => Assert.Equal(1, row.Runs));
        Assert.Equal(["Daily"], Of<TaskStatistics>("Get-MaintenanceTarget | Get-MaintenanceHistory -Statistics -Task Da*").Select(row => row.Task));
        var unknown = Assert.Single(Of<MissedRun>("Get-MaintenanceHistory -MissedRun -Since 7d"));
        Assert.Equal(("*", HealthStatus.Unknown), (unknown.Task, unknown.Status));
    }

    [Fact]
    public void The_status_page_is_one_file_with_what_is_wrong_first()
    {
        Connect("alpha");
        Connect("beta");
        _session.Invoke("$null = Invoke-MaintenanceTask Daily -Target alpha; Get-MaintenanceTarget | Get-MaintenanceSchedule | Export-MaintenanceReport -Path $page", ("page", Path.Combine(_folder, "status.html")));
        var page = File.ReadAllText(Path.Combine(_folder, "status.html"));
        Assert.Contains("Maintenance of alpha, beta", page, StringComparison.Ordinal);
        Assert.True(page.IndexOf("What is wrong", StringComparison.Ordinal) < page.IndexOf("What runs next", StringComparison.Ordinal));
        Assert.Contains("PerformanceBaseline on beta", page, StringComparison.Ordinal);
    }

    [Fact]
    public void One_target_out_of_reach_does_not_stop_the_others()
    {
        Connect("alpha");
        Connect("omega");
        _session.Invoke("Connect-MaintenanceTarget -Name away -HostName 127.0.0.1 -Port 1 -Database x -Credential ([pscredential]::new('x', [securestring]::new())) -HistoryPath $path -SkipTest", ("path", Path.Combine(_folder, "away.db")));
        var runs = Of<MaintenanceRun>("Get-MaintenanceTarget | Invoke-MaintenanceTask Daily -ThrottleLimit 2 -TimeoutSeconds 30");
        Assert.Equal(["alpha", "away", "omega"], runs.Select(run => run.Target).Order(StringComparer.Ordinal));
        Assert.NotEqual(HealthStatus.Ok, runs.Single(run => run.Target == "away").Steps.Single(step => step.Name == "Database").Status);
    }

    [Theory]
    [InlineData("Get-MaintenanceSchedule -Task Troub", "Troubleshooting")]
    [InlineData("Get-MaintenanceHistory -MissedRun -Task Quar", "Quarterly")]
    [InlineData("Invoke-MaintenanceTask Mon", "Monthly")]
    public void Names_of_tasks_are_completed_whether_scheduled_or_not(string text, string name) => Assert.Contains(name, _session.Complete(text));

    private IReadOnlyList<T> Of<T>(string script) => [.. _session.Invoke(script).Select(item => (T)item.BaseObject)];

    private void Connect(string name) => _session.Invoke(
        "$null = Connect-MaintenanceTarget -Name $name -BackupPath $backups -HistoryPath ([System.IO.Path]::Combine($folder, \"$name.db\")) -SkipTest",
        ("name", name),
        ("folder", _folder),
        ("backups", Directory.CreateDirectory(Path.Combine(_folder, "backups")).FullName));
}
