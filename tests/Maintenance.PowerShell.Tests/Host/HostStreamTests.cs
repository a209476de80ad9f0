namespace Maintenance.ModuleTests.Host;

public sealed class HostStreamTests
{
    private const string Rows = """
        [Maintenance.Finding]@{ Id = 'X'; Area = 'a'; Subject = 's'; Message = 'm'; Severity = 'Critical'; Outcome = 'Fail' },
        [Maintenance.Finding]@{ Id = 'Y'; Area = 'a'; Subject = 's'; Message = 'm'; Severity = 'Medium'; Outcome = 'Fail' },
        [Maintenance.Finding]@{ Id = 'Z'; Area = 'a'; Subject = 's'; Message = 'm'; Severity = 'Low'; Outcome = 'Unknown' },
        [Maintenance.Finding]@{ Id = 'W'; Area = 'a'; Subject = 's'; Message = 'm'; Severity = 'Info'; Outcome = 'Pass' }
        """;

    [Fact]
    public async Task Output_goes_to_standard_output_and_everything_about_it_to_standard_error()
    {
        using var script = new ScriptFile("""
            [CmdletBinding()] param()
            'object'
            $PSCmdlet.WriteWarning('careful')
            $PSCmdlet.WriteVerbose('detail')
            $PSCmdlet.WriteInformation('told', @())
            $PSCmdlet.WriteProgress([System.Management.Automation.ProgressRecord]::new(1, 'working', 'half'))
            $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([Exception]::new('wrong'), 'Id', 'InvalidData', $null))
            $host.UI.WriteDebugLine('deep')
            """);
        var result = await HostProcess.RunAsync("-File", script.Path, "-Verbose", "-InformationAction", "Continue");
        Assert.Equal(["object", "told"], result.Lines);
        Assert.Contains("WARNING: careful\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("VERBOSE: detail\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("DEBUG: deep\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("wrong", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("working", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 3", 3)]
    [InlineData("throw 'broken'", 1)]
    public async Task What_was_put_out_before_the_end_is_shown(string ending, int expected)
    {
        var result = await HostProcess.RunAsync("-Command", $"[pscustomobject]@{{ Column = 'first' }}; 'second'; {ending}");
        Assert.Equal(["Column", "------", "first", "second"], result.Lines);
        Assert.Equal(expected, result.ExitCode);
    }

    [Fact]
    public async Task Redirected_there_are_no_escape_sequences()
    {
        var result = await HostProcess.RunAsync(
            "-Command",
            "[pscustomobject]@{ A = 1 }; \"$($PSStyle.Foreground.Red)red\"; $host.UI.Write('Red', 'Black', 'written'); $PSStyle.OutputRendering; throw 'broken'");
        Assert.DoesNotContain('\e', result.Output + result.Error);
        Assert.Contains("PlainText", result.Lines);
        Assert.Equal("Exception: broken\n", result.Error);
    }

    [Fact]
    public async Task A_terminal_gets_colours()
    {
        using var host = HostProcess.StartOnTerminal(["-Command", "throw 'broken'"]);
        var result = await host.EndAsync();
        Assert.Contains("\e[31;1m", result.Output, StringComparison.Ordinal);
        Assert.Contains("broken", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NO_COLOR_turns_them_off()
    {
        using var host = HostProcess.StartOnTerminal(["-Command", "[pscustomobject]@{ A = 1 }; \"$($PSStyle.Foreground.Red)red\"; throw 'broken'"], ("NO_COLOR", "1"));
        var result = await host.EndAsync();
        Assert.DoesNotMatch("\e\\[[0-9;]*m", result.Output);
        Assert.Contains("broken", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Rows)]
    [InlineData(Rows + " | Format-List")]
    public async Task What_is_bad_is_coloured_on_a_terminal_and_neither_with_NO_COLOR_nor_elsewhere(string command)
    {
        using var host = HostProcess.StartOnTerminal(["-Command", command]);
        var coloured = (await host.EndAsync()).Output;
        Assert.Contains("\e[31;1mCritical\e[0m", coloured, StringComparison.Ordinal);
        Assert.Contains("\e[33;1mMedium\e[0m", coloured, StringComparison.Ordinal);
        Assert.Contains("\e[95mUnknown\e[0m", coloured, StringComparison.Ordinal);
        Assert.DoesNotContain("1mPass", coloured, StringComparison.Ordinal);

        using var plain = HostProcess.StartOnTerminal(["-Command", command], ("NO_COLOR", "1"));
        var without = (await plain.EndAsync()).Output;
        Assert.DoesNotMatch("\e\\[[0-9;]*m", without);
        Assert.Equal(without, System.Text.RegularExpressions.Regex.Replace(coloured, "\e\\[[0-9;]*m", ""));

        var file = Path.GetTempFileName();
        try
        {
            var redirected = await HostProcess.RunAsync("-Command", $"{command}\n{command} | Out-File -LiteralPath '{file}'");
            Assert.DoesNotContain('\e', redirected.Output + redirected.Error + await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            Assert.Contains("Critical", redirected.Output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Progress_is_one_line_of_a_terminal_that_is_gone_at_the_end()
    {
        using var script = new ScriptFile("""
            [CmdletBinding()] param()
            $PSCmdlet.WriteProgress([System.Management.Automation.ProgressRecord]::new(1, 'working', 'half'))
            'object'
            """);
        using var host = HostProcess.StartOnTerminal(["-File", script.Path]);
        var result = await host.EndAsync();
        Assert.Contains("\r\e[Kworking: half\r\e[Kobject", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_are_not_cut_when_redirected_and_fit_a_terminal()
    {
        const string command = "[pscustomobject]@{ First = 'a' * 70; Second = 'b' * 70 }";
        var redirected = await HostProcess.RunAsync("-Command", command);
        Assert.Contains(new string('b', 70), redirected.Output, StringComparison.Ordinal);

        using var host = HostProcess.StartOnTerminal(["-Command", command], ("NO_COLOR", "1"));
        var narrow = await host.EndAsync();
        Assert.All(narrow.Lines, line => Assert.InRange(line.Length, 0, 100));
        Assert.DoesNotContain(new string('b', 70), narrow.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_line_up_behind_wide_characters()
    {
        var result = await HostProcess.RunAsync("-Command", "[pscustomobject]@{ Name = '日本語'; Rest = 'x' }, [pscustomobject]@{ Name = 'abcdef'; Rest = 'x' }");
        Assert.Equal("日本語 x", result.Lines[^2]);
        Assert.Equal("abcdef x", result.Lines[^1]);
    }
}
