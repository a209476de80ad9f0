namespace Maintenance.ModuleTests.Host;

public sealed class HostInterruptionTests
{
    // Leaves a file behind when the handlers of ProcessExit run: a sandbox is removed by one of them.
    private const string Endless = """
        param($Left)
        $expression = [System.Linq.Expressions.Expression]
        $write = $expression::Call([IO.File].GetMethod('WriteAllText', [type[]]([string], [string])), $expression::Constant($Left), $expression::Constant('cleaned'))
        $parameters = [System.Linq.Expressions.ParameterExpression[]]($expression::Parameter([object]), $expression::Parameter([EventArgs]))
        [AppDomain]::CurrentDomain.add_ProcessExit($expression::Lambda([EventHandler], $write, $parameters).Compile())
        'running'
        while ($true) { [System.Threading.Thread]::Sleep(20) }
        """;

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public async Task A_signal_ends_the_pipeline_quietly_and_the_process_tidily(string signal, int expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals.");
        using var script = new ScriptFile(Endless);
        using var host = HostProcess.Start("-File", script.Path, script.Beside("left"));
        await host.SeesAsync("running");
        var sent = TimeProvider.System.GetTimestamp();
        await host.SignalAsync(signal);
        var result = await host.EndAsync();
        Assert.Equal(expected, result.ExitCode);
        Assert.InRange(TimeProvider.System.GetElapsedTime(sent), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Empty(result.Error);
        Assert.Equal(["running"], result.Lines);
        Assert.True(File.Exists(script.Beside("left")));
    }

    [Fact]
    public async Task A_second_signal_does_not_wait_for_what_does_not_stop()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals.");
        using var script = new ScriptFile(Endless.Replace("while ($true) { [System.Threading.Thread]::Sleep(20) }", "[System.Threading.Thread]::Sleep(120000)", StringComparison.Ordinal));
        using var host = HostProcess.Start("-File", script.Path, script.Beside("left"));
        await host.SeesAsync("running");
        // Two that come before the first is taken are one: so people press again.
        var ending = host.EndAsync();
        do
        {
            await host.SignalAsync("INT");
        }
        while (await Task.WhenAny(ending, Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken)) != ending);

        var result = await ending;
        Assert.Equal(130, result.ExitCode);
        Assert.True(File.Exists(script.Beside("left")));
    }
}
