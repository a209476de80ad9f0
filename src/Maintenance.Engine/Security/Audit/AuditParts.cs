namespace Maintenance.Engine.Security.Audit;

/// <summary>What the parts of the audit are called, and which checks are theirs.</summary>
internal static class AuditParts
{
    /// <summary>How ids begin of what the audit finds in itself.</summary>
    public const string Own = "AUDIT-";

    private static readonly (string Begin, AuditPart Part)[] Ids =
    [
        ("DBSEC-", AuditPart.Catalogue),
        ("DBRLS-", AuditPart.RowSecurity),
        ("ACCESS-", AuditPart.Access),
        ("DEP-", AuditPart.Dependencies),
        ("SECRET-", AuditPart.Secrets),
        ("CODE-", AuditPart.Code),
        ("GDPR-", AuditPart.Compliance),
        ("PII-", AuditPart.PersonalData),
        ("AZURE-", AuditPart.Azure),
    ];

    /// <summary>How ids begin, those of the audit itself among them.</summary>
    public static IReadOnlyList<string> Begins { get; } = [.. Ids.Select(pair => pair.Begin), Own];

    /// <summary>The part that a check belongs to; null for one of the audit itself, or of nobody.</summary>
    /// <param name="id">Id of the check, or how ids begin.</param>
    public static AuditPart? Of(string id) =>
        Ids.Where(pair => id.StartsWith(pair.Begin, StringComparison.OrdinalIgnoreCase)).Select(pair => (AuditPart?)pair.Part).FirstOrDefault();

    /// <summary>Whether a finding is of the audit itself: about its setup, or that a part was not looked at.</summary>
    /// <param name="id">Id of the check.</param>
    public static bool IsOfAuditItself(string id) => id.StartsWith(Own, StringComparison.OrdinalIgnoreCase);

    /// <summary>Id of the finding that a part was not looked at.</summary>
    public static string IdOf(AuditPart part) => part switch
    {
        AuditPart.RowSecurity => "AUDIT-ROW-SECURITY",
        AuditPart.PersonalData => "AUDIT-PERSONAL-DATA",
        _ => $"AUDIT-{part.ToString().ToUpperInvariant()}",
    };

    /// <summary>What it is called in sentences.</summary>
    public static string Name(AuditPart part) => part switch
    {
        AuditPart.Catalogue => "the catalogue and settings of the database",
        AuditPart.RowSecurity => "row security, tried out",
        AuditPart.Access => "the access review",
        AuditPart.Dependencies => "dependencies",
        AuditPart.Secrets => "secrets in source code",
        AuditPart.Code => "the analysis of source code",
        AuditPart.Compliance => "data protection",
        AuditPart.PersonalData => "personal data",
        _ => "the Azure resources",
    };
}
