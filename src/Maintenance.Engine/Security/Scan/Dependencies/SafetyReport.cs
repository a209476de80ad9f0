using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>What Safety writes: the list of version 1, the report of check in version 2 and later, that of scan in version 3.</summary>
internal sealed class SafetyReport
{
    public DependencyFlaws Flaws { get; } = new();

    public bool HasList { get; private set; }

    public string? Version { get; private set; }

    public long? Examined { get; private set; }

    /// <summary>How many vulnerabilities somebody told it to ignore.</summary>
    public int Ignored { get; private set; }

    /// <summary>What it says of requirements without a version, which it does not look at; null if there are none.</summary>
    public string? Unpinned { get; private set; }

    /// <summary>Reads it.</summary>
    /// <param name="walk">The report.</param>
    public static SafetyReport Read(JsonWalk walk)
    {
        var report = new SafetyReport { HasList = walk.IsArray };
        foreach (var _ in walk.Items())
        {
            report.ReadOld(walk);
        }

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
            case "report_meta" or "meta":
                ReadMeta(walk);
                break;
            case "announcements":
                foreach (var _ in walk.Items())
                {
                    var message = walk.TextOf("message");
                    Unpinned ??= message?.Contains("unpinned", StringComparison.OrdinalIgnoreCase) == true ? message : null;
                }

                break;
            case "vulnerabilities" when walk.IsArray:
                HasList = true;
                foreach (var _ in walk.Items())
                {
                    Add(SafetyVulnerability.Read(walk));
                }

                break;
            case "ignored_vulnerabilities":
                foreach (var _ in walk.Items())
                {
                    Ignored++;
                }

                break;
            case "scan_results":
                ReadScan(walk);
                break;
        }
    }

    private void ReadMeta(JsonWalk walk)
    {
        foreach (var property in walk.Properties())
        {
            switch (property)
            {
                case "safety_version" or "version":
                    Version = walk.Text;
                    break;
                case "packages_found":
                    Examined = walk.Count;
                    break;
            }
        }
    }

    // [package, affected, installed, advisory, id]
    private void ReadOld(JsonWalk walk)
    {
        var texts = walk.Texts();
        if (texts.Count < 5)
        {
            throw new InvalidDataException("a vulnerability in it is none");
        }

        Add(new SafetyVulnerability { Package = texts[0], Range = texts[1], Version = texts[2], Text = texts[3], Id = texts[4] });
    }

    private void ReadScan(JsonWalk walk)
    {
        foreach (var projects in walk.Properties())
        {
            if (projects is not ("projects" or "files"))
            {
                continue;
            }

            foreach (var _ in walk.Items())
            {
                ReadProject(walk, projects == "files");
            }
        }
    }

    private void ReadProject(JsonWalk walk, bool isFile)
    {
        var place = "";
        foreach (var property in walk.Properties())
        {
            if (property == "location")
            {
                place = walk.Text ?? "";
            }
            else if (property == "files" && !isFile)
            {
                foreach (var _ in walk.Items())
                {
                    ReadProject(walk, isFile: true);
                }
            }
            else if (property == "results" && isFile)
            {
                foreach (var part in walk.Properties())
                {
                    if (part == "dependencies" && walk.IsArray)
                    {
                        HasList = true;
                        ReadDependencies(walk, place);
                    }
                }
            }
        }
    }

    private void ReadDependencies(JsonWalk walk, string place)
    {
        foreach (var _ in walk.Items())
        {
            var (name, found) = ((string?)null, new List<SafetyVulnerability>());
            Examined = (Examined ?? 0) + 1;
            foreach (var property in walk.Properties())
            {
                if (property == "name")
                {
                    name = walk.Text;
                }
                else if (property == "specifications")
                {
                    foreach (var specification in walk.Items())
                    {
                        found.AddRange(SafetyVulnerability.ReadSpecification(walk));
                    }
                }
            }

            foreach (var vulnerability in found)
            {
                Add(vulnerability with { Package = name, Place = place });
            }
        }
    }

    private void Add(SafetyVulnerability vulnerability)
    {
        if (vulnerability.IsIgnored)
        {
            Ignored++;
            return;
        }

        Flaws.Add(vulnerability.ToFlaw());
    }
}
