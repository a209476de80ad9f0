using System.Globalization;
using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>pip-audit: files of requirements, against PyPI's advisories. Exit code 1 means that it found something, or that it failed. It tells no severities.</summary>
internal sealed class PipAudit : Scanner
{
    public override string Name => "pip-audit";

    public override ScanKind Kind => ScanKind.Dependencies;

    public override string Program => "pip-audit";

    public override string LooksFor => PythonRequirements.LookedFor;

    public override bool AppliesTo(string path) => Places(path).Count > 0;

    public override IReadOnlyList<string> Places(string path) => PythonRequirements.In(path);

    public override ScanCommand Command(string path, string resultFile) => new(["-r", path, "--format", "json", "--progress-spinner", "off"]);

    public override bool Recognises(string beginning) =>
        (beginning.TrimStart().StartsWith("{\"dependencies\"", StringComparison.Ordinal) || beginning.TrimStart().StartsWith('[') || beginning.Contains("\"dependencies\"", StringComparison.Ordinal))
        && (beginning.Contains("\"vulns\"", StringComparison.Ordinal) || beginning.Contains("\"skip_reason\"", StringComparison.Ordinal) || beginning.Contains("\"fixes\"", StringComparison.Ordinal));

    public override ScanReading Read(Stream result, ScanEnd? end, string path)
    {
        using var walk = new JsonWalk(result);
        walk.Begin();
        var list = new List();
        // Before version 2.5 the list was all there was.
        var hasList = walk.IsArray;
        if (walk.IsArray)
        {
            list.Read(walk);
        }

        foreach (var property in walk.Properties())
        {
            if (property == "dependencies" && walk.IsArray)
            {
                hasList = true;
                list.Read(walk);
            }
        }

        walk.End();
        if (!hasList)
        {
            throw new InvalidDataException("it holds no list of dependencies");
        }

        return new ScanReading
        {
            Flaws = list.Flaws.ToList(),
            Problem = list.Flaws.Problem ?? list.Skipped ?? Contradiction(end, list.Flaws.Count) ?? (list.Examined == 0 ? "it looked at no package" : null),
            Recommendation = list.Skipped is null ? list.Examined == 0 ? "See that the file names requirements, or leave it out." : null : "Pin what was skipped to a version that PyPI has, or look it up by hand.",
            Examined = list.Examined,
        };
    }

    private static string? Contradiction(ScanEnd? end, int found) => end switch
    {
        { ExitCode: 1 } when found == 0 => $"pip-audit ended with exit code 1 and told of nothing: {end.Errors}",
        { ExitCode: not (0 or 1) } => string.Create(CultureInfo.InvariantCulture, $"pip-audit ended with exit code {end.ExitCode}: {end.Errors}"),
        _ => null,
    };

    /// <summary>The dependencies that it tells of.</summary>
    private sealed class List
    {
        private readonly List<string> _skipped = [];
        private int _skips;

        public DependencyFlaws Flaws { get; } = new();

        public long Examined { get; private set; }

        public string? Skipped => _skips == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"it skipped {_skips} of the dependencies: {string.Join("; ", _skipped)}");

        public void Read(JsonWalk walk)
        {
            foreach (var _ in walk.Items())
            {
                ReadDependency(walk);
            }
        }

        private void ReadDependency(JsonWalk walk)
        {
            var (name, version, skip, found) = ((string?)null, (string?)null, (string?)null, new List<DependencyFlaw>());
            foreach (var property in walk.Properties())
            {
                switch (property)
                {
                    case "name":
                        name = walk.Text;
                        break;
                    case "version":
                        version = walk.Text;
                        break;
                    case "skip_reason":
                        skip = walk.Text ?? "";
                        break;
                    case "vulns":
                        foreach (var _ in walk.Items())
                        {
                            found.Add(ReadVulnerability(walk));
                        }

                        break;
                }
            }

            if (name is null || (version is null && skip is null))
            {
                throw new InvalidDataException("a dependency in it has no name or no version");
            }

            Examined += skip is null ? 1 : 0;
            if (skip is not null && _skips++ < 5)
            {
                _skipped.Add(skip.Length > 0 ? $"{name} ({skip})" : name);
            }

            foreach (var flaw in found)
            {
                Flaws.Add(flaw with { Package = name, Versions = version is null ? [] : [version], Recommendation = Advice(name, flaw.Fixed) });
            }
        }

        private static DependencyFlaw ReadVulnerability(JsonWalk walk)
        {
            var flaw = new DependencyFlaw("", "an advisory without a name");
            foreach (var property in walk.Properties())
            {
                flaw = property switch
                {
                    "id" when walk.Text is { } id => flaw with { Advisory = id, Url = $"https://osv.dev/vulnerability/{Uri.EscapeDataString(id)}" },
                    "fix_versions" => flaw with { Fixed = walk.Texts() },
                    "aliases" => flaw with { Names = walk.Texts() },
                    "description" => flaw with { Title = walk.Text },
                    _ => flaw,
                };
            }

            return flaw;
        }

        private static string Advice(string name, IReadOnlyList<string> fixedIn) => fixedIn.Count > 0
            ? $"Update {name} to {string.Join(" or ", fixedIn)}, or later."
            : $"No version without it is known: replace {name}, or accept it for a time.";
    }
}
