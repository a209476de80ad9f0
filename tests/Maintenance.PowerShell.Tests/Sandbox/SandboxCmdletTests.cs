using Maintenance.TestSupport;

namespace Maintenance.ModuleTests.Sandbox;

public sealed class SandboxCmdletTests
{
    [Fact]
    public void Starting_connects_it_and_stopping_disconnects_it()
    {
        using var runspace = new ModuleRunspace();
        var sandbox = Assert.IsType<MaintenanceSandbox>(runspace.Invoke("Start-MaintenanceSandbox -Name first -Scale 0").Single().BaseObject);
        Assert.Equal(["first"], runspace.Invoke("(Get-MaintenanceTarget).Name").Select(name => name.ToString()));
        runspace.Invoke("$sandbox | Stop-MaintenanceSandbox", ("sandbox", sandbox));
        Assert.Empty(runspace.Invoke("Get-MaintenanceTarget -ErrorAction Ignore"));
        Assert.Empty(SandboxRemains.Of(sandbox.Id));
    }

    [Fact]
    public void WhatIf_starts_and_stops_nothing()
    {
        using var runspace = new ModuleRunspace();
        Assert.Empty(runspace.Invoke("Start-MaintenanceSandbox -Name imagined -Azurite -WhatIf"));
        var sandbox = (MaintenanceSandbox)runspace.Invoke("Start-MaintenanceSandbox -Name real -Scale 0").Single().BaseObject;
        runspace.Invoke("Stop-MaintenanceSandbox -WhatIf; Stop-MaintenanceSandbox -All -WhatIf; $sandbox | Stop-MaintenanceSandbox -WhatIf", ("sandbox", sandbox));
        Assert.NotEmpty(SandboxRemains.Of(sandbox.Id));
        runspace.Invoke("$sandbox | Stop-MaintenanceSandbox", ("sandbox", sandbox));
    }

    [Fact]
    public void Progress_is_shown_and_ended()
    {
        using var runspace = new ModuleRunspace();
        var result = runspace.Run("Start-MaintenanceSandbox -Name shown -Scale 0 | Stop-MaintenanceSandbox");
        Assert.Null(result.Terminating);
        var own = result.Progress.Where(record => record.Activity == "Starting the sandbox").ToList();
        Assert.True(own.Count > 1);
        Assert.Equal(System.Management.Automation.ProgressRecordType.Completed, own[^1].RecordType);
    }

    [Theory]
    [InlineData("Start-MaintenanceSandbox -PostgresPath ./nowhere", "SandboxBinariesNotFound,Maintenance.Commands.StartMaintenanceSandboxCommand")]
    [InlineData("Start-MaintenanceSandbox -PostgresVersion 98", "SandboxBinariesNotFound,Maintenance.Commands.StartMaintenanceSandboxCommand")]
    [InlineData("Start-MaintenanceSandbox -TimeoutSeconds 1 -Scale 1000", "DeadlineExceeded,Maintenance.Commands.StartMaintenanceSandboxCommand")]
    public void A_start_that_cannot_succeed_ends_the_command(string script, string errorId)
    {
        using var runspace = new ModuleRunspace();
        var result = runspace.Run(script);
        var error = Assert.Single(result.Errors);
        Assert.Equal(errorId, error.FullyQualifiedErrorId);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Empty(result.Output);
        Assert.Empty(runspace.Invoke("Get-MaintenanceTarget -ErrorAction Ignore"));
    }

    [Fact]
    public void An_unknown_id_is_an_error_and_the_others_are_still_stopped()
    {
        using var runspace = new ModuleRunspace();
        var sandbox = (MaintenanceSandbox)runspace.Invoke("Start-MaintenanceSandbox -Name known -Scale 0").Single().BaseObject;
        var result = runspace.Run("Stop-MaintenanceSandbox -Id 'no such', $id", ("id", sandbox.Id));
        Assert.Equal("SandboxNotFound,Maintenance.Commands.StopMaintenanceSandboxCommand", Assert.Single(result.Errors).FullyQualifiedErrorId);
        Assert.Equal("no such", result.Errors[0].TargetObject);
        Assert.Empty(SandboxRemains.Of(sandbox.Id));
    }

    [Fact]
    public void Only_a_detached_one_can_be_connected_by_its_id()
    {
        using var runspace = new ModuleRunspace();
        var result = runspace.Run("$s = Start-MaintenanceSandbox -Name attached -Scale 0; Connect-MaintenanceTarget -Sandbox $s.Id; $s | Stop-MaintenanceSandbox");
        Assert.Equal("InvalidArgument,Maintenance.Commands.ConnectMaintenanceTargetCommand", Assert.Single(result.Errors).FullyQualifiedErrorId);
    }

    [Fact]
    public async Task Ctrl_C_during_the_start_leaves_nothing_and_says_nothing()
    {
        using var runspace = new ModuleRunspace();
        using var shell = runspace.Create("Start-MaintenanceSandbox -Name interrupted");
        var running = shell.BeginInvoke();
        while (RecordOf("interrupted") is null)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        shell.Stop();
        Assert.ThrowsAny<System.Management.Automation.PipelineStoppedException>(() => shell.EndInvoke(running));
        Assert.Empty(shell.Streams.Error);
        Assert.Null(RecordOf("interrupted"));
    }

    private static string? RecordOf(string name) => SandboxRemains.RecordContaining($"\"Name\": \"{name}\"");
}
