using System.Globalization;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Scheduling;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Reporting;

/// <summary>Makes the status page of schedules: what is wrong first, then what comes next, then every task. Pure.</summary>
internal static class ScheduleReport
{
    private const int MostCards = 40;
    private const string StartIt = "See that something starts it: Start-MaintenanceAgent, or a scheduler with what Export-MaintenanceSchedule writes.";
    private const int MostNext = 12;
    private const int MostRows = 2000;

    /// <summary>The page of what is scheduled.</summary>
    /// <param name="tasks">The tasks of one target or several.</param>
    /// <param name="now">The time.</param>
    public static Report Of(IReadOnlyList<ScheduledTask> tasks, DateTimeOffset now)
    {
        var targets = tasks.Select(task => task.Target).Distinct(StringComparer.Ordinal).ToList();
        var withTarget = targets.Count > 1;
        var scheduled = tasks.Where(task => task.Enabled).ToList();
        // A conflict that has not come yet is less than what has gone wrong.
        var wrong = scheduled.Where(task => Worst(task) > HealthStatus.Ok && IsTrouble(task))
            .OrderByDescending(Worst).ThenByDescending(task => task.MissedRuns ?? 0).ThenBy(task => task.NextRun ?? DateTimeOffset.MaxValue).ToList();
        var title = targets.Count > 3 ? string.Create(CultureInfo.InvariantCulture, $"Maintenance of {targets.Count} targets") : $"Maintenance of {string.Join(", ", targets)}";
        return new Report(
            title,
            Verdict(scheduled),
            [Summary(scheduled), Say.Text($"Looked at on {(tasks.Count == 0 ? now : tasks.Max(task => task.CollectedAt)).UtcDateTime:yyyy-MM-dd HH:mm} UTC.")],
            [
                Attention(wrong, withTarget),
                Next(scheduled, withTarget, now),
                All(tasks, withTarget),
            ])
        {
            Tiles = [.. Tiles(scheduled, now)],
        };
    }

    // What never ran and was not due yet is nothing to worry about, and nothing to be green about where there is nothing else.
    private static HealthStatus Verdict(List<ScheduledTask> scheduled)
    {
        var worst = scheduled.Where(task => !IsYetToRun(task)).Select(Worst).DefaultIfEmpty().Max();
        return worst == HealthStatus.Ok && (scheduled.Count == 0 || scheduled.Any(IsYetToRun)) ? HealthStatus.Unknown : worst;
    }

    private static bool IsYetToRun(ScheduledTask task) => task is { LastRun: null, MissedRuns: 0, Status: HealthStatus.Unknown };

    private static HealthStatus Worst(ScheduledTask task) => task.Status;

    private static bool IsTrouble(ScheduledTask task) => task.MissedRuns > 0 || task.Conflicts.Count > 0 || (task.LastRun is not null && task.LastStatus != HealthStatus.Ok);

    private static string Summary(List<ScheduledTask> scheduled)
    {
        if (scheduled.Count == 0)
        {
            return "No task is scheduled.";
        }

        var failed = scheduled.Where(task => task.LastRun is not null && task.LastStatus == HealthStatus.Critical).ToList();
        var missed = scheduled.Where(task => task.MissedRuns > 0).ToList();
        var warned = scheduled.Where(task => task.LastStatus == HealthStatus.Warning).ToList();
        var conflicts = scheduled.Where(task => task.Conflicts.Count > 0).ToList();
        var unknown = scheduled.Where(task => task.Status == HealthStatus.Unknown).ToList();
        string?[] said =
        [
            Told(failed, "ended critical", "ended critical"),
            Told(missed, "did not run when due", "did not run when due"),
            Told(warned, "ended with a warning", "ended with warnings"),
            Told(conflicts, "is in another's way, or outside its window", "are in each other's way, or outside their windows"),
            unknown.Count == 0 ? null : Say.Text($"of {Say.Count(unknown.Count, "task", "tasks")} it is not known how the last run went"),
        ];
        var sentence = string.Join("; ", said.OfType<string>());
        return sentence.Length == 0 ? $"{Say.Count(scheduled.Count, "task runs", "tasks run")} when due, and the last run of each was Ok." : $"{char.ToUpperInvariant(sentence[0])}{sentence[1..]}.";
    }

    private static string? Told(List<ScheduledTask> tasks, string one, string many) =>
        tasks.Count == 0 ? null : $"{Names(tasks)} {(tasks.Count == 1 ? one : many)}";

