using Maintenance.Engine.Alerts;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Alert rules that fired when they were last evaluated, as the history remembers.</summary>
internal sealed class FiringAlertProbe(HistoryService history) : IIssueProbe
{
    /// <summary>Alerts that nobody has evaluated for longer say nothing about now (ours).</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    private static readonly IssueKind Kind = IssueCatalogue.AlertFiring;

    public string Name => "the alert rules";

    public IReadOnlyList<IssueKind> Kinds => [Kind];

    // Where nothing is kept there is nothing to look at, and the target has chosen that.
    public bool AppliesTo(MaintenanceTarget target) => target.History.Kind != HistoryKind.None;

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken)
    {
        var memories = history.StoreOf(context.Target, context.Call) is { } store ? await store.ReadAlertsAsync(context.Target.Name, cancellationToken) : [];
        return Judge(AlertRules.Of(context.Target.Alerts, []), memories, context.Now);
    }

    /// <summary>One finding for each alert that fires. Pure.</summary>
    /// <param name="rules">The rules in force.</param>
    /// <param name="memories">Where alerts stood when they were last evaluated.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<Finding> Judge(IReadOnlyList<AlertRule> rules, IReadOnlyList<AlertMemory> memories, DateTimeOffset now)
    {
        var known = rules.ToDictionary(rule => rule.Name, StringComparer.OrdinalIgnoreCase);
        // Rules that a call has brought are in no file: what fires of them counts as long as they may be brought again. What was removed ends with
        // the next evaluation.
        var watched = memories.Where(memory => known.TryGetValue(memory.Key.Rule, out var rule) ? rule.IsEnabled : IsFiring(memory) && AlertUnwatched.IsStillGiven(memory, now)).ToList();
        if (watched.Count == 0)
        {
            return [Issue.NotKnown(Kind, FindingSeverity.Info, "Whether alert rules fire is not known: they were never evaluated.", "Get-SystemHealth | Test-AlertRule, every few minutes.")];
        }

        var newest = watched.Max(memory => memory.ObservedAt) ?? watched.Max(memory => memory.Since);
        return watched
            .Where(IsFiring)
            .OrderBy(memory => memory.Since)
            .Select(memory => Of(memory, known.GetValueOrDefault(memory.Key.Rule) ?? AlertRules.Defined(memory), now))
            .Concat(now - newest > Fresh
                ? [Issue.NotKnown(Kind, FindingSeverity.Low, $"Whether alert rules fire now is not known: they were last evaluated {Ago(newest, now)} ago.", "Get-SystemHealth | Test-AlertRule, every few minutes.", subject: "evaluation")]
                : [])
            .OrPassed(Kind, $"None of {Say.Count(watched.Count, "alert fires", "alerts fires")}, {Ago(newest, now)} ago.", ("Alerts", watched.Count));
    }

    private static bool IsFiring(AlertMemory memory) => memory.State is AlertState.Firing or AlertState.Recovering;

    private static Finding Of(AlertMemory memory, AlertRule rule, DateTimeOffset now) => Issue.Found(
        Kind,
        rule.Severity == AlertSeverity.Critical ? FindingSeverity.High : FindingSeverity.Medium,
        memory.Key.Series.Length == 0 ? memory.Key.Rule : $"{memory.Key.Rule} ({memory.Key.Series})",
        $"The rule {memory.Key.Rule} has fired for {Ago(memory.Since, now)}{(memory.ObservedAt is { } seen ? $"; it was last evaluated {Ago(seen, now)} ago" : "")}.",
        rule.Runbook is { } runbook ? $"See {runbook}." : "See what it measures now: Get-SystemHealth | Test-AlertRule.",
        ("Rule", memory.Key.Rule),
        ("Metric", rule.Metric),
        ("Since", memory.Since),
        ("ObservedAt", memory.ObservedAt));

    private static string Ago(DateTimeOffset then, DateTimeOffset now) => Say.Duration(now > then ? now - then : TimeSpan.Zero);
}
