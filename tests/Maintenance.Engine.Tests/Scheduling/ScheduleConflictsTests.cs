using Maintenance.Engine.Scheduling;

namespace Maintenance.Engine.Tests.Scheduling;

public sealed class ScheduleConflictsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly HashSet<string> Changing = ["DatabaseOptimization", "IndexOptimization", "Weekly"];

    [Fact]
    public void The_guides_own_matrix_measures_its_baseline_under_maintenance_and_runs_two_changes_at_once()
    {
        var all = Works(new SchedulePolicy());
        var found = ScheduleConflicts.Of(all, [], Now).SelectMany((conflicts, i) => conflicts.Select(conflict => (all[i].Plan.Task, conflict.Kind, conflict.With))).ToList();

        Assert.Equivalent(
            new[]
            {
                ("DatabaseOptimization", ScheduleConflictKind.Overlap, (string?)"IndexOptimization"),
                ("PerformanceBaseline", ScheduleConflictKind.MeasuredUnderLoad, "DatabaseOptimization"),
                ("PerformanceBaseline", ScheduleConflictKind.MeasuredUnderLoad, "IndexOptimization"),
            },
            found,
            strict: true);
    }

    [Fact]
    public void What_is_proposed_is_in_nobodys_way()
    {
        var all = Works(new SchedulePolicy());
        var conflicts = ScheduleConflicts.Of(all, [], Now);
        var tasks = all.Select((work, i) => (work, Cron: conflicts[i] is [{ ProposedCron: { } cron }, ..] ? cron : work.Plan.Recurrence.Cron))
            .ToDictionary(pair => pair.work.Plan.Task, pair => new TaskSchedule { Cron = pair.Cron });
        var moved = Works(new SchedulePolicy { Tasks = tasks });

        Assert.Empty(ScheduleConflicts.Of(moved, [], Now).SelectMany(found => found));
        Assert.Equal(("0 3 * * *", "30 3 * * SUN#1"), (tasks["DatabaseOptimization"].Cron, tasks["PerformanceBaseline"].Cron));
    }

    [Fact]
    public void Short_runs_are_in_nobodys_way()
    {
        var all = Works(new SchedulePolicy(), TimeSpan.FromMinutes(5));
        Assert.DoesNotContain(ScheduleConflicts.Of(all, [], Now).SelectMany(found => found), conflict => conflict.With == "IndexOptimization");
    }

    [Fact]
    public void A_change_outside_the_windows_is_found_and_moved_into_one()
    {
        MaintenanceWindow[] windows = [new() { Start = new(22, 0), Duration = TimeSpan.FromHours(3) }];
        ScheduledWork[] all = [Works(new SchedulePolicy()).Single(work => work.Plan.Task == "DatabaseOptimization")];

        var conflict = Assert.Single(ScheduleConflicts.Of(all, windows, Now)[0]);
        Assert.Equal((ScheduleConflictKind.OutsideWindow, "0 22 * * *"), (conflict.Kind, conflict.ProposedCron));
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 2, 0, 0, TimeSpan.Zero), conflict.At);
    }

    [Fact]
    public void A_run_that_does_not_fit_its_window_is_found()
    {
        MaintenanceWindow[] windows = [new() { Start = new(1, 0), Duration = TimeSpan.FromHours(1) }];
        ScheduledWork[] all = [Works(new SchedulePolicy()).Single(work => work.Plan.Task == "IndexOptimization")];

        var conflict = Assert.Single(ScheduleConflicts.Of(all, windows, Now)[0]);
        Assert.Equal((ScheduleConflictKind.LongerThanWindow, null), (conflict.Kind, conflict.ProposedCron));
    }

    [Fact]
    public void Maintenance_that_begins_while_the_baseline_is_measured_is_found_with_a_time_that_helps()
    {
        var all = Works(Policy(("PerformanceBaseline", "30 0 * * SUN#1"), ("DatabaseOptimization", "0 5 * * *"))).Where(work => work.Plan.Task is not "DatabaseOptimization").ToArray();
        var conflict = Assert.Single(ScheduleConflicts.Of(all, [], Now).SelectMany(found => found));
        Assert.Equal((ScheduleConflictKind.MeasuredUnderLoad, "IndexOptimization", "0 3 * * SUN#1"), (conflict.Kind, conflict.With, conflict.ProposedCron));
        Assert.Equal(new DateTimeOffset(2026, 12, 6, 1, 0, 0, TimeSpan.Zero), conflict.At);
    }

    [Fact]
    public void A_baseline_that_ends_when_maintenance_begins_is_in_nobodys_way()
    {
        var all = Works(Policy(("PerformanceBaseline", "0 21 * * SAT"))).Where(work => work.Plan.Task is not "DatabaseOptimization").ToArray();
        Assert.Empty(ScheduleConflicts.Of(all, [], Now).SelectMany(found => found));
    }

    [Fact]
    public void A_bundle_measures_when_its_member_does_and_says_what_is_scheduled_twice()
    {
        var all = Works(new SchedulePolicy { Tasks = new Dictionary<string, TaskSchedule> { ["Monthly"] = new(), ["SecurityAudit"] = new() { Enabled = false } } });
        var found = ScheduleConflicts.Of(all, [], Now)[^1];

        Assert.Equivalent(
            new[]
            {
                (ScheduleConflictKind.Twice, "PerformanceBaseline", (string?)null),
                (ScheduleConflictKind.MeasuredUnderLoad, "DatabaseOptimization", "30 3 * * SUN#1"),
                (ScheduleConflictKind.MeasuredUnderLoad, "IndexOptimization", "30 3 * * SUN#1"),
            },
            found.Select(conflict => (conflict.Kind, conflict.With, conflict.ProposedCron)).ToArray(),
            strict: true);
    }

    [Fact]
    public void What_is_not_scheduled_is_in_nobodys_way()
    {
        var all = Works(new SchedulePolicy { Tasks = new Dictionary<string, TaskSchedule> { ["IndexOptimization"] = new() { Enabled = false } } });
        Assert.DoesNotContain(ScheduleConflicts.Of(all, [], Now).SelectMany(found => found), conflict => conflict.With == "IndexOptimization");
    }

    private static SchedulePolicy Policy(params (string Task, string Cron)[] tasks) => new() { Tasks = tasks.ToDictionary(task => task.Task, task => new TaskSchedule { Cron = task.Cron }) };

    private static ScheduledWork[] Works(SchedulePolicy policy, TimeSpan? duration = null) =>
        [.. TaskPlan.Of(policy).Select(plan => ScheduledWork.Of(plan, Changing.Contains(plan.Task), row => duration ?? row.Duration ?? TimeSpan.Zero))];
}
