using Maintenance.Engine.Alerts;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>
/// Alert rules that fire. Where the history remembers one that does, it is measured and evaluated again: what was repaired meanwhile fires no more. Where
/// none did, nothing is measured for it: whoever evaluates the rules will tell.
/// </summary>
internal sealed class FiringAlertProbe(HistoryService history, AlertLook? look = null) : IIssueProbe
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
        var rules = AlertRules.Of(context.Target.Alerts, []);
        var remembered = Judge(rules, memories, context.Now);
        if (look is null || !remembered.Any(IssueCauses.IsAlert))
        {
            return remembered;
        }

        try
        {
            return JudgeNow(rules, remembered, await look(context.Target, context.Call with { Timeout = context.Call.Timeout / 2 }, cancellationToken));
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return [.. remembered.Select(finding => IssueCauses.IsAlert(finding) ? finding with { Message = $"{finding.Message} Whether it still fires could not be measured: {exception.Message}" } : finding)];
        }
    }

    /// <summary>One finding for each alert that fires now. Rules that are in no file cannot be evaluated: of those, what is remembered counts. Pure.</summary>
    /// <param name="rules">The rules in force.</param>
    /// <param name="remembered">What was found of those that were evaluated before.</param>
    /// <param name="now">How they stand now.</param>
    public static IReadOnlyList<Finding> JudgeNow(IReadOnlyList<AlertRule> rules, IReadOnlyList<Finding> remembered, AlertsNow now)
    {
        var known = rules.Select(rule => rule.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return now.Alerts
            .Where(alert => alert.State is AlertState.Firing or AlertState.Recovering)
            .OrderBy(alert => alert.Since)
            .Select(alert => Of(alert, now))
            .Concat(remembered.Where(finding => IssueCauses.IsAlert(finding) && finding.Evidence.GetValueOrDefault("Rule") is string rule && !known.Contains(rule)))
            .OrPassed(Kind, $"None of {Say.Count(now.Alerts.Count, "alert fires", "alerts fires")} now.", ("Alerts", now.Alerts.Count));
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
        ("Series", memory.Key.Series),
        ("Since", memory.Since),
        ("ObservedAt", memory.ObservedAt));

    private static Finding Of(Alert alert, AlertsNow now)
    {
        var isWhole = alert.Metric == IssueCauses.WholeScore;
        return Issue.Found(
            Kind,
            alert.Severity == AlertSeverity.Critical ? FindingSeverity.High : FindingSeverity.Medium,
            alert.Series.Length == 0 ? alert.Rule : $"{alert.Rule} ({alert.Series})",
            $"{alert.Message}{(isWhole && now.NotWell.Count > 0 ? $" Not well: {string.Join(", ", now.NotWell.Select(part => part.Name))}." : "")}",
            alert.Runbook is { } runbook ? $"See {runbook}." : isWhole ? "See what is not well: (Get-SystemHealth).Components." : "See what is measured: Get-SystemHealth.",
            ("Rule", alert.Rule),
            ("Metric", alert.Metric),
            ("Series", alert.Series),
            ("Value", alert.Value),
            ("Threshold", alert.Threshold),
            ("Since", alert.Since),
            (IssueCauses.Causes, now.CausesOf(alert).ToArray()));
    }

    private static string Ago(DateTimeOffset then, DateTimeOffset now) => Say.Duration(now > then ? now - then : TimeSpan.Zero);
}
