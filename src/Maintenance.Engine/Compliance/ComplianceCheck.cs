namespace Maintenance.Engine.Compliance;

/// <summary>A check of data protection: what it is called, how much it matters, and what asks for it.</summary>
/// <param name="Id">Id of its findings.</param>
/// <param name="Severity">How much a fault matters.</param>
/// <param name="Recommendation">What to do about a fault.</param>
/// <param name="Articles">The articles of the GDPR that ask for it.</param>
internal sealed record ComplianceCheck(string Id, FindingSeverity Severity, string Recommendation, params string[] Articles)
{
    public static ComplianceCheck Consent { get; } = new(
        "GDPR-CONSENT-MISSING", FindingSeverity.Medium, "Ask these accounts for their consent, or stop processing their data.", "Art. 6(1)(a)", "Art. 7(1)");

    public static ComplianceCheck AccessOverdue { get; } = new(
        "GDPR-ACCESS-OVERDUE", FindingSeverity.High, "Answer the open access requests.", "Art. 12(3)", "Art. 15");

    public static ComplianceCheck AccessLate { get; } = new(
        "GDPR-ACCESS-LATE", FindingSeverity.Medium, "Find out why access requests were answered late.", "Art. 12(3)", "Art. 15");

    public static ComplianceCheck DeletionOverdue { get; } = new(
        "GDPR-DELETION-OVERDUE", FindingSeverity.High, "Carry out the open deletion requests, or tell why not.", "Art. 12(3)", "Art. 17");

    public static ComplianceCheck DeletionLate { get; } = new(
        "GDPR-DELETION-LATE", FindingSeverity.Medium, "Find out why deletion requests were answered late.", "Art. 12(3)", "Art. 17");

    public static ComplianceCheck AuditGap { get; } = new(
        "GDPR-AUDIT-GAP", FindingSeverity.Medium, "Find out whether nothing was processed on these days or nothing was logged.", "Art. 5(2)", "Art. 30");

    public static ComplianceCheck AuditSequence { get; } = new(
        "GDPR-AUDIT-SEQUENCE", FindingSeverity.Low, "Find out whether entries of the audit log were removed: transactions that were rolled back and crashes leave holes too. Let nobody but its owner delete from it.", "Art. 5(1)(f)", "Art. 5(2)");

    public static ComplianceCheck AuditOrder { get; } = new(
        "GDPR-AUDIT-ORDER", FindingSeverity.Low, "Find out who writes entries of the audit log with times of their own: let the column's default tell the time.", "Art. 5(1)(f)", "Art. 5(2)");

    public static ComplianceCheck Retention { get; } = new(
        "GDPR-RETENTION-OVERDUE", FindingSeverity.Medium, "Run Invoke-DbRetention, and see why it did not run or did not take them.", "Art. 5(1)(e)", "Art. 17(1)(a)");

    public static ComplianceCheck ScoresDisagree { get; } = new(
        "GDPR-SCORES-DISAGREE", FindingSeverity.Low, "Compare what gdpr-compliance counts with docs/compliance.md; trust what was measured.", "Art. 5(2)");

    public static ComplianceCheck FunctionScore { get; } = new(
        "GDPR-FUNCTION-SCORE-LOW", FindingSeverity.Medium, "See FunctionIssues for what the function complains of.", "Art. 5(2)");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ComplianceCheck> All { get; } =
        [Consent, AccessOverdue, AccessLate, DeletionOverdue, DeletionLate, AuditGap, AuditSequence, AuditOrder, Retention, ScoresDisagree, FunctionScore];
}
