namespace Maintenance.Engine.Security.PersonalData;

/// <summary>One thing that has to be so for personal data: its id, what is so where all is well, and what asks for it.</summary>
internal sealed record PersonalDataCheck(string Id, string Title, FindingSeverity Severity, string Recommendation, IReadOnlyList<FindingMapping> Mappings);

/// <summary>The checks of personal data.</summary>
internal static class PersonalDataChecks
{
    public static PersonalDataCheck Sampled { get; } = new(
        "PII-NOT-SAMPLED", "Every table was looked into", FindingSeverity.Medium, "Run the grant, or let the search run as a role that may read it and whom row security does not stop.", Gdpr("Art. 30"));

    public static PersonalDataCheck Unsure { get; } = new(
        "PII-UNSURE", "Of every column it is plain whether it holds personal data", FindingSeverity.Low,
        "Look at the columns. If one holds personal data, say so in its comment (COMMENT ON COLUMN ... IS 'personal data'); else accept the finding.", Gdpr("Art. 30"));

    public static PersonalDataCheck Exposed { get; } = new(
        "PII-EXPOSED", "Strangers read no personal data", FindingSeverity.Critical, "Turn row security on and write policies, or take the privilege away.", Gdpr("Art. 25(2)", "Art. 32(1)(b)"));

    public static PersonalDataCheck Retention { get; } = new(
        "PII-NO-RETENTION", "Personal data have an end", FindingSeverity.Medium, "Add a policy for the table to retention in maintenance.json, or note why it is kept.", Gdpr("Art. 5(1)(e)", "Art. 25(1)"));

    public static PersonalDataCheck Unreachable { get; } = new(
        "PII-UNREACHABLE", "Personal data are found from the person they are about", FindingSeverity.High,
        "Add a foreign key, or make sure that erasure and access look there too. If its people are in another table, search again with -SubjectTable.", Gdpr("Art. 15", "Art. 17"));

    public static PersonalDataCheck Unprotected { get; } = new(
        "PII-UNPROTECTED", "Card numbers and credentials are not in clear text", FindingSeverity.High,
        "Keep a token of the payment provider instead of a card's number, hashes of passwords (bcrypt, argon2), and ciphertext of what must be read again.", Gdpr("Art. 32(1)(a)"));

    public static IReadOnlyList<PersonalDataCheck> All { get; } = [Sampled, Unsure, Exposed, Retention, Unreachable, Unprotected];

    private static FindingMapping[] Gdpr(params string[] articles) => [.. articles.Select(article => new FindingMapping("GDPR", article))];
}
