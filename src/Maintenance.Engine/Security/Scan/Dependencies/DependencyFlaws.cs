using System.Globalization;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>
/// What a scanner tells of vulnerable packages, each package and advisory once: the same package may lie in ten places.
/// Severities: that of the advisory (moderate is Medium), else of its CVSS score by CVSS's own bands; one that is not told counts as High until somebody has looked.
/// </summary>
internal sealed class DependencyFlaws
{
    /// <summary>How many are kept. Nobody reads more, and a result may hold millions.</summary>
    public const int Most = 20_000;

    private const int MostPlaces = 20;

    private readonly Dictionary<(string Package, string Advisory), DependencyFlaw> _flaws = [];
    private bool _hadMore;

    /// <summary>How many there are.</summary>
    public int Count => _flaws.Count;

    /// <summary>What is wrong with the list itself; null if it is whole.</summary>
    public string? Problem => _hadMore ? string.Create(CultureInfo.InvariantCulture, $"it tells of more than {Most} vulnerabilities, and only so many are kept") : null;

    /// <summary>Adds one; of one that is known only the versions and places are new.</summary>
    /// <param name="flaw">The flaw.</param>
    public void Add(DependencyFlaw flaw)
    {
        var key = (flaw.Package, flaw.Advisory);
        if (_flaws.TryGetValue(key, out var known))
        {
            _flaws[key] = known with
            {
                Versions = [.. known.Versions.Union(flaw.Versions).Take(MostPlaces)],
                Places = [.. known.Places.Union(flaw.Places).Take(MostPlaces)],
                IsDirect = known.IsDirect | flaw.IsDirect,
                IsDevelopment = known.IsDevelopment & flaw.IsDevelopment,
            };
        }
        else if (_flaws.Count < Most)
        {
            _flaws.Add(key, flaw with { Places = [.. flaw.Places.Take(MostPlaces)], Versions = [.. flaw.Versions.Distinct().Take(MostPlaces)] });
        }
        else
        {
            _hadMore = true;
        }
    }

    /// <summary>All of them, the worst first.</summary>
    public IReadOnlyList<ScanFlaw> ToList() =>
        [.. _flaws.Values.Select(ToFlaw).OrderByDescending(flaw => flaw.Severity).ThenBy(flaw => flaw.Subject, StringComparer.Ordinal)];

    private static ScanFlaw ToFlaw(DependencyFlaw flaw)
    {
        var versions = flaw.Versions.Count > 0 ? " " + string.Join(", ", flaw.Versions) : "";
        var title = flaw.Title is { Length: > 0 } text ? $": {text.TrimEnd('.')}" : "";
        var message = $"{flaw.Package}{versions} has a known vulnerability, {flaw.Advisory}{title}.";
        // The version is not part of it: as long as the advisory holds for it, it is the same flaw.
        return new ScanFlaw($"{flaw.Package} ({flaw.Advisory})", message, SeverityOf(flaw), $"{flaw.Advisory}\n{flaw.Package}")
        {
            Evidence = Evidence(flaw).Where(pair => pair.Value is not null).ToDictionary(),
            Recommendation = flaw.Recommendation,
            Mappings = ScanMappings.Of(flaw.Names.Prepend(flaw.Advisory)),
        };
    }

    private static IEnumerable<KeyValuePair<string, object?>> Evidence(DependencyFlaw flaw) =>
    [
        new("Package", flaw.Package),
        new("Installed", flaw.Versions.Count > 0 ? flaw.Versions : null),
        new("Vulnerable", flaw.VulnerableRange),
        new("Fixed", flaw.Fixed.Count > 0 ? flaw.Fixed : null),
        new("Told", flaw.Severity),
        new("Cvss", flaw.Cvss),
        new("Advisory", flaw.Url ?? flaw.Advisory),
        new("Direct", flaw.IsDirect),
        new("Development", flaw.IsDevelopment),
        new("Affects", flaw.Affects.Count > 0 ? flaw.Affects : null),
        new("Places", flaw.Places.Count > 0 ? flaw.Places : null),
    ];

    private static FindingSeverity SeverityOf(DependencyFlaw flaw) => flaw.Severity?.ToUpperInvariant() switch
    {
        "CRITICAL" => FindingSeverity.Critical,
        "HIGH" => FindingSeverity.High,
        "MODERATE" or "MEDIUM" => FindingSeverity.Medium,
        "LOW" => FindingSeverity.Low,
        "INFO" or "NONE" => FindingSeverity.Info,
        _ => flaw.Cvss switch
        {
            >= 9 => FindingSeverity.Critical,
            >= 4 and < 7 => FindingSeverity.Medium,
            > 0 and < 4 => FindingSeverity.Low,
            _ => FindingSeverity.High,
        },
    };
}

/// <summary>A package with a known vulnerability.</summary>
/// <param name="Package">Its name.</param>
/// <param name="Advisory">The advisory that tells of it.</param>
internal sealed record DependencyFlaw(string Package, string Advisory)
{
    public string? Title { get; init; }

    /// <summary>How bad it is, in the words of the scanner.</summary>
    public string? Severity { get; init; }

    /// <summary>The CVSS base score, 0 to 10.</summary>
    public double? Cvss { get; init; }

    public string? Url { get; init; }

    public string? VulnerableRange { get; init; }

    public string? Recommendation { get; init; }

    /// <summary>The versions that are installed.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>The versions that do not have it.</summary>
    public IReadOnlyList<string> Fixed { get; init; } = [];

    /// <summary>Where it lies, or which projects use it.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>What depends on it.</summary>
    public IReadOnlyList<string> Affects { get; init; } = [];

    /// <summary>Other names of the advisory, and its weaknesses.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Whether the project names it itself; null if the scanner does not say.</summary>
    public bool? IsDirect { get; init; }

    /// <summary>Whether only development needs it; null if it is not known.</summary>
    public bool? IsDevelopment { get; init; }
}
