using Maintenance.Engine.Reporting;

namespace Maintenance.Engine.Tests.Reporting;

public sealed class ScheduleReportTests
{
    private const string Hostile = "a <script>alert(1)</script>\u202Eb";
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private static readonly ScheduledTask Well = new()
    {
        Target = "shop",
        Task = "SecurityScan",
        Frequency = "daily at 03:00",
        Cron = "0 3 * * *",
        TimeZone = "UTC",
        Source = "Matrix",
        NextRuns = [Now.AddHours(15)],
        LastRun = Now.AddHours(-9),
        LastStatus = HealthStatus.Ok,
        LastMessage = "SecurityScan: every check passed.",
        MissedRuns = 0,
        Status = HealthStatus.Ok,
        CollectedAt = Now,
    };

    [Fact]
    public void Where_all_is_well_it_says_so_and_names_nothing_else()
    {
        var report = ScheduleReport.Of([Well, Well with { Task = "LogRotation" }], Now);
        Assert.Equal((HealthStatus.Ok, "2 tasks run when due, and the last run of each was Ok."), (report.Status, report.Summary[0]));
        Assert.True(report.Sections[0].IsEmpty);
        Assert.Equal(["SecurityScan", "LogRotation"], report.Sections[1].Rows.Select(row => row[0]));
    }

    [Fact]
    public void The_worst_comes_first_with_what_to_do()
    {
        var report = ScheduleReport.Of(
            [
                Well,
                Well with { Task = "DatabaseOptimization", Automation = AutomationLevel.Semi, LastStatus = HealthStatus.Warning, Status = HealthStatus.Warning, LastMessage = "Approval: Nobody has approved this yet, so nothing was done." },
                Well with { Task = "BackupVerification", LastStatus = HealthStatus.Critical, Status = HealthStatus.Critical, LastMessage = Hostile },
                Well with { Task = "LogRotation", LastRun = null, LastStatus = HealthStatus.Unknown, MissedRuns = 1000, Status = HealthStatus.Warning },
                Well with { Task = "IndexOptimization", LastRun = null, LastStatus = HealthStatus.Unknown, MissedRuns = 2, Status = HealthStatus.Warning },
            ],
            Now);

        Assert.Equal(HealthStatus.Critical, report.Status);
        Assert.StartsWith("BackupVerification ended critical; LogRotation and IndexOptimization did not run when due;", report.Summary[0], StringComparison.Ordinal);
        Assert.Equal(["BackupVerification", "DatabaseOptimization", "2 tasks have never run"], report.Sections[0].Cards.Select(card => card.Title));
        Assert.EndsWith("Invoke-MaintenanceTask DatabaseOptimization -Approve.", report.Sections[0].Cards[1].Text, StringComparison.Ordinal);
        Assert.Equal(["LogRotation", "IndexOptimization"], report.Sections[0].Cards[2].Items.Select(item => item.Title));
    }

    [Fact]
    public void What_is_said_of_one_of_several_targets_names_it()
    {
        var failed = Well with { LastStatus = HealthStatus.Critical, Status = HealthStatus.Critical };
        var waits = Well with { Target = "it's one", Automation = AutomationLevel.Semi, LastStatus = HealthStatus.Warning, Status = HealthStatus.Warning, LastMessage = "Approval: Nobody has approved this yet, so nothing was done." };
        var cards = ScheduleReport.Of([failed, waits], Now).Sections[0].Cards;
        Assert.Equal("Get-MaintenanceHistory -Target shop -Task SecurityScan -First 1 shows the run.", cards[0].Text);
        Assert.EndsWith("Invoke-MaintenanceTask SecurityScan -Target 'it''s one' -Approve.", cards[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_or_two_tell_nothing_usual()
    {
        var row = Well with { TypicalDuration = TimeSpan.FromMinutes(3), RunsOnRecord = 4, GuideDurationText = "10 to 20 min" };
        string? Usual(ScheduledTask task) => ScheduleReport.Of([task], Now).Sections[1].Rows[0][3];
        Assert.Equal(["10 to 20 min (the guide)", "3 min", "3 min (of 1 run)"], [Usual(row), Usual(row with { RunsOnRecord = 5 }), Usual(row with { RunsOnRecord = 1, GuideDurationText = null })]);
    }

    [Fact]
    public void What_is_not_known_outranks_a_warning_and_what_is_yet_to_run_does_not()
    {
        var warning = Well with { LastStatus = HealthStatus.Warning, Status = HealthStatus.Warning };
        var unknown = Well with { Task = "LogRotation", LastStatus = HealthStatus.Unknown, Status = HealthStatus.Unknown };
        Assert.Equal(HealthStatus.Unknown, ScheduleReport.Of([warning, unknown], Now).Status);
        Assert.Equal(HealthStatus.Warning, ScheduleReport.Of([warning, unknown with { LastRun = null }], Now).Status);
        Assert.Equal(HealthStatus.Unknown, ScheduleReport.Of([Well, unknown with { LastRun = null }], Now).Status);
    }

    [Fact]
    public void What_is_not_known_is_never_green()
    {
        var report = ScheduleReport.Of([Well with { LastRun = null, LastStatus = HealthStatus.Unknown, MissedRuns = null, Status = HealthStatus.Unknown, LastMessage = "No history is kept." }], Now);
        Assert.Equal(HealthStatus.Unknown, report.Status);
        Assert.DoesNotContain(report.Tiles, tile => tile is { Word: "Ok", Label: not "conflicts" });
        Assert.Equal(HealthStatus.Unknown, ScheduleReport.Of([], Now).Status);
    }

    [Fact]
    public void As_a_page_text_from_outside_stays_text()
    {
        var page = new ReportService(TimeProvider.System).Render([Well with { Target = Hostile, LastMessage = Hostile, LastStatus = HealthStatus.Critical, Status = HealthStatus.Critical }], ReportFormat.Html);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202E", page, StringComparison.Ordinal);
        Assert.Contains("What is wrong", page, StringComparison.Ordinal);
    }
}
