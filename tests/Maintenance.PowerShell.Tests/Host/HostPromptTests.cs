namespace Maintenance.ModuleTests.Host;

public sealed class HostPromptTests
{
    private const string CtrlC = "\u0003";
    private const string CtrlD = "\u0004";
    private const string Up = "\e[A";
    private const string Left = "\e[D";

    [Fact]
    public async Task Piped_lines_run_one_after_the_other_and_show_no_prompt()
    {
        var result = await HostProcess.RunAsync("$x = 20\n$x + 1\nthrow 'broken'\nfunction Get-Sum {\n  1 + 2\n}\nGet-Sum\nexit 4\n'never'\n", []);
        Assert.Equal(["21", "3"], result.Lines);
        Assert.Equal("Exception: broken\n", result.Error);
        Assert.Equal(4, result.ExitCode);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("\n\n'fine'\n", 0)]
    [InlineData("'fine'\nGet-Nothing\n", 1)]
    [InlineData("if (1) {\n", 1)]
    [InlineData("[pscustomobject]@{ PSTypeName = 'Maintenance.MaintenanceRun#Result'; ExitCode = 3 }\n'fine'", 3)]
    public async Task Piped_lines_end_with_the_code_of_their_end(string input, int expected)
    {
        var result = await HostProcess.RunAsync(input, []);
        Assert.Equal(expected, result.ExitCode);
    }

    [Fact]
    public async Task A_dash_reads_one_script_from_standard_input()
    {
        var result = await HostProcess.RunAsync("if ($false) { 'no' }\nelse { 'else' }\nthrow 'broken'\n'never'\n", ["-Command", "-"]);
        Assert.Equal(["else"], result.Lines);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_pipeline_and_not_the_host()
    {
        using var host = HostProcess.StartOnTerminal([]);
        await host.SeesAsync("> ");
        await host.TypeAsync("'be' + 'gun'; while ($true) { [System.Threading.Thread]::Sleep(20) }\r");
        await host.SeesAsync("begun");
        await host.TypeAsync(CtrlC);
        await host.SeesAsync("begun\r\n\r\e[JPS ");
        await host.TypeAsync("'st' + 'ill'\r");
        await host.SeesAsync("still");
        await host.TypeAsync("exit 6\r");
        var result = await host.EndAsync();
        Assert.Equal(6, result.ExitCode);
        Assert.DoesNotContain("Exception", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_at_the_prompt_drops_the_line()
    {
        using var host = HostProcess.StartOnTerminal([]);
        await host.SeesAsync("> ");
        await host.TypeAsync("'dro' + 'pped'" + CtrlC + "'ke' + 'pt'\r");
        await host.SeesAsync("kept");
        await host.TypeAsync(CtrlD);
        var result = await host.EndAsync();
        Assert.DoesNotContain("dropped", result.Output, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task A_line_can_be_mended_and_called_back()
    {
        using var host = HostProcess.StartOnTerminal([]);
        await host.SeesAsync("> ");
        await host.TypeAsync("'=' + 'ac'" + Left + Left + "b\r");
        await host.SeesAsync("=abc");
        await host.TypeAsync(Up + Left + Left + "d\r");
        await host.SeesAsync("=abdc");
        await host.TypeAsync("exit\r");
        Assert.Equal(0, (await host.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_command_over_several_lines_is_read_to_its_end()
    {
        using var host = HostProcess.StartOnTerminal([]);
        await host.SeesAsync("> ");
        await host.TypeAsync("if (1) {\r");
        await host.SeesAsync(">> ");
        await host.TypeAsync("'who' + 'le' }\r");
        await host.SeesAsync("whole");
        await host.TypeAsync("exit\r");
        Assert.Equal(0, (await host.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_failed_command_at_the_prompt_does_not_colour_the_exit()
    {
        using var host = HostProcess.StartOnTerminal([]);
        await host.SeesAsync("> ");
        await host.TypeAsync("throw 'bro' + 'ken'\r");
        await host.SeesAsync("broken");
        await host.TypeAsync("exit\r");
        Assert.Equal(0, (await host.EndAsync()).ExitCode);
    }
}
