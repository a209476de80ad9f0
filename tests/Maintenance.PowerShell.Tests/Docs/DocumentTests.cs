namespace Maintenance.ModuleTests.Docs;

/// <summary>What the repository says about itself is so.</summary>
public sealed class DocumentTests(RepositoryFacts facts) : IClassFixture<RepositoryFacts>
{
    [Fact]
    public void Everything_that_a_document_names_exists()
    {
        var check = new DocumentCheck(facts);
        var documents = facts.Files.Where(IsDocument).Select(path => Document.Read(path, Newest(path, facts.Read(path)))).ToList();
        Assert.Contains(documents, document => document.Path == "README.md");
        Assert.Contains(documents, document => document.Path == "docs/architecture.md");
        Assert.Contains(documents, document => document.Path == "module/agent/Start-Agent.ps1");
        var faults = documents.SelectMany(check.Faults).ToList();
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Every_page_and_every_cmdlet_is_in_the_index()
    {
        var index = Document.Read("docs/README.md", facts.Read("docs/README.md"));
        var linked = index.Links.Select(link => $"docs/{link.Text}").ToHashSet(StringComparer.Ordinal);
        var pages = facts.Files.Where(path => path.StartsWith("docs/", StringComparison.Ordinal) && path.EndsWith(".md", StringComparison.Ordinal) && path != index.Path)
            .Where(path => !path.StartsWith("docs/decisions/", StringComparison.Ordinal));
        Assert.Empty(pages.Except(linked));
        Assert.Empty(facts.Exported.Select(command => $"docs/cmdlets/{command.Name}.md").Except(linked));
    }

    [Theory]
    [InlineData("Ask Get-DbHappiness.", "There is no Get-DbHappiness.")]
    [InlineData("`Get-DbHealth -Mood`", "Get-DbHealth has no -Mood.")]
    [InlineData("```powershell\nGet-DbHealth |\n  Format-List -Mood\n```", "Format-List has no -Mood.")]
    [InlineData("```powershell\nGet-DbHealth {\n```", "Missing closing '}' in statement block or type definition.")]
    [InlineData("```\ndotnet run --project src/Maintenance.Host -- -Command \"Get-DbHealth -Mood\"\n```", "Get-DbHealth has no -Mood.")]
    [InlineData("```\ndotnet run --project src/Maintenance.Host -- -Command \"Get-DbHealth -Verbose:$false; 1\"\n```", "Parameter -Verbose: requires an argument.")]
    [InlineData("Get-DbHealth with `-Apply`", "No cmdlet that is named here has -Apply.")]
    [InlineData("Get-DbHealth with `-Mood`", "No cmdlet has -Mood.")]
    [InlineData("[there](docs/nowhere.md)", "The link docs/nowhere.md leads nowhere.")]
    [InlineData("[there](docs/architecture.md#the-party)", "The link docs/architecture.md#the-party leads to no heading.")]
    [InlineData("# Here\n[there](#there)", "The link #there leads to no heading.")]
    [InlineData("See src/Maintenance.Engine/Party.cs.", "There is no src/Maintenance.Engine/Party.cs.")]
    [InlineData("`Tasks/Party.cs`", "There is no Tasks/Party.cs.")]
    [InlineData("`Party.targets`", "There is no Party.targets.")]
    [InlineData("Set MAINTENANCE_PARTY.", "Nothing reads MAINTENANCE_PARTY.")]
    [InlineData("`PartyTime`", "The source does not know PartyTime.")]
    [InlineData("`history.party`", "There is no setting history.party.")]
    [InlineData("`security.sources[].party`", "There is no setting security.sources[].party.")]
    [InlineData("`schedule.tasks.NAME.party: Sunday`", "There is no setting schedule.tasks.NAME.party.")]
    [InlineData("`DBSEC-PARTY`", "Nothing is called DBSEC-PARTY.")]
    [InlineData("```text\nDBSEC-PARTY: no.\n```", "Nothing is called DBSEC-PARTY.")]
    [InlineData("`ISSUE-PARTY-*`", "Nothing is called ISSUE-PARTY-*.")]
    [InlineData("dotnet run --project tests/Maintenance.Benchmarks -- party", "There is no benchmark party.")]
    [InlineData("dotnet run --project tests/Maintenance.Benchmarks -- p3    # and p4, party", "There is no benchmark party.")]
    public void What_does_not_exist_is_found(string text, string fault) =>
        Assert.Equal([$"README.md:{(text.StartsWith("```", StringComparison.Ordinal) || text.StartsWith('#') ? 2 : 1)}: {fault}"], new DocumentCheck(facts).Faults(Document.Read("README.md", text)));

    [Fact]
    public void What_exists_is_no_fault() => Assert.Empty(new DocumentCheck(facts).Faults(Document.Read("docs/README.md", """
        # A page

        Get-DbHealth, `Get-DbHealth | Select-Object -First 1`, `Get-DbBloat`'s `-Mode Verify`, [this page](#a-page),
        [a heading](architecture.md#the-parts), `Thresholds/ThresholdCatalogue.cs`, `*/Sql/*.sql`, src/Maintenance.Host, `Module.targets`,
        `MAINTENANCE_CONFIG`, `history.kind`, `schedule.tasks.NAME.approval`, `security.sources[].scanners`, `DBSEC-*`, `your/own/file.cs`,
        `pg_stat_statements`, Retry-After, `--jobs`.

        | a table | of code |
        |---|---|
        | `Get-DbBloat \| Invoke-DbReindex -WhatIf` | `Ok` |

        ```powershell
        function Get-Mood { Get-DbHealth -Verbose:$false }
        Get-Mood
        ```
        """)));

    [Fact]
    public void Every_piece_of_configuration_is_one_that_the_module_takes()
    {
        using var runspace = new ModuleRunspace();
        var folder = Directory.CreateTempSubdirectory("maintenance-docs-");
        try
        {
            var file = Path.Combine(folder.FullName, "maintenance.json");
            var pieces = (from path in facts.Files
                          where IsDocument(path)
                          from block in Document.Read(path, facts.Read(path)).Blocks
                          where block.Language is "json" or "jsonc" && IsConfiguration(block.Text)
                          select (Place: $"{path}:{block.Line}", Text: Whole(block.Text))).ToList();
            Assert.NotEmpty(pieces);
            foreach (var (place, text) in pieces)
            {
                File.WriteAllText(file, text);
                var result = (ConfigurationTestResult)Assert.Single(runspace.Invoke("Test-MaintenanceConfiguration $file", ("file", file))).BaseObject;
                Assert.True(result.IsValid, $"{place}: {string.Join("; ", result.Problems.Select(problem => problem.Message))}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Pages about what people use, and what lies in the module to be read before it is used.
    private static bool IsDocument(string path) => Path.GetExtension(path) == ".md"
        ? path.StartsWith("docs/", StringComparison.Ordinal) || path.StartsWith("module/", StringComparison.Ordinal) || !path.Contains('/')
            || path == "src/Maintenance.Host/README.md"
        : path.EndsWith(".help.txt", StringComparison.Ordinal)
            || (path.StartsWith("module/", StringComparison.Ordinal) && path.Split('/')[1] is "agent" or "pipelines" or "runbooks");

    // What older versions were like is nobody's promise any more: of the changelog, the newest section that says something counts.
    private static string Newest(string path, string text)
    {
        const string Heading = "\n## [";
        var sections = text.Split(Heading);
        var newest = Array.FindIndex(sections, 1, section => section.Trim().Contains('\n', StringComparison.Ordinal));
        return path == "CHANGELOG.md" && newest > 0 ? string.Join(Heading, sections.Take(newest + 1)) : text;
    }

    // Bodies of requests and answers are JSON as well.
    private bool IsConfiguration(string text) =>
        text.TrimStart().StartsWith('{') ? text.Contains("\"targets\"", StringComparison.Ordinal) : text.Split('"') is [_, var first, ..] && facts.IsSettingGroup(first);

    private static string Whole(string text) => text.TrimStart().StartsWith('{') ? text : $$"""{ "targets": { "one": { {{text}} } } }""";
}