    private static string Names(List<ScheduledTask> tasks)
    {
        var names = tasks.Select(task => task.Task).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return names.Count < tasks.Count ? Say.Text($"{tasks.Count} tasks")
            : names.Count > 4 ? Say.Text($"{string.Join(", ", names.Take(3))} and {names.Count - 3} more tasks")
            : names.Count == 1 ? names[0]
            : $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}";
    }

    private static IEnumerable<ReportTile> Tiles(List<ScheduledTask> scheduled, DateTimeOffset now)
    {
        var bad = scheduled.Count(task => task.LastRun is not null && task.LastStatus is HealthStatus.Critical or HealthStatus.Warning);
        var isCritical = scheduled.Any(task => task.LastStatus == HealthStatus.Critical);
        var ran = scheduled.Count(task => task.LastRun is not null);
        yield return new ReportTile("last runs with trouble", Say.Text($"{bad}"), isCritical ? "Critical" : bad > 0 ? "Warning" : ran > 0 ? "Ok" : "Unknown", Say.Text($"of {scheduled.Count} tasks, {ran} of which have run"));
        var missed = scheduled.Sum(task => task.MissedRuns ?? 0);
        var known = scheduled.Any(task => task.MissedRuns is not null);
        yield return new ReportTile("missed runs", known ? Say.Text($"{missed:#,0}") : "unknown", missed > 0 ? scheduled.Max(task => MissedRuns.Verdict(task.MissedRuns ?? 0)).ToString() : known ? "Ok" : "Unknown", missed > 0 ? Say.Text($"of {Say.Count(scheduled.Count(task => task.MissedRuns > 0), "task", "tasks")}, since they ran last") : null);
        var conflicts = scheduled.Sum(task => task.Conflicts.Count);
        yield return new ReportTile("conflicts", Say.Text($"{conflicts}"), conflicts > 0 ? "Warning" : "Ok", conflicts > 0 ? "between times of tasks and windows" : null);
        var next = scheduled.Where(task => task.NextRun is not null).MinBy(task => task.NextRun);
        yield return new ReportTile("next run", next is null ? "none" : In(next.NextRun!.Value, now), null, next?.Task);
    }

    private static bool IsWaiting(ScheduledTask task) =>
        task is { Approval: null, LastStatus: HealthStatus.Warning, LastMessage: { } said } && (said.Contains(ApprovalCheck.NotApproved, StringComparison.Ordinal) || said.Contains(ApprovalCheck.NotReviewed, StringComparison.Ordinal));

    private static ReportSection Attention(List<ScheduledTask> wrong, bool withTarget)
    {
        var never = wrong.Where(HasNeverRun).ToList();
        var others = never.Count < 2 ? wrong : [.. wrong.Except(never)];
        return ReportSection.Of(
            others.Count > MostCards ? Say.Text($"What is wrong (the first {MostCards} of {others.Count})") : "What is wrong",
            [.. others.Take(MostCards).Select(task => Card(task, withTarget)), .. never.Count < 2 ? [] : new[] { Never(never, withTarget) }],
            "Nothing is.");
    }

    private static ReportCard Card(ScheduledTask task, bool withTarget)
    {
        var items = new List<ReportItem>();
        if (task.LastRun is { } last && task.LastStatus != HealthStatus.Ok)
        {
            items.Add(new ReportItem(task.LastStatus.ToString(), "Last run", task.LastMessage ?? "", Say.Text($"It began on {last.UtcDateTime:yyyy-MM-dd HH:mm} UTC.")));
        }

        if (task.MissedRuns is { } missed and > 0)
        {
            items.Add(new ReportItem("Missed", Say.Text($"{missed:#,0} {(missed == 1 ? "run" : "runs")}"), task.LastRun is { } ran ? Say.Text($"It should run {task.Frequency}, and ran last on {ran.UtcDateTime:yyyy-MM-dd HH:mm} UTC.") : $"It should run {task.Frequency}, and no run of it is on record.", null));
        }

        items.AddRange(task.Conflicts.Select(conflict => new ReportItem("Conflict", null, conflict.Message, conflict.ProposedCron is { } cron ? $"Without it: \"cron\": \"{cron}\" for schedule.tasks.{task.Task} of maintenance.json ({task.TimeZone})." : null)));
        return new ReportCard(task.Status.ToString(), Name(task, withTarget), Advice(task, withTarget), task.Frequency) { Items = items };
    }

    // The same for all of them, and so said once.
    private static ReportCard Never(List<ScheduledTask> tasks, bool withTarget) => new(
        tasks.Max(task => task.Status).ToString(), Say.Text($"{Say.Count(tasks.Count, "task has", "tasks have")} never run"), StartIt, null)
    {
        Items =
        [
            .. tasks.Take(MostCards).Select(task => new ReportItem(null, Name(task, withTarget), Say.Text($"{Say.Count(task.MissedRuns ?? 0, "run", "runs")} missed; it should run {task.Frequency}."), null)),
            .. tasks.Count > MostCards ? [new ReportItem(null, null, Say.Text($"And {tasks.Count - MostCards} more."), null)] : Array.Empty<ReportItem>(),
        ],
    };

    private static bool HasNeverRun(ScheduledTask task) => task is { LastRun: null, MissedRuns: > 0, Conflicts.Count: 0 };

    private static string Name(ScheduledTask task, bool withTarget) => withTarget ? $"{task.Task} on {task.Target}" : task.Task;

    // What is said of one of several targets must not be done to another.
    private static string? Advice(ScheduledTask task, bool withTarget) =>
        IsWaiting(task) ? $"Look at what it found or would do (Get-MaintenanceHistory{Target(task, withTarget)} -Task {task.Task} -First 1), then approve: Invoke-MaintenanceTask {task.Task}{Target(task, withTarget)} -Approve."
        : task.MissedRuns > 0 ? StartIt
        : task.LastRun is not null && task.LastStatus != HealthStatus.Ok ? $"Get-MaintenanceHistory{Target(task, withTarget)} -Task {task.Task} -First 1 shows the run."
        : null;

    private static string Target(ScheduledTask task, bool withTarget) => !withTarget ? ""
        : task.Target.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.') ? $" -Target {task.Target}"
        : $" -Target '{task.Target.Replace("'", "''", StringComparison.Ordinal)}'";

    private static ReportSection Next(List<ScheduledTask> scheduled, bool withTarget, DateTimeOffset now)
    {
        // What runs every few minutes would fill the list by itself: each task comes once.
        var next = scheduled.Where(task => task.NextRun is not null).OrderBy(task => task.NextRun).Take(MostNext).ToList();
        string[] columns = [.. withTarget ? ["Target"] : Array.Empty<string>(), "Task", "Next run", "In", "Usually takes", "By itself"];
        return new ReportSection(
            "What runs next",
            columns,
            [
                .. next.Select(task => (IReadOnlyList<string?>)
                [
                    .. withTarget ? [task.Target] : Array.Empty<string>(),
                    task.Task,
                    Time(task.NextRun),
                    In(task.NextRun!.Value, now),
                    Usual(task),
                    ByItself(task),
                ]),
            ],
            "Nothing is scheduled.");
    }

    private static ReportSection All(IReadOnlyList<ScheduledTask> tasks, bool withTarget)
    {
        string[] columns = ["Status", .. withTarget ? ["Target"] : Array.Empty<string>(), "Task", "When", "Last run", "Result", "Missed", "Next run", "What the last run said"];
        return new ReportSection(
            tasks.Count > MostRows ? Say.Text($"All tasks (the first {MostRows} of {tasks.Count})") : "All tasks",
            columns,
            [
                .. tasks.Take(MostRows).Select(task => (IReadOnlyList<string?>)
                [
                    task.Status.ToString(),
                    .. withTarget ? [task.Target] : Array.Empty<string>(),
                    task.Task,
                    task.TimeZone == "UTC" ? task.Frequency : $"{task.Frequency} ({task.TimeZone})",
                    task.LastRun is null ? "none on record" : Time(task.LastRun),
                    task.LastRun is null ? null : task.LastStatus.ToString(),
                    task.Enabled ? task.MissedRuns is { } missed ? Say.Text($"{missed:#,0}") : "unknown" : null,
                    Time(task.NextRun),
                    task.LastMessage,
                ]),
            ],
            "No task is known.")
        {
            Below = columns[^1],
            Note = "Times are UTC. How long tasks take, and what else is known of them: Get-MaintenanceSchedule | Format-List.",
        };
    }

    private static string ByItself(ScheduledTask task) => task.Automation switch
    {
        AutomationLevel.Full => "yes",
        _ when task.Approval is { } approval => $"yes, approved by {approval.By}",
        AutomationLevel.ManualReview => "yes; a person reviews it",
        _ => "plans only; a person approves it",
    };

    private static string? Usual(ScheduledTask task) => (task.TypicalDuration, task.GuideDurationText) switch
    {
        ({ } typical, _) when task.RunsOnRecord >= RunDurations.LeastToExpect => Duration(typical),
        (_, { } guide) => $"{guide} (the guide)",
        ({ } typical, null) => Say.Text($"{Duration(typical)} (of {Say.Count(task.RunsOnRecord, "run", "runs")})"),
        _ => null,
    };

    private static string Duration(TimeSpan time) => time.TotalSeconds < 1 ? "under 1 s" : time.TotalMinutes < 2 ? Say.Text($"{time.TotalSeconds:0} s") : time.TotalHours < 2 ? Say.Text($"{time.TotalMinutes:0} min") : Say.Text($"{time.TotalHours:0.#} h");

    private static string In(DateTimeOffset time, DateTimeOffset now) => (time - now) switch
    {
        { TotalMinutes: < 1 } => "now",
        { TotalHours: < 2 } left => Say.Text($"{left.TotalMinutes:0} min"),
        { TotalDays: < 2 } left => Say.Text($"{left.TotalHours:0} h"),
        var left => Say.Text($"{left.TotalDays:0} days"),
    };

    private static string? Time(DateTimeOffset? time) => time is { } known ? Say.Text($"{known.UtcDateTime:yyyy-MM-dd HH:mm}") : null;
}
