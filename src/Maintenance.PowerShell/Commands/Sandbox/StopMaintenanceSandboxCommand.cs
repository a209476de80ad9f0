using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Stops sandboxes and removes everything of them.</summary>
/// <remarks>
/// <para>
/// A sandbox ends by itself with the process that started it; use this cmdlet to end it earlier, or to end a detached one.
/// Without parameters it stops the sandboxes that this process started, and clears away those that crashed processes left.
/// </para>
/// <para>
/// Only sandboxes of the same user on the same machine can be stopped. Their servers, data, backups and history are removed;
/// a process is ended only after it was verified to belong to the sandbox. The target is disconnected from this session.
/// </para>
/// <para>Privileges: none but to be the user who started them. It changes nothing outside sandboxes: their servers, data, backups and history are removed
/// for good.</para>
/// </remarks>
/// <example>
/// <code>Stop-MaintenanceSandbox</code>
/// <para>Stops the sandboxes of this process.</para>
/// </example>
/// <example>
/// <code>$sandbox | Stop-MaintenanceSandbox</code>
/// <para>Stops one sandbox, which Start-MaintenanceSandbox has returned.</para>
/// </example>
/// <example>
/// <code>Stop-MaintenanceSandbox -All -WhatIf</code>
/// <para>Shows which sandboxes of this user run on this machine, detached ones and those of other processes included, and stops none.</para>
/// </example>
/// <seealso cref="StartMaintenanceSandboxCommand"/>
/// <seealso cref="SetMaintenanceSandboxCommand"/>
[Cmdlet(VerbsLifecycle.Stop, "MaintenanceSandbox", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = "Own")]
[OutputType(typeof(void))]
public sealed class StopMaintenanceSandboxCommand : MaintenanceCmdlet
{
    /// <summary>Ids of the sandboxes, as Start-MaintenanceSandbox returned them. Default: the sandboxes of this process.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "Id")]
    [ArgumentCompleter(typeof(SandboxCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <summary>Stops all sandboxes of this user on this machine, whichever process started them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "All")]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Id is null)
        {
            foreach (var sandbox in Engine.Sandboxes.List(everyone: All))
            {
                await StopAsync(sandbox, cancellationToken);
            }

            return;
        }

        foreach (var id in Id)
        {
            try
            {
                await StopAsync(Engine.Sandboxes.Get(id), cancellationToken);
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, id);
            }
        }
    }

    private async Task StopAsync(MaintenanceSandbox sandbox, CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync($"{sandbox.Id} ({sandbox.Target.Name}, PostgreSQL {sandbox.PostgresVersion})", "Stop the sandbox and remove all of it"))
        {
            return;
        }

        // Several targets may be connected under one name over time; only this sandbox's own has its port.
        if (Session.TryGet(sandbox.Target.Name, out var connected) && connected.Origin == sandbox.Target.Origin && connected.Database?.Port == sandbox.Port)
        {
            await Session.DisconnectAsync(connected);
        }

        await Engine.Sandboxes.StopAsync(sandbox.Id, Call, cancellationToken);
    }
}
