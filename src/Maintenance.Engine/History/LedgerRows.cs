namespace Maintenance.Engine.History;

/// <summary>The ledger of findings as statements and rows.</summary>
internal static class LedgerRows
{
    public static IReadOnlyList<HistoryStatement> Record(string target, IReadOnlyList<LedgerEntry> entries, DateTimeOffset earliest)
    {
        var name = StorableText.Of(target);
        return
        [
            new("PruneLedger", name, earliest),
            .. entries.Select(entry => new HistoryStatement(
                "WriteLedger", name, StorableText.Of(entry.Finding.Fingerprint), entry.FirstSeenAt, entry.LastSeenAt, entry.FixedAt, Write(entry.Finding))),
        ];
    }

    public static HistoryStatement Of(string target, DateTimeOffset fixedSince) => new("ReadFindingLedger", StorableText.Of(target), fixedSince);

    public static LedgerEntry Read(string target, string json, DateTimeOffset firstSeenAt, DateTimeOffset lastSeenAt, DateTimeOffset? fixedAt)
    {
        var values = HistoryJson.ReadDictionary(json);
        var finding = new Finding
        {
            Id = Text(values, "id") ?? "",
            Area = Text(values, "area") ?? "",
            Severity = Word(values, "severity", FindingSeverity.High),
            Outcome = Word(values, "outcome", FindingOutcome.Unknown),
            Subject = Text(values, "subject"),
            Message = Text(values, "message") ?? "",
            Evidence = values.GetValueOrDefault("evidence") as Dictionary<string, object?> ?? [],
            Recommendation = Text(values, "recommendation"),
            Target = target,
            CollectedAt = lastSeenAt,
        };
        return new LedgerEntry(FindingDetails.Read(finding, Text(values, "details") ?? "{}"), firstSeenAt, lastSeenAt, fixedAt);
    }

    // What it is compared with is written; where it stands is told by the other columns.
    private static JsonText Write(Finding finding) => HistoryJson.Write(new Dictionary<string, object?>
    {
        ["id"] = finding.Id,
        ["area"] = finding.Area,
        ["severity"] = finding.Severity,
        ["outcome"] = finding.Outcome,
        ["subject"] = finding.Subject,
        ["message"] = finding.Message,
        ["evidence"] = finding.Evidence,
        ["recommendation"] = finding.Recommendation,
        ["details"] = FindingDetails.Write(finding with { State = FindingState.Untracked, FirstSeenAt = null, Acceptance = null }).Text,
    });

    private static string? Text(Dictionary<string, object?> values, string name) => values.GetValueOrDefault(name) as string;

    private static T Word<T>(Dictionary<string, object?> values, string name, T otherwise)
        where T : struct, Enum =>
        Enum.TryParse<T>(Text(values, name), out var word) && Enum.IsDefined(word) ? word : otherwise;
}
