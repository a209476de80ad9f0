using System.Globalization;

namespace Maintenance.Engine.History;

/// <summary>What a finding has beside its columns, as one JSON value: what an audit adds, which most findings do not have.</summary>
internal static class FindingDetails
{
    public static JsonText Write(Finding finding)
    {
        var details = new Dictionary<string, object?>();
        Add("fixSql", finding.FixSql);
        Add("database", finding.Database);
        Add("scope", finding.Scope == finding.Database ? null : finding.Scope);
        Add("fingerprint", finding.Fingerprint == FindingFingerprint.Of(finding.Id, finding.Scope, finding.Subject) ? null : finding.Fingerprint);
        Add("mappings", finding.Mappings.Count == 0 ? null : finding.Mappings.Select(mapping => new Dictionary<string, object?> { ["standard"] = mapping.Standard, ["section"] = mapping.Section }));
        Add("state", finding.State == FindingState.Untracked ? null : finding.State);
        Add("firstSeenAt", finding.FirstSeenAt);
        Add("acceptance", finding.Acceptance is { } acceptance
            ? new Dictionary<string, object?> { ["by"] = acceptance.By, ["until"] = acceptance.Until.ToString("O", CultureInfo.InvariantCulture), ["reason"] = acceptance.Reason }
            : null);
        Add("remedyRisk", finding.Remedy?.Risk);
        Add("remedyParameters", finding.Remedy is { Parameters.Count: > 0 } remedy ? remedy.Parameters : null);
        return HistoryJson.Write(details);

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                details[name] = value;
            }
        }
    }

    public static Finding Read(Finding finding, string json)
    {
        var details = HistoryJson.ReadDictionary(json);
        if (details.Count == 0)
        {
            return finding;
        }

        return finding with
        {
            FixSql = Text(details, "fixSql"),
            Database = Text(details, "database"),
            Scope = Text(details, "scope"),
            Fingerprint = Text(details, "fingerprint")!,
            Mappings = details.GetValueOrDefault("mappings") is List<object?> mappings
                ? [.. mappings.OfType<Dictionary<string, object?>>().Select(mapping => new FindingMapping(Text(mapping, "standard") ?? "", Text(mapping, "section") ?? ""))]
                : [],
            State = Enum.TryParse<FindingState>(Text(details, "state"), out var state) && Enum.IsDefined(state) ? state : FindingState.Untracked,
            Remedy = finding.Remedy is { } remedy
                ? remedy with
                {
                    Risk = Enum.TryParse<RemedyRisk>(Text(details, "remedyRisk"), out var risk) && Enum.IsDefined(risk) ? risk : RemedyRisk.High,
                    Parameters = details.GetValueOrDefault("remedyParameters") is Dictionary<string, object?> parameters
                        ? parameters.Where(pair => pair.Value is string).ToDictionary(pair => pair.Key, pair => (string)pair.Value!, StringComparer.Ordinal)
                        : new Dictionary<string, string>(),
                }
                : null,
            FirstSeenAt = Time(Text(details, "firstSeenAt")),
            Acceptance = details.GetValueOrDefault("acceptance") is Dictionary<string, object?> acceptance
                && DateOnly.TryParse(Text(acceptance, "until"), CultureInfo.InvariantCulture, out var until)
                ? new FindingAcceptance(Text(acceptance, "by") ?? "", until, Text(acceptance, "reason") ?? "")
                : null,
        };
    }

    private static string? Text(Dictionary<string, object?> values, string name) => values.GetValueOrDefault(name) as string;

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
