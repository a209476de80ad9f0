using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Tests.Tasks;

public sealed class ApprovalCheckTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly TaskApproval Person = new() { By = "ada" };

    [Theory]
    [InlineData("HealthMonitoring", false, true)]
    [InlineData("SecurityScan", false, true)]
    [InlineData("Troubleshooting", false, true)]
    [InlineData("DbMaintenance", false, true)]
    [InlineData("DatabaseOptimization", true, true)]
    [InlineData("indexoptimization", true, true)]
    [InlineData("Weekly", true, true)]
    [InlineData("DisasterRecoveryTest", true, true)]
    [InlineData("PerformanceBaseline", false, false)]
    [InlineData("SecurityAudit", false, false)]
    public void Without_a_person_a_task_does_what_the_matrix_allows(string task, bool stopsBefore, bool counts)
    {
        var check = ApprovalCheck.Of(new SchedulePolicy(), task, null, Now);
        Assert.Equal((stopsBefore, counts), (check.StopsBefore, check.Counts));

        var approved = ApprovalCheck.Of(new SchedulePolicy(), task, Person, Now);
        Assert.Equal((false, true), (approved.StopsBefore, approved.Counts));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("2026-11-26", false)]
    [InlineData("2026-11-25", true)]
    public void An_approval_in_the_schedule_holds_through_its_last_day(string? until, bool stops)
    {
        var schedule = new SchedulePolicy
        {
            Tasks = new Dictionary<string, TaskSchedule>
            {
                ["databaseoptimization"] = new() { Approval = new TaskApproval { By = "ada", Until = until is null ? null : DateOnly.Parse(until, System.Globalization.CultureInfo.InvariantCulture) } },
            },
        };
        Assert.Equal(stops, ApprovalCheck.Of(schedule, "DatabaseOptimization", null, Now).StopsBefore);
        Assert.False(ApprovalCheck.Of(schedule, "DatabaseOptimization", Person, Now).StopsBefore);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \t")]
    public void An_approval_without_a_name_is_none(string by)
    {
        var nobody = new TaskApproval { By = by };
        var schedule = new SchedulePolicy { Tasks = new Dictionary<string, TaskSchedule> { ["DatabaseOptimization"] = new() { Approval = nobody } } };
        Assert.True(ApprovalCheck.Of(schedule, "DatabaseOptimization", null, Now).StopsBefore);
        Assert.True(ApprovalCheck.Of(new SchedulePolicy(), "DatabaseOptimization", nobody, Now).StopsBefore);
        Assert.False(ApprovalCheck.Of(schedule, "DatabaseOptimization", Person, Now).StopsBefore);
    }
}
