using Maintenance.Engine.Performance.Samples;
using Quartz;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>What the scheduler is told of a target's schedule. Pure.</summary>
internal static class AgentTriggers
{
    /// <summary>Key of the target's name in a job's data.</summary>
    public const string TargetKey = "target";

    /// <summary>Key of the task's name in a job's data.</summary>
    public const string TaskKey = "task";

    /// <summary>How much later than its time a run may begin before it counts as one that nobody began; less for what comes more often, so that nothing is made up for twice.</summary>
    public static readonly TimeSpan MisfireThreshold = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>The job of a task on a target. It never runs twice at once, on whatever agent, and one that was lost with its agent comes back.</summary>
    public static IJobDetail Job(string target, string task) => JobBuilder.Create<TaskJob>()
        .WithIdentity(task, target)
        .UsingJobData(TargetKey, target)
        .UsingJobData(TaskKey, task)
        .DisallowConcurrentExecution()
        .RequestRecovery()
        .StoreDurably()
        .Build();

    /// <summary>When the job fires.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="plan">When the task runs.</param>
    /// <param name="changesSystem">True if it changes the system.</param>
    /// <param name="calendar">Name of the calendar of its maintenance windows; null for none.</param>
    /// <param name="timeScale">By what the time between runs is divided.</param>
    /// <param name="time">The clock.</param>
    public static ITrigger Trigger(string target, TaskPlan plan, bool changesSystem, string? calendar, double timeScale, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var interval = Interval(plan, timeScale, now);
        var builder = TriggerBuilder.Create(time).StartAt(now).WithIdentity(plan.Task, target).ForJob(plan.Task, target).WithDescription(Description(plan, timeScale))
            .WithMisfireThreshold(interval < MisfireThreshold ? interval : MisfireThreshold);
        if (timeScale != 1)
        {
            return builder.StartAt(now + Shortest).WithSimpleSchedule(schedule => schedule
                .WithInterval(interval).RepeatForever().WithMisfireInstruction(SimpleTriggerMisfireInstruction.NextWithExistingCount)).Build();
        }

        // What only looks is made up for once, however often it was missed. What changes the system comes at its own time or not at all: the afternoon is no night.
        builder = builder.WithCronSchedule(plan.Recurrence.Expression, schedule => schedule
            .WithMisfireInstruction(changesSystem ? CronTriggerMisfireInstruction.DoNothing : CronTriggerMisfireInstruction.FireAndProceed));
        return (calendar is null ? builder : builder.WithCalendarName(calendar)).Build();
    }

    /// <summary>True if a trigger that is stored says what another would.</summary>
    public static bool IsSame(ITrigger stored, ITrigger wanted) => stored.Description == wanted.Description && stored.CalendarName == wanted.CalendarName && stored.GetType() == wanted.GetType();

    /// <summary>The time between two runs, divided. Samples keep their distance: closer ones would not be taken, and a run that takes none says that nothing is known.</summary>
    public static TimeSpan Interval(TaskPlan plan, double timeScale, DateTimeOffset now)
    {
        var first = plan.Recurrence.Next(now) ?? now;
        var interval = ((plan.Recurrence.Next(first) ?? first) - first) / timeScale;
        var shortest = plan.Task == "PerformanceMetrics" && timeScale != 1 ? SampleService.Spacing : Shortest;
        // The scheduler counts in whole milliseconds.
        return interval < shortest ? shortest : TimeSpan.FromMilliseconds(Math.Ceiling(interval.TotalMilliseconds));
    }

    private static string Description(TaskPlan plan, double timeScale) =>
        timeScale == 1 ? $"{plan.Recurrence.Cron} {plan.Recurrence.Zone.Id}" : FormattableString.Invariant($"{plan.Recurrence.Cron} {plan.Recurrence.Zone.Id} / {timeScale}");
}
