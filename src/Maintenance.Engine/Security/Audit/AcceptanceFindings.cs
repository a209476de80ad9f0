using System.Globalization;
using Maintenance.Engine.Security.Ledger;

namespace Maintenance.Engine.Security.Audit;

/// <summary>What is wrong with what was accepted: it is over, it is over soon, or it is about nothing. Pure.</summary>
internal static class AcceptanceFindings
{
    public const string Expired = "AUDIT-ACCEPTANCE-EXPIRED";
    public const string Expiring = "AUDIT-ACCEPTANCE-EXPIRING";
    public const string Unused = "AUDIT-ACCEPTANCE-UNUSED";

    /// <summary>How long before its end somebody has to think of it again.</summary>
    private const int Notice = 30;

    /// <summary>Judges what was accepted.</summary>
    /// <param name="target">The target.</param>
    /// <param name="found">What was found.</param>
    /// <param name="isWhole">Every part was looked at: what names nothing then names nothing that there is.</param>
    /// <param name="now">Now.</param>
    public static IEnumerable<Finding> Of(MaintenanceTarget target, IReadOnlyList<Finding> found, bool isWhole, DateTimeOffset now)
    {
        var accepted = target.Security.Accepted;
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var list = new AcceptanceList(accepted, today);
        foreach (var finding in found.Where(finding => finding.Outcome is FindingOutcome.Fail or FindingOutcome.Manual))
        {
            list.Find(finding);
        }

        var judged = found.Where(finding => finding.Outcome is FindingOutcome.Fail or FindingOutcome.Pass).Select(finding => finding with { Subject = null, Scope = null }).ToList();
        var unused = list.Unused.Where(rule => isWhole || Names(rule, judged, today)).ToList();
        var expired = accepted.Where(rule => rule.Until < today).Except(unused).ToList();
        var expiring = accepted.Where(rule => rule.Until >= today && rule.Until < today.AddDays(Notice)).Except(unused).ToList();
        return
        [
            .. Each(Expired, expired, FindingSeverity.Low, rule => $"The acceptance of {Say(rule)} ended on {Day(rule.Until)}: it counts again.", "Mend it, or decide again in security.accepted.", "No acceptance is over."),
            .. Each(Expiring, expiring, FindingSeverity.Info, rule => $"The acceptance of {Say(rule)} ends on {Day(rule.Until)}.", "Mend it before, or decide again in security.accepted.", "No acceptance is over within 30 days."),
            .. Each(Unused, unused, FindingSeverity.Low, rule => $"What was accepted as {Say(rule)} was not found.", "Take it out of security.accepted; if it is misspelt, correct it.", "Every acceptance names something that was found, as far as was looked."),
        ];

        IEnumerable<Finding> Each(string id, IReadOnlyList<AcceptedFinding> rules, FindingSeverity severity, Func<AcceptedFinding, string> message, string advice, string fine) => rules.Count > 0
            ? rules.Select(rule => Make(id, FindingOutcome.Fail, severity, Say(rule), message(rule)) with
            {
                Recommendation = advice,
                Evidence = new Dictionary<string, object?> { ["Until"] = Day(rule.Until), ["By"] = rule.By, ["Reason"] = rule.Reason },
            })
            : accepted.Count > 0 ? [Make(id, FindingOutcome.Pass, FindingSeverity.Info, null, fine)] : [];

        Finding Make(string id, FindingOutcome outcome, FindingSeverity severity, string? subject, string message) => new()
        {
            Id = id,
            Area = SecurityAuditor.Area,
            Severity = severity,
            Outcome = outcome,
            Subject = subject,
            Scope = AuditGatherer.Scope,
            Message = message,
            Target = target.Name,
            CollectedAt = now,
        };
    }

    // That a check found nothing says something about an acceptance only where the check ran.
    private static bool Names(AcceptedFinding rule, IReadOnlyList<Finding> judged, DateOnly today)
    {
        var list = new AcceptanceList([rule with { Subject = null, Scope = null }], today);
        return judged.Any(finding => list.Find(finding) is not null);
    }

    private static string Say(AcceptedFinding rule) => $"{rule.Id}{(rule.Subject is { } subject ? $" of {subject}" : "")}{(rule.Scope is { } scope ? $" in {scope}" : "")}";

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
