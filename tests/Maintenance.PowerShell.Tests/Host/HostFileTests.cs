namespace Maintenance.ModuleTests.Host;

public sealed class HostFileTests
{
    private const string Echo = """
        param([string]$Name, [int]$Count, [switch]$Go, [Parameter(ValueFromRemainingArguments)]$Rest)
        "$Name|$Count|$Go|$($Rest -join ',')|$([IO.Path]::GetFileName($PSCommandPath))"
        """;

    [Theory]
    [InlineData("two words|3|True|x,y|script.ps1", "-Name", "two words", "-Count", "3", "-Go", "x", "y")]
    [InlineData("n|-4|False||script.ps1", "-Name:n", "-Count:-4", "-Go:$false")]
    [InlineData("n|4|True||script.ps1", "-name:", "n", "-Go:$true", "-Count", "4")]
    [InlineData("first|-5|False||script.ps1", "first", "-5")]
    [InlineData("; exit 9|0|False||script.ps1", "-Name", "; exit 9")]
    [InlineData("$(exit 9)|0|False||script.ps1", "-Name", "$(exit 9)")]
    public async Task Arguments_bind_as_in_pwsh_and_are_never_run(string expected, params string[] arguments)
    {
        using var script = new ScriptFile(Echo);
        var result = await HostProcess.RunAsync(["-File", script.Path, .. arguments]);
        Assert.Equal([expected], result.Lines);
        Assert.Empty(result.Error);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task An_argument_that_does_not_fit_is_an_error()
    {
        using var script = new ScriptFile(Echo);
        var result = await HostProcess.RunAsync("-File", script.Path, "-Count", "many");
        Assert.Contains("'Count'", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Equal(1, result.ExitCode);
    }

    [Theory]
    [InlineData("exit 5; 'never'", 5)]
    [InlineData("throw 'broken'", 1)]
    [InlineData("Get-Nothing", 0)]
    [InlineData("sh -c 'exit 5'; 'fine'", 0)]
    [InlineData("[pscustomobject]@{ PSTypeName = 'Maintenance.MaintenanceRun#Result'; ExitCode = 3 }", 3)]
    [InlineData("[pscustomobject]@{ PSTypeName = 'Maintenance.MaintenanceRun#Result'; ExitCode = 3 }; exit 0", 0)]
    public async Task A_file_ends_with_the_code_of_its_end(string text, int expected)
    {
        using var script = new ScriptFile(text);
        var result = await HostProcess.RunAsync("-File", script.Path);
        Assert.Equal(expected, result.ExitCode);
        Assert.DoesNotContain("never", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_in_a_file_says_where()
    {
        using var script = new ScriptFile("'one'\nthrow 'broken'");
        var result = await HostProcess.RunAsync("-File", script.Path);
        Assert.Contains("script.ps1:2", result.Error, StringComparison.Ordinal);
        Assert.Contains("broken", result.Error, StringComparison.Ordinal);
        Assert.Equal(["one"], result.Lines);
    }

    [Fact]
    public async Task The_exit_of_a_script_that_is_called_ends_only_that_script()
    {
        using var inner = new ScriptFile("exit 4");
        using var outer = new ScriptFile($"& '{inner.Path}'; \"inner gave $LASTEXITCODE\"; exit 6");
        var result = await HostProcess.RunAsync("-File", outer.Path);
        Assert.Equal(["inner gave 4"], result.Lines);
        Assert.Equal(6, result.ExitCode);
    }
}
