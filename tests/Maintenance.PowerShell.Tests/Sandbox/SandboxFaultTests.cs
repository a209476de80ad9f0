namespace Maintenance.ModuleTests.Sandbox;

/// <summary>Faults as users bring them, and what a session does about them.</summary>
public sealed class SandboxFaultTests : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private MaintenanceSandbox? _sandbox;

    public void Dispose()
    {
        // By its id: without one, all sandboxes of this process are meant, and other tests have theirs.
        if (_sandbox is not null)
        {
            _runspace.Invoke("$sandbox | Stop-MaintenanceSandbox -Confirm:$false", ("sandbox", _sandbox));
        }

        _runspace.Dispose();
    }

    [Fact]
    public void A_bad_day_is_told_once_and_its_end_once()
    {
        var sandbox = Start("-Name bad -Fault ErrorSpike, SlowResponses, ConnectionFlood");
        Assert.Equal([SandboxFault.ErrorSpike, SandboxFault.SlowResponses, SandboxFault.ConnectionFlood], sandbox.Faults);
        var told = Send();
        Assert.Contains(told, result => result is { Channel: "Emergency", State: NotificationState.Delivered } && result.Title.Contains("firing", StringComparison.Ordinal));
        Assert.Empty(Send());

        Change("-Fault None");
        Assert.Contains(Send(), result => result.Channel == "Emergency");
        Assert.Empty(Send());
    }

    [Fact]
    public void What_would_be_repaired_is_shown_and_nothing_is_done_then_it_is_done_and_measured()
    {
        var sandbox = Start("-Name slow -Fault SlowResponses");
        Assert.Empty(Repair("-WhatIf"));
        Assert.Equal([SandboxFault.SlowResponses], Faults(sandbox));

        var repair = Assert.Single(Repair("-Confirm:$false"));
        Assert.Equal(RepairState.Resolved, repair.State);
        Assert.Empty(Faults(sandbox));

        Change("-Fault SlowResponses -StubbornFault -WhatIf");
        Assert.Empty(Faults(sandbox));
        Change("-Fault SlowResponses -StubbornFault");
        Assert.Equal(RepairState.NotResolved, Assert.Single(Repair("-Confirm:$false")).State);
        Assert.Equal([SandboxFault.SlowResponses], Faults(sandbox));
    }

    [Fact]
    public void Webhooks_that_fail_are_mended_while_it_runs_and_what_waits_goes_out_then()
    {
        var sandbox = Start("-Name deaf -Fault ErrorSpike -NotificationFault 500");
        Assert.All(Send(), result => Assert.NotEqual(NotificationState.Delivered, result.State));
        Change("-NotificationFault None -Fault None");
        // The end goes out, and before it what it is the end of.
        Send();
        Assert.Contains(Directory.GetFiles(sandbox.NotificationPath!).Select(File.ReadAllText), message => message.Contains("error_rate_critical", StringComparison.Ordinal));
    }

    [Fact]
    public void Faults_of_an_unknown_or_detached_sandbox_cannot_be_changed()
    {
        Assert.Equal(
            "SandboxNotFound,Maintenance.Commands.SetMaintenanceSandboxCommand",
            Assert.Single(_runspace.Run("Set-MaintenanceSandbox -Id 'no such' -Fault None").Errors).FullyQualifiedErrorId);
        Assert.Equal(
            "InvalidArgument,Maintenance.Commands.StartMaintenanceSandboxCommand",
            Assert.Single(_runspace.Run("Start-MaintenanceSandbox -Detached -Fault ErrorSpike").Errors).FullyQualifiedErrorId);
    }

    private MaintenanceSandbox Start(string arguments) => _sandbox = (MaintenanceSandbox)_runspace.Invoke($"Start-MaintenanceSandbox {arguments}").Single().BaseObject;

    private void Change(string arguments) => _runspace.Invoke($"$sandbox | Set-MaintenanceSandbox {arguments}", ("sandbox", _sandbox!));

    private NotificationResult[] Send() => [.. _runspace.Invoke("Get-SystemHealth | Test-AlertRule | Send-MaintenanceNotification").Select(item => (NotificationResult)item.BaseObject)];

    private SystemRepair[] Repair(string how) => [.. _runspace.Invoke($"Find-SystemIssue -Id ISSUE-SLOW-RESPONSES | Repair-SystemIssue {how}").Select(item => (SystemRepair)item.BaseObject)];

    private static SandboxFault[] Faults(MaintenanceSandbox sandbox) => [.. Enum.GetValues<SandboxFault>().Where(fault => File.Exists(Path.Combine(sandbox.FaultPath!, fault.ToString())))];
}
