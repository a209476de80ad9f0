using System.Globalization;
using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>The report of npm audit: version 2 of npm 7 and later, and that of npm 6.</summary>
internal sealed class NpmReport
{
    private readonly NpmLockFile _lock;
    private string? _message;
    private string? _status;
    private string? _error;
    private long? _total;

    private NpmReport(NpmLockFile @lock) => _lock = @lock;

    public DependencyFlaws Flaws { get; } = new();

    /// <summary>Whether it told what is vulnerable at all, be it nothing.</summary>
    public bool HasList { get; private set; }

    /// <summary>How many packages were looked at.</summary>
    public long? Examined { get; private set; }

    /// <summary>What npm says went wrong; null if nothing did.</summary>
    public string? Error => _error is null && _status is null ? null
        : string.Join(": ", new[] { "npm audit failed", _error ?? _message, _error is null || _message is null || _error.Contains(_message, StringComparison.Ordinal) ? null : _message }.Where(part => part is { Length: > 0 }).Distinct());

    /// <summary>Where the report does not agree with itself.</summary>
    public string? Contradiction => _total > 0 && Flaws.Count == 0 ? string.Create(CultureInfo.InvariantCulture, $"npm audit counts {_total} vulnerabilities and names none") : null;

    /// <summary>Reads it.</summary>
    /// <param name="walk">The report.</param>
    /// <param name="lockFile">The lock file that it is about.</param>
    public static NpmReport Read(JsonWalk walk, NpmLockFile lockFile)
    {
        var report = new NpmReport(lockFile);
        foreach (var property in walk.Properties())
        {
            report.ReadProperty(walk, property);
        }

        return report;
    }

    private void ReadProperty(JsonWalk walk, string property)
    {
        switch (property)
        {
            case "message":
                _message = walk.Text;
                break;
            case "statusCode":
                _status = walk.Text;
                break;
            case "error":
                _error = ReadError(walk);
                break;
            case "vulnerabilities" when walk.IsObject:
                HasList = true;
                foreach (var package in walk.Properties())
                {
                    NpmVulnerability.Read(walk, package, _lock).AddTo(Flaws);
                }

                break;
            case "advisories" when walk.IsObject:
                HasList = true;
                foreach (var _ in walk.Properties())
                {
                    ReadAdvisory(walk);
                }

                break;
            case "metadata":
                ReadMetadata(walk);
                break;
        }
    }

    // An error of the registry has its words beside it, one of npm within.
    private static string ReadError(JsonWalk walk)
    {
        if (!walk.IsObject)
        {
            return walk.Text ?? "";
        }

        var (code, summary, detail) = ((string?)null, (string?)null, (string?)null);
        foreach (var property in walk.Properties())
        {
            switch (property)
            {
                case "code":
                    code = walk.Text;
                    break;
                case "summary":
                    summary = walk.Text;
                    break;
                case "detail":
                    detail = walk.Text;
                    break;
            }
        }

        return string.Join(": ", new[] { code, summary, detail }.Where(part => part is { Length: > 0 }));
    }

    private void ReadMetadata(JsonWalk walk)
    {
        foreach (var property in walk.Properties())
        {
            switch (property)
            {
                case "vulnerabilities":
                    _total = ReadTotal(walk);
                    break;
                case "dependencies" when walk.IsObject:
                    Examined = ReadTotal(walk);
                    break;
                case "totalDependencies":
                    Examined = walk.Count;
                    break;
            }
        }
    }

    private static long? ReadTotal(JsonWalk walk)
    {
        var (total, sum) = ((long?)null, 0L);
        foreach (var property in walk.Properties())
        {
            (total, sum) = property == "total" ? (walk.Count, sum) : (total, sum + (walk.Count ?? 0));
        }

        // npm 6 gives no total.
        return total ?? sum;
    }

    private void ReadAdvisory(JsonWalk walk)
    {
        var texts = new Dictionary<string, string?>(StringComparer.Ordinal);
        var (names, versions, places, development) = (new List<string>(), new List<string>(), new List<string>(), (bool?)null);
        foreach (var property in walk.Properties())
        {
            switch (property)
            {
                case "cves" or "cwe":
                    names.AddRange(walk.Texts());
                    break;
                case "findings":
                    foreach (var _ in walk.Items())
                    {
                        foreach (var part in walk.Properties())
                        {
                            switch (part)
                            {
                                case "version" when walk.Text is { } version:
                                    versions.Add(version);
                                    break;
                                case "paths":
                                    places.AddRange(walk.Texts());
                                    break;
                                case "dev":
                                    development = development is null ? walk.Flag : development & walk.Flag;
                                    break;
                            }
                        }
                    }

                    break;
                default:
                    texts[property] = walk.Text;
                    break;
            }
        }

        if (texts.GetValueOrDefault("module_name") is not { Length: > 0 } package)
        {
            throw new InvalidDataException("an advisory in it names no package");
        }

        var fix = texts.GetValueOrDefault("patched_versions");
        Flaws.Add(new DependencyFlaw(package, texts.GetValueOrDefault("github_advisory_id") ?? NpmVulnerability.AdvisoryOf(texts.GetValueOrDefault("url"), texts.GetValueOrDefault("id")))
        {
            Title = texts.GetValueOrDefault("title"),
            Severity = texts.GetValueOrDefault("severity"),
            Url = texts.GetValueOrDefault("url"),
            VulnerableRange = texts.GetValueOrDefault("vulnerable_versions"),
            Fixed = fix is null or "<0.0.0" ? [] : [fix],
            Recommendation = fix is null or "<0.0.0" ? $"No version without it is known: replace {package}, or accept it for a time." : $"Update {package} to {fix}.",
            Versions = versions,
            Places = places,
            Names = names,
            IsDevelopment = development,
        });
    }
}
