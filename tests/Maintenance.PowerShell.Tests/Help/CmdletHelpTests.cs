using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Maintenance.HelpWriter;

namespace Maintenance.ModuleTests.Help;

/// <summary>The help of the built module, as a user's session shows it.</summary>
public sealed class CmdletHelpTests
{
    private static readonly string PagesFolder = ModuleRunspace.Metadata("HelpPages");

    internal static string[] Exported { get; } = ReadExported();

    [Fact]
    public void Every_cmdlet_has_help_that_is_whole()
    {
        using var runspace = new ModuleRunspace();
        var commands = Commands(runspace);
        Assert.NotEmpty(commands);
        Assert.Equal(Written().Select(cmdlet => cmdlet.Name), commands.Select(command => command.Name).Order(StringComparer.Ordinal));
        Assert.All(commands, command =>
        {
            var help = Assert.Single(runspace.Invoke($"Get-Help {command.Name} -Full"));
            var synopsis = Assert.Single(help.Texts("Synopsis"));
            Assert.False(string.IsNullOrWhiteSpace(synopsis) || synopsis.Contains("<CommonParameters>", StringComparison.Ordinal), "no synopsis");
            Assert.NotEmpty(help.Texts("description", "Text"));
            Assert.StartsWith("Privileges: ", Assert.Single(help.Texts("alertSet", "alert", "Text"), text => text.Length > 0).Trim(), StringComparison.Ordinal);
            Assert.InRange(help.Texts("examples", "example", "code").Count(code => code.Length > 0), 3, int.MaxValue);

            var described = help.Find("parameters", "parameter")
                .Where(parameter => parameter.Texts("description", "Text").Any(text => text.Length > 0))
                .SelectMany(parameter => parameter.Texts("name"));
            Assert.Equal(command.Parameters.Keys.Except(Cmdlet.CommonParameters).Order(), described.Order());

            var (shown, known) = HelpText.Syntax(help, command);
            Assert.Equal(known, shown);
        });
    }

    [Theory]
    [InlineData("DurationAttribute", @"\b\d+(ms|s|m|h|d|w)\b|\d\d:\d\d")]
    [InlineData("TimeOrInAttribute", @"\b2h\b")]
    [InlineData("TimeOrAgoAttribute", @"\b\d+[hd]\b")]
    [InlineData("ByteSizeAttribute", @"\b\d+(kB|MB|GB)\b")]
    [InlineData("DbObjectAttribute", @"(?is)^(?=.*\bnames?\b)(?=.*\bOIDs?\b)(?=.*\brows?\b)")]
    public void Help_says_how_a_value_is_written_that_may_be_more_than_its_type_says(string attribute, string written)
    {
        using var runspace = new ModuleRunspace();
        var parameters = Commands(runspace)
            .SelectMany(command => command.Parameters.Values
                .Where(parameter => parameter.Attributes.Any(each => each.GetType().Name == attribute))
                .Select(parameter => (
                    Name: $"{command.Name} -{parameter.Name}",
                    Text: string.Join('\n', Assert.Single(runspace.Invoke($"Get-Help {command.Name} -Parameter {parameter.Name}")).Texts("description", "Text")))))
            .ToList();
        Assert.NotEmpty(parameters);
        Assert.Empty(parameters.Where(parameter => !System.Text.RegularExpressions.Regex.IsMatch(parameter.Text, written)).Select(parameter => $"{parameter.Name}: {parameter.Text}"));
    }

    [Fact]
    public void Every_example_names_commands_and_parameters_that_exist()
    {
        using var runspace = new ModuleRunspace();
        var faults =
            from cmdlet in Written()
            from example in cmdlet.Examples
            from fault in HelpText.Faults(example.Code, runspace.Command, Exported)
            select $"{cmdlet.Name}: {example.Code}: {fault}";
        Assert.Empty(faults);
    }

    [Fact]
    public void The_committed_pages_are_what_the_documentation_says()
    {
        var written = Written().ToDictionary(cmdlet => $"{cmdlet.Name}.md", MarkdownWriter.Write);
        var committed = Directory.Exists(PagesFolder)
            ? Directory.GetFiles(PagesFolder, "*.md").ToDictionary(file => Path.GetFileName(file), File.ReadAllText)
            : [];
        var stale = written.Keys.Union(committed.Keys).Where(page => written.GetValueOrDefault(page) != committed.GetValueOrDefault(page)).ToList();
        Assert.True(
            stale.Count == 0,
            $"Stale in docs/cmdlets: {string.Join(", ", stale)}. Run: dotnet build src/Maintenance.PowerShell -t:WriteHelpPages; delete pages of cmdlets that are gone.");
    }

    [Fact]
    public void The_committed_page_of_privileges_is_what_the_notes_say()
    {
        var committed = File.ReadAllText(Path.Combine(PagesFolder, "..", "privileges-by-cmdlet.md"));
        Assert.True(committed == PrivilegesWriter.Write(Written()), "docs/privileges-by-cmdlet.md is stale. Run: dotnet build src/Maintenance.PowerShell -t:WriteHelpPages");
    }

    private static List<CommandInfo> Commands(ModuleRunspace runspace) =>
        [.. runspace.Invoke("Get-Command -Module Maintenance").Select(command => (CommandInfo)command.BaseObject)];

    private static string[] ReadExported()
    {
        var script = Parser.ParseFile(ModuleRunspace.ManifestPath, out _, out _);
        var manifest = (Hashtable)script.Find(node => node is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();
        return LanguagePrimitives.ConvertTo<string[]>(manifest["CmdletsToExport"]);
    }

    /// <summary>What the writer reads from the cmdlets as they were compiled.</summary>
    internal static IReadOnlyList<CmdletHelp> Written() => CmdletReader.Read(
        ModuleRunspace.Metadata("CmdletAssembly"), [typeof(PSCmdlet).Assembly.Location, Path.Combine(ModuleRunspace.ModuleFolder, "lib")]);
}
