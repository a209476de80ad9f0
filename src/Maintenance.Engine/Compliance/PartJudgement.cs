using Maintenance.Engine.Analytics;
using Maintenance.Engine.Security;

namespace Maintenance.Engine.Compliance;

/// <summary>What judging one part came to: a share in percent or why there is none, and findings, passed checks included. Pure.</summary>
/// <param name="target">Name of the target.</param>
/// <param name="database">The database.</param>
/// <param name="now">The time.</param>
internal sealed class PartJudgement(string target, string? database, DateTimeOffset now)
{
    private readonly List<Finding> _findings = [];

    /// <summary>The share, 0 to 100; null if it is not known, or if there was nothing to do.</summary>
    public double? Percent { get; private set; }

    /// <summary>Why there is no share.</summary>
    public string? Reason { get; private set; }

    /// <summary>There is no share because it could not be told; false where there was nothing to do.</summary>
    public bool IsUnknown { get; private set; }

    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>The share; without a whole there was nothing to do, which is not the same as none.</summary>
    public void Share(long part, long whole, string otherwise)
    {
        if (whole > 0)
        {
            Percent = 100.0 * part / whole;
        }
        else
        {
            Reason = otherwise;
        }
    }

    /// <summary>The share cannot be told.</summary>
    public void Unknown(string reason) => (Percent, Reason, IsUnknown) = (null, reason, true);

    /// <summary>A fault.</summary>
    public void Fail(ComplianceCheck check, string? subject, FormattableString message, FindingSeverity? severity, params (string Key, object? Value)[] evidence) =>
        Fail(check, subject, message, severity, check.Recommendation, evidence);

    /// <summary>A fault of which something else is to be done than usual.</summary>
    public void Fail(
        ComplianceCheck check, string? subject, FormattableString message, FindingSeverity? severity, string recommendation, params (string Key, object? Value)[] evidence) =>
        _findings.Add(New(check, FindingOutcome.Fail, subject, FormattableString.Invariant(message), evidence) with { Severity = severity ?? check.Severity, Recommendation = recommendation });

    public void Pass(ComplianceCheck check, string? subject, FormattableString message, params (string Key, object? Value)[] evidence) =>
        _findings.Add(New(check, FindingOutcome.Pass, subject, FormattableString.Invariant(message), evidence));

    /// <summary>Nobody but a person can tell.</summary>
    public void Manual(ComplianceCheck check, string? subject, string message, string? recommendation) =>
        _findings.Add(New(check, FindingOutcome.Manual, subject, message, []) with { Recommendation = recommendation });

    /// <summary>It cannot be told.</summary>
    public void Unknown(ComplianceCheck check, string? subject, string message, string? recommendation, params (string Key, object? Value)[] evidence) =>
        _findings.Add(New(check, FindingOutcome.Unknown, subject, message, evidence) with { Recommendation = recommendation });

    /// <summary>Something kept it from being told.</summary>
    public void Miss(ComplianceCheck check, string? subject, MaintenanceException failure)
    {
        var denied = failure.Code == MaintenanceErrorCode.PermissionDenied;
        _findings.Add(New(check, denied ? FindingOutcome.NotPermitted : FindingOutcome.Unknown, subject, failure.Message, [("Error", failure.Code.ToString())]) with
        {
            Recommendation = failure.Recommendation,
            FixSql = denied && failure.Recommendation?.StartsWith(MappedTable.AsAdministrator, StringComparison.Ordinal) == true
                ? failure.Recommendation[MappedTable.AsAdministrator.Length..]
                : null,
        });
    }

    private Finding New(ComplianceCheck check, FindingOutcome outcome, string? subject, string message, (string Key, object? Value)[] evidence) => new()
    {
        Id = check.Id,
        Area = SecurityAuditor.Area,
        Severity = check.Severity,
        Outcome = outcome,
        Subject = subject,
        Message = message,
        Evidence = evidence.ToDictionary(pair => pair.Key, pair => pair.Value),
        Mappings = [.. check.Articles.Select(article => new FindingMapping("GDPR", article))],
        Target = target,
        Database = database,
        CollectedAt = now,
    };
}
