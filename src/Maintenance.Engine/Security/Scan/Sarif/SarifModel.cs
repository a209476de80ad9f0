namespace Maintenance.Engine.Security.Scan.Sarif;

/// <summary>What the reader keeps of a rule.</summary>
internal sealed record SarifRule
{
    public string? Id { get; set; }

    public string? Name { get; set; }

    public string? Short { get; set; }

    public string? Full { get; set; }

    public string? Help { get; set; }

    public string? Level { get; set; }

    /// <summary>The score from 0 to 10 that GitHub's code scanning reads (<c>security-severity</c>).</summary>
    public double? Score { get; set; }

    public List<string> Weaknesses { get; } = [];

    public Dictionary<string, string> Messages { get; } = new(StringComparer.Ordinal);
}

/// <summary>What the reader keeps of the tool or of one of its extensions.</summary>
internal sealed class SarifComponent
{
    private readonly Lazy<Dictionary<string, SarifRule>> _byId;

    public SarifComponent() => _byId = new(() => Rules.Where(rule => rule.Id is not null).DistinctBy(rule => rule.Id).ToDictionary(rule => rule.Id!, StringComparer.Ordinal));

    public string? Name { get; set; }

    public string? Version { get; set; }

    public List<SarifRule> Rules { get; } = [];

    /// <summary>A rule by its id; of <c>A/B/C</c> the nearest that there is, as SARIF has it.</summary>
    public SarifRule? Rule(string id)
    {
        for (var name = id; ;)
        {
            if (_byId.Value.TryGetValue(name, out var rule))
            {
                return rule;
            }

            var slash = name.LastIndexOf('/');
            if (slash < 0)
            {
                return null;
            }

            name = name[..slash];
        }
    }
}

/// <summary>What the reader keeps of a result until it knows the rules, which may come after it. Of snippets only a hash, and that only of code.</summary>
internal sealed record SarifResult
{
    public string? RuleId { get; set; }

    public int? RuleIndex { get; set; }

    /// <summary>Which extension the rule belongs to; null for the tool itself.</summary>
    public int? Extension { get; set; }

    public string? ExtensionName { get; set; }

    public string? Kind { get; set; }

    public string? Level { get; set; }

    public double? Rank { get; set; }

    public double? Score { get; set; }

    public string? Text { get; set; }

    public string? MessageId { get; set; }

    public IReadOnlyList<string> Arguments { get; set; } = [];

    public string? Uri { get; set; }

    public string? UriBase { get; set; }

    public int? Artifact { get; set; }

    public int? Line { get; set; }

    public string? Logical { get; set; }

    public string? Context { get; set; }

    public string? Fingerprints { get; set; }

    public string? PartialFingerprints { get; set; }

    public List<string> Weaknesses { get; } = [];

    public bool IsSuppressed { get; set; }

    public bool IsAbsent { get; set; }
}

/// <summary>An address of a file, and what it is relative to.</summary>
internal readonly record struct SarifAddress(string? Uri, string? Base);

/// <summary>One run of a tool.</summary>
internal sealed class SarifRun
{
    public SarifComponent? Driver { get; set; }

    public List<SarifComponent> Extensions { get; } = [];

    public List<SarifAddress> Artifacts { get; } = [];

    public Dictionary<string, SarifAddress> Bases { get; } = new(StringComparer.Ordinal);

    /// <summary>Null if the run says nothing of results, which means that nothing was looked at.</summary>
    public List<SarifResult>? Results { get; set; }

    /// <summary>Results that were not kept, since there are too many.</summary>
    public long Dropped { get; set; }

    public List<string> Problems { get; } = [];

    public SarifRule? RuleOf(SarifResult result)
    {
        var component = result.Extension is { } index ? Extensions.ElementAtOrDefault(index)
            : result.ExtensionName is { } name ? Extensions.FirstOrDefault(extension => extension.Name == name) ?? Driver : Driver;
        return (result.RuleIndex is { } at ? component?.Rules.ElementAtOrDefault(at) : null)
            ?? (result.RuleId is { } id ? component?.Rule(id) ?? Driver?.Rule(id) ?? Extensions.Select(extension => extension.Rule(id)).FirstOrDefault(rule => rule is not null) : null);
    }
}
