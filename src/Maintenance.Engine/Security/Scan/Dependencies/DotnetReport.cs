using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>What dotnet list package writes, version 1.</summary>
internal sealed class DotnetReport
{
    private const int MostProblems = 5;

    private readonly string _root;
    private readonly List<string> _problems = [];
    private readonly List<string> _sources = [];
    private readonly List<string> _addresses = [];

    private DotnetReport(string root) => _root = root;

    public DependencyFlaws Flaws { get; } = new();

    /// <summary>What it says went wrong; a warning too means that it did not see all.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Hosts of the sources of packages, or folders; never with a login.</summary>
    public IReadOnlyList<string> Sources => _sources;

    /// <summary>Their addresses as they are, not to be shown.</summary>
    public IReadOnlyList<string> Addresses => _addresses;

    public bool HasProjects { get; private set; }

    public int ProjectCount { get; private set; }

    public bool IsVulnerabilityRun { get; private set; }

    /// <summary>Reads it.</summary>
    /// <param name="walk">The report.</param>
    /// <param name="root">What was scanned.</param>
    public static DotnetReport Read(JsonWalk walk, string root)
    {
        var report = new DotnetReport(root);
        foreach (var property in walk.Properties())
        {
            switch (property)
            {
                case "parameters":
                    report.IsVulnerabilityRun = walk.Text?.Contains("--vulnerable", StringComparison.Ordinal) == true;
                    break;
                case "problems":
                    report.ReadProblems(walk);
                    break;
                case "sources":
                    report._addresses.AddRange(walk.Texts());
                    report._sources.AddRange(report._addresses.Select(HostOf).Distinct());
                    break;
                case "projects" when walk.IsArray:
                    report.HasProjects = true;
                    foreach (var _ in walk.Items())
                    {
                        report.ReadProject(walk);
                    }

                    break;
            }
        }

        return report;
    }

    private static string HostOf(string source) => Uri.TryCreate(source, UriKind.Absolute, out var uri) && !uri.IsFile ? uri.Host : "a folder";

    private void ReadProblems(JsonWalk walk)
    {
        foreach (var _ in walk.Items())
        {
            var (project, text) = ((string?)null, (string?)null);
            foreach (var property in walk.Properties())
            {
                (project, text) = property switch
                {
                    "project" => (walk.Text, text),
                    "text" => (project, walk.Text),
                    _ => (project, text),
                };
            }

            if (_problems.Count < MostProblems)
            {
                _problems.Add(project is null ? text ?? "a problem without words" : $"{ScanPath.Below(project, _root)}: {text}");
            }
        }
    }

    private void ReadProject(JsonWalk walk)
    {
        ProjectCount++;
        var (path, found) = ("", new List<DependencyFlaw>());
        foreach (var property in walk.Properties())
        {
            switch (property)
            {
                case "path":
                    path = ScanPath.Below(walk.Text ?? "", _root);
                    break;
                case "frameworks":
                    foreach (var _ in walk.Items())
                    {
                        foreach (var list in walk.Properties())
                        {
                            ReadPackages(walk, list == "topLevelPackages", found);
                        }
                    }

                    break;
            }
        }

        foreach (var flaw in found)
        {
            Flaws.Add(flaw with { Places = [path] });
        }
    }

    private static void ReadPackages(JsonWalk walk, bool direct, List<DependencyFlaw> found)
    {
        foreach (var _ in walk.Items())
        {
            var (id, version, advisories) = ((string?)null, (string?)null, new List<(string? Severity, string? Url)>());
            foreach (var property in walk.Properties())
            {
                switch (property)
                {
                    case "id":
                        id = walk.Text;
                        break;
                    case "resolvedVersion":
                        version = walk.Text;
                        break;
                    case "vulnerabilities":
                        foreach (var advisory in walk.Items())
                        {
                            advisories.Add(ReadAdvisory(walk));
                        }

                        break;
                }
            }

            if (advisories.Count > 0 && id is not { Length: > 0 })
            {
                throw new InvalidDataException("a vulnerable package in it has no name");
            }

            found.AddRange(advisories.Select(advisory => new DependencyFlaw(id!, NpmVulnerability.AdvisoryOf(advisory.Url, null))
            {
                Severity = advisory.Severity,
                Url = advisory.Url,
                Versions = version is null ? [] : [version],
                IsDirect = direct,
                Recommendation = $"Update {id} to a version that {advisory.Url ?? "its advisory"} names as patched{(direct ? "" : ": raise the package that brings it, or reference it directly")}.",
            }));
        }
    }

    private static (string? Severity, string? Url) ReadAdvisory(JsonWalk walk)
    {
        var (severity, url) = ((string?)null, (string?)null);
        foreach (var property in walk.Properties())
        {
            (severity, url) = property switch
            {
                "severity" => (walk.Text, url),
                "advisoryurl" => (severity, walk.Text),
                _ => (severity, url),
            };
        }

        return (severity, url);
    }
}
