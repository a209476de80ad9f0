using System.Diagnostics;
using Maintenance.HelpWriter;
using Maintenance.ModuleTests.Help.Samples;

namespace Maintenance.ModuleTests.Help;

public sealed class HelpWriterTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maintenance-help-");

    private string HelpFile => Path.Combine(_folder.FullName, "Samples.dll-Help.xml");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_page_says_what_attributes_and_documentation_say()
    {
        const string Expected = """
            # Get-Sample

            Gets samples, as `Remove-Sample` would see them.

            ## Syntax

            ```powershell
            Get-Sample [[-Name] <String[]>] [-Depth {Shallow | Deep}] [-Old] [-TimeoutSeconds <Int32>] [-Subject <SampleItem[]>] [<CommonParameters>]
            ```

            ```powershell
            Get-Sample -Id <Int64> [-Depth {Shallow | Deep}] [-Old] [-TimeoutSeconds <Int32>] [-Subject <SampleItem[]>] [<CommonParameters>]
            ```

            ## Description

            Use it with `-Name` to look at `pg_class` & others; never \*all\* of pg_stat_statements.

            It needs:

            - nothing at all,

            - or: a little.

            A `Deep` look is `$true` work, says https://example.org/depth.

            ## Notes

            Privileges: none. It changes nothing, or `all`.

            ## Examples

            ### Example 1

            ```powershell
            Get-Sample web*
            ```

            Gets the samples named web-something.

            ### Example 2

            ```powershell
            foreach ($name in 'a', 'b') {
                Get-Sample -Name $name
            }
            ```

            Gets two.

            One by one.

            ### Example 3

            ```powershell
            Get-Sample -Id 7 -Depth Deep | Remove-Sample
            ```

            Removes what it finds.

            ## Parameters

            ### -Id

            Identifier.

            Type: `Int64`; required; named; pipeline input: False; aliases: `Key`, `No`.

            ### -Depth

            How deep to look. Default: `Shallow`.

            - `Shallow`: The surface.
            - `Deep`: Down to `pg_class`.

            Type: `SampleDepth`; optional; named; pipeline input: False.

            ### -Name

            Names of the samples. Default: `*`.

            Type: `String[]`; optional; position 0; pipeline input: False; accepts wildcards.

            ### -Old

            Also gets old ones.

            Type: `SwitchParameter`; optional; named; pipeline input: False.

            ### -TimeoutSeconds

            How long it may take, in seconds. Default: $2, or 7. Then it stops.

            Type: `Int32`; optional; named; pipeline input: False.

            ### -Subject

            What it is about. Default: nothing.

            Type: `SampleItem[]`; optional; named; pipeline input: True (ByValue, ByPropertyName).

            The cmdlet also has the common parameters: see `Get-Help about_CommonParameters`.

            ## Inputs

            - `Maintenance.ModuleTests.Help.Samples.SampleItem`: A sample.

            ## Outputs

            - `Maintenance.ModuleTests.Help.Samples.SampleItem`: A sample.
            - `System.String`

            ## Related links

            - [All about samples](https://example.org/samples)
            - [Remove-Sample](Remove-Sample.md)

            """;
        Assert.Equal(Expected, MarkdownWriter.Write(SampleHelp.Get));
    }

    [Fact]
    public void Get_Help_shows_all_of_it()
    {
        using var runspace = SampleHelp.Open(HelpFile);
        var help = Assert.Single(runspace.Invoke("Get-Help Get-Sample -Full"));

        Assert.Equal(["Gets samples, as Remove-Sample would see them."], help.Texts("Synopsis"));
        Assert.Equal(
            [
                "Use it with -Name to look at pg_class & others; never *all* of pg_stat_statements.", "It needs:", "- nothing at all,",
                "- or: a little.", "A Deep look is $true work, says https://example.org/depth.",
            ],
            help.Texts("description", "Text").Select(text => text.Trim()));

        Assert.Equal(["Privileges: none. It changes nothing, or all."], help.Texts("alertSet", "alert", "Text").Select(text => text.Trim()));

        Assert.Equal(["Example 1", "Example 2", "Example 3"], help.Texts("examples", "example", "title").Select(title => title.Trim(' ', '-')));
        Assert.Equal("foreach ($name in 'a', 'b') {\n    Get-Sample -Name $name\n}", help.Texts("examples", "example", "code")[1].ReplaceLineEndings("\n"));
        Assert.Contains("Removes what it finds.", help.Texts("examples", "example", "remarks", "Text"));

        var depth = help.Find("parameters", "parameter").Single(parameter => parameter.Texts("name")[0] == "Depth");
        Assert.Equal(["Shallow"], depth.Texts("defaultValue"));
        Assert.Contains(depth.Texts("description", "Text"), text => text.Contains("- Deep: Down to pg_class.", StringComparison.Ordinal));
        var timeout = help.Find("parameters", "parameter").Single(parameter => parameter.Texts("name")[0] == "TimeoutSeconds");
        Assert.Equal(["$2, or 7"], timeout.Texts("defaultValue"));

        Assert.Equal(["Maintenance.ModuleTests.Help.Samples.SampleItem"], help.Texts("inputTypes", "inputType", "type", "name"));
        Assert.Equal(["Maintenance.ModuleTests.Help.Samples.SampleItem", "System.String"], help.Texts("returnValues", "returnValue", "type", "name"));
        Assert.Equal(["All about samples: https://example.org/samples", "Remove-Sample"], help.Texts("relatedLinks", "navigationLink", "linkText"));
    }

    [Theory]
    [InlineData("Get-Sample", 2)]
    [InlineData("Remove-Sample", 2)]
    public void The_syntax_is_the_one_that_the_engine_knows(string name, int sets)
    {
        using var runspace = SampleHelp.Open(HelpFile);
        var help = Assert.Single(runspace.Invoke($"Get-Help {name} -Full"));
        var (shown, known) = HelpText.Syntax(help, runspace.Command(name)!);
        Assert.Equal(sets, known.Count);
        Assert.Equal(known, shown);
    }

    [Fact]
    public void Syntax_starts_with_the_default_set_goes_by_position_and_ends_with_WhatIf_and_Confirm() => Assert.Equal(
        [
            "Remove-Sample [-Path] <String> [[-Kind] {Old | New}] [-WhatIf] [-Confirm] [<CommonParameters>]",
            "Remove-Sample [-Path] <String> [[-Kind] {Old | New}] -All [-WhatIf] [-Confirm] [<CommonParameters>]",
        ],
        SampleHelp.Remove.ParameterSets.Select(set => MarkdownWriter.Syntax(SampleHelp.Remove, set)));

    [Fact]
    public void What_is_documented_has_no_problems() => Assert.Empty(HelpCheck.Problems([SampleHelp.Get, SampleHelp.Remove]));

    [Fact]
    public void What_is_missing_is_named_by_file_and_member()
    {
        var problems = HelpCheck.Problems(SampleHelp.Read(typeof(SetSampleCommand), typeof(NewSampleCommand)));
        Assert.Equal(
            [
                "NewSampleCommand.cs : error HELP001: NewSampleCommand (New-Sample) has no <remarks>",
                "NewSampleCommand.cs : error HELP001: NewSampleCommand (New-Sample) has no single paragraph of its <remarks> that says",
                "NewSampleCommand.cs : error HELP001: NewSampleCommand (New-Sample) has 1 examples with <code> and <para>; 3 are the least.",
                "NewSampleCommand.cs : error HELP001: NewSampleCommand (New-Sample) has no <seealso cref>",
                "NewSampleCommand.cs : error HELP001: NewSampleCommand.Count has no sentence \"Default",
                "SetSampleCommand.cs : error HELP001: SetSampleCommand (Set-Sample) has no <summary>",
                "SetSampleCommand.cs : error HELP001: SetSampleCommand (Set-Sample) has no <remarks>",
                "SetSampleCommand.cs : error HELP001: SetSampleCommand (Set-Sample) has no single paragraph of its <remarks> that says",
                "SetSampleCommand.cs : error HELP001: SetSampleCommand (Set-Sample) has 0 examples with <code> and <para>; 3 are the least.",
                "SetSampleCommand.cs : error HELP001: SetSampleCommand (Set-Sample) has no <seealso cref>",
                "SetSampleCommand.cs : error HELP001: SetSampleCommand.Value has no <summary>",
            ],
            problems.Select(problem => problem.Split(": ") is [var file, var error, var text, ..] ? $"{file}: {error}: {text}" : problem));
    }

    [Fact]
    public void Output_is_the_same_each_time_and_on_each_system()
    {
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        MamlWriter.Write([SampleHelp.Get], first);
        MamlWriter.Write(SampleHelp.Read(typeof(GetSampleCommand), typeof(RemoveSampleCommand)).Take(1), second);
        Assert.Equal(first.ToArray(), second.ToArray());
        Assert.DoesNotContain((byte)'\r', first.ToArray());
        Assert.Equal((byte)'<', first.ToArray()[0]);
        Assert.DoesNotContain('\r', MarkdownWriter.Write(SampleHelp.Get));
    }

    [Fact]
    public async Task The_tool_fails_and_writes_nothing_where_documentation_is_missing()
    {
        var tool = Path.Combine(AppContext.BaseDirectory, "Maintenance.HelpWriter.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string[] references = [typeof(System.Management.Automation.PSCmdlet).Assembly.Location, ModuleRunspace.ModuleFolder, Path.Combine(ModuleRunspace.ModuleFolder, "lib")];
        string[] arguments = [tool, typeof(HelpWriterTests).Assembly.Location, .. references.SelectMany(path => new[] { "--reference", path }), "--maml", HelpFile];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("SetSampleCommand.cs : error HELP001: SetSampleCommand.Value has no <summary>", output, StringComparison.Ordinal);
        Assert.False(File.Exists(HelpFile));
    }

    [Theory]
    [InlineData("Get-Sample -Name a | Sort-Object Name")]
    [InlineData("Get-Sample | Paint-House -Colour red")]
    [InlineData("Get-Sample -Name {", "Missing closing '}' in statement block or type definition.")]
    [InlineData("if ($true) { Get-Sample -Colour red }", "Get-Sample has no -Colour.")]
    [InlineData("Get-Sample | Paint-Sample", "There is no Paint-Sample.")]
    public void Faults_of_an_example_are_found(string code, params string[] faults)
    {
        using var runspace = SampleHelp.Open(HelpFile);
        Assert.Equal(faults, HelpText.Faults(code, runspace.Command, ["Paint-House"]));
    }
}
