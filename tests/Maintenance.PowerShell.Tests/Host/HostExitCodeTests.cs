namespace Maintenance.ModuleTests.Host;

public sealed class HostExitCodeTests
{
    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("& { & { exit 7 } }; 'never'", 7)]
    [InlineData("throw 'broken'", 1)]
    [InlineData("if (", 1)]
    [InlineData("'fine'; Get-Nothing", 1)]
    [InlineData("Get-Nothing; 'fine'", 0)]
    public async Task A_command_ends_with_the_code_of_its_end(string command, int expected)
    {
        var result = await HostProcess.RunAsync("-Command", command);
        Assert.Equal(expected, result.ExitCode);
    }

    [Theory]
    [InlineData("Ok", 0)]
    [InlineData("Warning", 1)]
    [InlineData("Critical", 2)]
    [InlineData("Unknown", 3)]
    [InlineData("Ok Warning", 1)]
    [InlineData("Warning Unknown Ok", 3)]
    [InlineData("Critical Unknown Warning", 2)]
    public async Task A_run_gives_its_code_and_the_worst_of_several_wins(string statuses, int expected)
    {
        var result = await HostProcess.RunAsync("-Command", Runs(statuses));
        Assert.Equal(expected, result.ExitCode);
        Assert.NotEmpty(result.Lines);
        Assert.Empty(result.Error);
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 9", 9)]
    [InlineData("throw 'broken'", 1)]
    [InlineData("Get-Nothing", 2)]
    public async Task What_the_script_says_itself_counts_more_than_a_run(string ending, int expected)
    {
        var result = await HostProcess.RunAsync("-Command", $"{Runs("Critical")}; {ending}");
        Assert.Equal(expected, result.ExitCode);
    }

    [Fact]
    public async Task A_run_that_is_kept_and_not_put_out_does_not_count()
    {
        var result = await HostProcess.RunAsync("-Command", $"$kept = @({Runs("Critical")})[0]; $kept.ExitCode");
        Assert.Equal(["2"], result.Lines);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task A_run_whose_code_cannot_be_read_could_not_be_determined()
    {
        var result = await HostProcess.RunAsync("-Command", "[pscustomobject]@{ PSTypeName = 'Maintenance.MaintenanceRun#Result'; ExitCode = 'good' }");
        Assert.Equal(3, result.ExitCode);
    }

    [Theory]
    [InlineData("-Unheard")]
    [InlineData("-Command")]
    [InlineData("-File")]
    [InlineData("-File", "no-such-file.ps1")]
    [InlineData("stray")]
    public async Task A_wrong_command_line_is_refused(params string[] arguments)
    {
        var result = await HostProcess.RunAsync(arguments);
        Assert.Equal(64, result.ExitCode);
        Assert.StartsWith("maintenance: ", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Runs_that_are_only_read_do_not_decide()
    {
        var result = await HostProcess.RunAsync("-Command", Run("Critical"));
        Assert.Equal(0, result.ExitCode);
        Assert.NotEmpty(result.Output);
    }

    /// <summary>Runs as Invoke-MaintenanceTask puts them out.</summary>
    private static string Runs(string statuses) => string.Join("; ", statuses.Split(' ').Select(status =>
        $"$run = {Run(status)}; $run.PSObject.TypeNames.Insert(0, 'Maintenance.MaintenanceRun#Result'); $run"));

    private static string Run(string status) =>
        $"[Maintenance.MaintenanceRun]@{{ Id = [guid]::NewGuid(); Task = 'Daily'; Target = 'test'; Status = '{status}'; StartedAt = [DateTimeOffset]::UnixEpoch; Message = 'm' }}";
}
