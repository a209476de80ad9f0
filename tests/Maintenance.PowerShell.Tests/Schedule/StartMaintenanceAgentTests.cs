namespace Maintenance.ModuleTests.Schedule;

/// <summary>Start-MaintenanceAgent, as scripts use it.</summary>
public sealed class StartMaintenanceAgentTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private MaintenanceTarget Target => fixture.Sandbox.Target with { History = new HistorySettings { Path = Path.Combine(_folder, "history.db") } };

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_same_target_twice_is_one()
    {
        var result = Run("$target, $target | Start-MaintenanceAgent -Task LogRotation -Duration 1s");
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
    }

    [Theory]
    [InlineData("-JobStore nope", "TargetNotFound")]
    [InlineData("-Cluster operations", "InvalidArgument")]
    [InlineData("-Task Nope*", "TaskNotFound")]
    [InlineData("-Task Nope", "TaskNotFound")]
    [InlineData("-Task Daily", "NotConfigured")]
    [InlineData("-TimeScale 0.5", "InvalidArgument")]
    [InlineData("-TimeScale ([double]::NaN)", "InvalidArgument")]
    public void What_cannot_be_is_an_error_that_says_what_to_do(string arguments, string code)
    {
        var problem = Assert.Single(Run($"Start-MaintenanceAgent -Target $target -Duration 1s {arguments}").Errors);
        Assert.StartsWith($"{code},", problem.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.NotEmpty(problem.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void Patterns_name_what_is_scheduled()
    {
        var result = Run("Start-MaintenanceAgent -Target $target -Task LogR* -TimeScale 4000 -Duration 4s");
        Assert.Null(result.Terminating);
        Assert.All(result.Output, run => Assert.Equal("LogRotation", ((MaintenanceRun)run.BaseObject).Task));
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public void The_whole_call_ends_in_its_time()
    {
        // Else it would go on until somebody ends it.
        var result = Run("Start-MaintenanceAgent -Target $target -Task LogRotation -TimeoutSeconds 3");
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
    }

    private ScriptResult Run(string script) => _runspace.Run(script, ("target", Target));
}
