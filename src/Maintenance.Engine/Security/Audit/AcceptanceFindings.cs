using System.Globalization;
using Maintenance.Engine.Security.Ledger;

namespace Maintenance.Engine.Security.Audit;

/// <summary>What is wrong with what was accepted: it is over, it is over soon, it is about nothing, or it is too much. Pure.</summary>
internal static class AcceptanceFindings
{
    public const string Expired = "AUDIT-ACCEPTANCE-EXPIRED";
    public const string Expiring = "AUDIT-ACCEPTANCE-EXPIRING";
    public const string Wide = "AUDIT-ACCEPTANCE-WIDE";
    public const string Unused = "AUDIT-ACCEPTANCE-UNUSED";

    /// <summary>How long before its end somebody has to think of it again.</summary>
    private const int Notice = 30;

    /// <summary>Longer than this nobody can know that it will still be right: over a year.</summary>
    private const int Longest = 366;

    /// <summary>Whether a finding is one of these.</summary>
    public static bool IsOne(string id) => id.StartsWith("AUDIT-ACCEPTANCE-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Judges what was accepted.</summary>
    /// <param name="target">The target.</param>
    /// <param name="found">What was found.</param>
    /// <param name="looked">The parts whose findings are all there: what names nothing in them names nothing that there is.</param>
    /// <param name="now">Now.</param>
    public static IEnumerable<Finding> Of(MaintenanceTarget target, IReadOnlyList<Finding> found, IReadOnlyCollection<AuditPart> looked, DateTimeOffset now)
    {
        var accepted = target.Security.Accepted;
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var list = new AcceptanceList(accepted, today);
        foreach (var finding in found.Where(finding => finding.Outcome is FindingOutcome.Fail or FindingOutcome.Manual))
        {
            list.Find(finding);
        }

        var untold = found.Where(AuditGaps.Is).Select(finding => finding.Id).Distinct(StringComparer.Ordinal).ToList();
        var unused = list.Unused.Where(rule => !AcceptedIds.CanExist(rule.Id) || NamesNothing(rule.Id, looked, untold)).ToList();
        var wide = accepted.Where(rule => rule.Until >= today && (IsWide(rule) || rule.Until > today.AddDays(Longest))).ToList();
        var expired = accepted.Where(rule => rule.Until < today).Except(unused).ToList();
        var expiring = accepted.Where(rule => rule.Until >= today && rule.Until < today.AddDays(Notice)).Except(unused).ToList();
        return
        [
            .. Each(Expired, expired, _ => FindingSeverity.Low, rule => $"The acceptance of {Say(rule)} ended on {Day(rule.Until)}: it counts again.", "Mend it, or decide again in security.accepted.", "No acceptance is over."),
            .. Each(Expiring, expiring, _ => FindingSeverity.Info, rule => $"The acceptance of {Say(rule)} ends on {Day(rule.Until)}.", "Mend it before, or decide again in security.accepted.", "No acceptance is over within 30 days."),
            .. Each(Wide, wide, rule => IsWide(rule) ? FindingSeverity.Medium : FindingSeverity.Low, rule => $"{(IsWide(rule) ? $"The acceptance of {Say(rule)} names every check of a part, whatever comes up" : $"The acceptance of {Say(rule)} counts for more than a year")}: until {Day(rule.Until)}.", "Name the checks and subjects that were decided about, for a year at most, in security.accepted.", "Every acceptance names checks, for a year at most."),
            .. Each(Unused, unused, _ => FindingSeverity.Low, rule => AcceptedIds.CanExist(rule.Id) ? $"What was accepted as {Say(rule)} was not found." : $"What was accepted as {Say(rule)} cannot be found: no check has such an id.", "Take it out of security.accepted; if it is misspelt, correct it.", "Every acceptance names something that was found, as far as was looked."),
        ];

        IEnumerable<Finding> Each(string id, IReadOnlyList<AcceptedFinding> rules, Func<AcceptedFinding, FindingSeverity> severity, Func<AcceptedFinding, string> message, string advice, string fine) => rules.Count > 0
            ? rules.Select(rule => Make(id, FindingOutcome.Fail, severity(rule), Say(rule), message(rule)) with
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

    // That nothing was found says something about an acceptance only where all was looked at that it may be about. What the
    // audit finds in itself depends on what is done with it.
    private static bool NamesNothing(string id, IReadOnlyCollection<AuditPart> looked, IReadOnlyList<string> untold) =>
        !AcceptedIds.MayBeOfAuditItself(id) && AcceptedIds.PartsOf(id).All(looked.Contains) && !untold.Any(check => AcceptanceList.Matches(id, check));

    private static bool IsWide(AcceptedFinding rule) => AcceptedIds.IsWide(rule.Id) && (rule.Subject?.Trim('*') ?? "").Length == 0;

    private static string Say(AcceptedFinding rule) => $"{rule.Id}{(rule.Subject is { } subject ? $" of {subject}" : "")}{(rule.Scope is { } scope ? $" in {scope}" : "")}";

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
