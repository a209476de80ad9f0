using System.Globalization;
using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>
/// dotnet list package --vulnerable: solutions, and projects outside of them, as they were restored. Exit code 0 whether or not it finds something. It asks the
/// sources of packages, and where none of them has a list of vulnerabilities it finds nothing without a word: that is no answer.
/// </summary>
/// <param name="hasVulnerabilities">Whether the source of packages at an address has such a list.</param>
internal sealed class DotnetList(Func<string, bool>? hasVulnerabilities = null) : Scanner
{
    private static readonly string[] Solutions = [".sln", ".slnx"];
    private static readonly string[] Projects = [".csproj", ".fsproj", ".vbproj"];

    public override string Name => "dotnet";

    public override ScanKind Kind => ScanKind.Dependencies;

    public override string Program => "dotnet";

    public override string LooksFor => "*.sln, *.slnx, *.csproj, *.fsproj or *.vbproj";

    public override bool AppliesTo(string path) => Places(path).Count > 0;

    public override IReadOnlyList<string> Places(string path)
    {
        var files = ProjectFiles.Find(path, name => Has(name, Solutions) || Has(name, Projects));
        var solutions = files.Where(file => Has(file, Solutions)).ToList();
        var texts = solutions.Select(TextOf).ToList();
        return [.. solutions, .. files.Where(file => Has(file, Projects) && !texts.Any(text => text.Contains(Path.GetFileName(file), StringComparison.OrdinalIgnoreCase)))];
    }

    public override ScanCommand Command(string path, string resultFile) =>
        new(["list", path, "package", "--vulnerable", "--include-transitive", "--format", "json", "--output-version", "1"])
        {
            Environment = new Dictionary<string, string> { ["DOTNET_CLI_UI_LANGUAGE"] = "en", ["DOTNET_NOLOGO"] = "true", ["MSBUILDDISABLENODEREUSE"] = "1" },
        };

    public override bool Recognises(string beginning) =>
        beginning.TrimStart().StartsWith('{')
        && beginning.Contains("\"version\"", StringComparison.Ordinal)
        && ((beginning.Contains("\"parameters\"", StringComparison.Ordinal) && beginning.Contains("--vulnerable", StringComparison.Ordinal)) || beginning.Contains("\"problems\"", StringComparison.Ordinal));

    public override ScanReading Read(Stream result, ScanEnd? end, string path)
    {
        using var walk = new JsonWalk(result);
        walk.Begin();
        var report = DotnetReport.Read(walk, path);
        walk.End();
        if (report.Problems.Count == 0 && !report.HasProjects)
        {
            throw new InvalidDataException("it holds no list of projects");
        }

        return new ScanReading
        {
            Flaws = report.Flaws.ToList(),
            Problem = report.Flaws.Problem ?? Problem(report, end),
            Recommendation = report.Problems.Count > 0 ? "Run dotnet restore, mend what it says, and scan again."
                : "Scan where nuget.org, or another source with a list of vulnerabilities, is among the sources of packages.",
            Evidence = new Dictionary<string, object?> { ["Sources"] = report.Sources, ["Projects"] = report.ProjectCount },
        };
    }

    private string? Problem(DotnetReport report, ScanEnd? end) =>
        report.Problems.Count > 0 ? string.Join("; ", report.Problems)
        : end is { ExitCode: not 0 } ? string.Create(CultureInfo.InvariantCulture, $"dotnet ended with exit code {end.ExitCode}: {end.Errors}")
        : report.ProjectCount == 0 ? "it looked at no project"
        : !report.IsVulnerabilityRun ? "it was not asked for vulnerable packages (--vulnerable)"
        : report.Flaws.Count == 0 && !report.Addresses.Any(address => KnowsVulnerabilities(address, end))
            ? $"it found nothing, and is not known to have had a list of vulnerabilities: {(report.Sources.Count > 0 ? string.Join(", ", report.Sources) + " may have none" : "no source of packages is named")}"
        : null;

    // A file may name any address, and none of those is asked; of nuget.org it is known that it has a list.
    private bool KnowsVulnerabilities(string address, ScanEnd? end) => end is null
        ? Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Host.Equals("api.nuget.org", StringComparison.OrdinalIgnoreCase)
        : (hasVulnerabilities ?? PackageSource.HasVulnerabilities)(address);

    private static bool Has(string name, string[] endings) => endings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    private static string TextOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
