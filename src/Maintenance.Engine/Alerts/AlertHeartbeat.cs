using System.Globalization;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Alerts;

/// <summary>Which runs were expected and did not happen. Nothing that runs can tell that it does not: something else has to look. Pure.</summary>
internal static class AlertHeartbeat
{
    /// <summary>Id of the findings.</summary>
    public const string FindingId = "ALERT-RUN-MISSED";

    /// <summary>Judges the last runs. Late for up to as long again as was expected is Medium, up to five times as long High, beyond that Critical.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="expected">How long after one another runs are expected at the most, by task.</param>
    /// <param name="last">When the last run of each task began; null, or not in it, where the history has none.</param>
    /// <param name="now">The time.</param>
    /// <param name="running">The task that asks: it runs right now, and its run is not on record yet. Null for none.</param>
    /// <returns>One finding for each task that is late.</returns>
    public static IReadOnlyList<Finding> Judge(
        string target, IReadOnlyDictionary<string, TimeSpan> expected, IReadOnlyDictionary<string, DateTimeOffset?> last, DateTimeOffset now, string? running = null) =>
    [
        .. expected.OrderBy(task => task.Key, StringComparer.OrdinalIgnoreCase)
            .Select(task => (Task: task.Key, Every: task.Value, Last: last.GetValueOrDefault(task.Key)))
            .Where(task => task.Last is { } at ? now - at > task.Every : !IsRunning(task.Task, running))
            .Select(task => new Finding
            {
                Id = FindingId,
                Area = "Alerts",
                Subject = task.Task,
                Target = target,
                Severity = task.Last is not { } at ? FindingSeverity.Medium
                    : now - at > 5 * task.Every ? FindingSeverity.Critical
                    : now - at > 2 * task.Every ? FindingSeverity.High
                    : FindingSeverity.Medium,
                Message = task.Last is { } began
                    ? IsRunning(task.Task, running)
                        ? $"{task.Task} runs again only now: the run before began at {Time(began)}, {Say.Duration(now - began)} ago, and one is expected every {Say.Duration(task.Every)}."
                    : $"{task.Task} began last at {Time(began)}, {Say.Duration(now - began)} ago, and is expected every {Say.Duration(task.Every)}."
                    : $"{task.Task} is expected every {Say.Duration(task.Every)}, and the history has no run of it at all.",
                Recommendation = "Look whether what starts it (a pipeline, cron, an agent) still does, and whether it keeps its runs in the same history.",
                Evidence = new Dictionary<string, object?> { ["task"] = task.Task, ["expectedEverySeconds"] = task.Every.TotalSeconds, ["lastRun"] = task.Last?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) },
                CollectedAt = now,
            }),
    ];

    /// <summary>The findings where nobody knows when the tasks ran last.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="expected">How long after one another runs are expected at the most, by task.</param>
    /// <param name="reason">Why.</param>
    /// <param name="recommendation">What to do.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<Finding> Unknown(string target, IReadOnlyDictionary<string, TimeSpan> expected, string reason, string? recommendation, DateTimeOffset now) =>
    [
        .. expected.OrderBy(task => task.Key, StringComparer.OrdinalIgnoreCase).Select(task => new Finding
        {
            Id = FindingId,
            Area = "Alerts",
            Subject = task.Key,
            Target = target,
            Severity = FindingSeverity.Medium,
            Outcome = FindingOutcome.Unknown,
            Message = $"{task.Key} is expected every {Say.Duration(task.Value)}; when it ran last is not known. {reason}",
            Recommendation = recommendation,
            CollectedAt = now,
        }),
    ];

    private static bool IsRunning(string task, string? running) => task.Equals(running, StringComparison.OrdinalIgnoreCase);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
