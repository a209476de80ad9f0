namespace Maintenance.ModuleTests.Host;

public sealed class HostQuestionTests
{
    private const string CtrlC = "\u0003";

    private const string Drop = """
        [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param()
        $ErrorActionPreference = 'Stop'
        foreach ($name in 'a', 'b') { if ($PSCmdlet.ShouldProcess($name, 'drop')) { "dropped $name" } else { "kept $name" } }
        """;

    [Theory]
    [InlineData("$host.UI.ReadLine()")]
    [InlineData("$host.UI.ReadLineAsSecureString()")]
    [InlineData("$host.UI.PromptForCredential('Sign in', 'please', 'me', 'there')")]
    [InlineData("& { [CmdletBinding()] param([Parameter(Mandatory)] $Name) $Name }")]
    [InlineData("& { [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param() $PSCmdlet.ShouldProcess('it', 'drop') }")]
    public async Task Without_a_terminal_a_question_is_an_error(string command)
    {
        var result = await HostProcess.RunAsync("y\ny\ny\n", ["-Command", command]);
        Assert.NotEmpty(result.Error);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task A_question_that_cannot_be_asked_says_why_and_what_to_do()
    {
        using var script = new ScriptFile(Drop);
        using var host = HostProcess.StartOnTerminal(["-NonInteractive", "-File", script.Path], ("NO_COLOR", "1"));
        var result = await host.EndAsync();
        var words = string.Join(' ', result.Output.Split([' ', '\r', '\n', '|'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("the host runs with -NonInteractive", words, StringComparison.Ordinal);
        Assert.Contains("-Confirm:$false", words, StringComparison.Ordinal);
        Assert.DoesNotContain("dropped", words, StringComparison.Ordinal);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task ShouldProcess_is_answered_one_by_one()
    {
        using var script = new ScriptFile(Drop);
        using var host = HostProcess.StartOnTerminal(["-File", script.Path]);
        await host.SeesAsync("(default is \"Y\"): ");
        await host.TypeAsync("?\r");
        await host.SeesAsync("A - ");
        await host.TypeAsync("yes\r");
        await host.SeesAsync("target \"b\"");
        await host.TypeAsync("n\r");
        var result = await host.EndAsync();
        Assert.Contains("dropped a", result.Output, StringComparison.Ordinal);
        Assert.Contains("kept b", result.Output, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Ctrl_C_is_an_answer_too()
    {
        using var script = new ScriptFile(Drop);
        using var host = HostProcess.StartOnTerminal(["-File", script.Path]);
        await host.SeesAsync("(default is \"Y\"): ");
        await host.TypeAsync(CtrlC);
        var result = await host.EndAsync();
        Assert.Equal(130, result.ExitCode);
        Assert.DoesNotContain("dropped", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("kept", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mandatory_parameter_is_asked_for_and_becomes_what_it_must_be()
    {
        using var script = new ScriptFile("param([Parameter(Mandatory)][int[]]$Id) \"sum $($Id[0] + $Id[1]) of $($Id.Count)\"");
        using var host = HostProcess.StartOnTerminal(["-File", script.Path]);
        await host.SeesAsync("Id[0]: ");
        await host.TypeAsync("4\r");
        await host.SeesAsync("Id[1]: ");
        await host.TypeAsync("5\r");
        await host.SeesAsync("Id[2]: ");
        await host.TypeAsync("\r");
        var result = await host.EndAsync();
        Assert.Contains("sum 9 of 2", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_is_never_shown()
    {
        using var host = HostProcess.StartOnTerminal(["-Command", "$host.UI.PromptForCredential('Sign in', 'please', 'me', 'there').Password.Length"]);
        await host.SeesAsync("Password for user me: ");
        await host.TypeAsync("hidden\u007f\r");
        var result = await host.EndAsync();
        Assert.Contains("5", result.Lines);
        Assert.DoesNotContain("hid", result.Output, StringComparison.Ordinal);
    }
}
