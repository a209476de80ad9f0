using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Stops sessions of a PostgreSQL server: cancels their statement, and ends them if that does not help.</summary>
/// <remarks>
/// <para>Use it to let others go on whom a session blocks, or to end transactions that were left open. By default the statement is
/// cancelled first, which leaves the client connected; if the transaction is still open after -Grace, the session is ended. A session
/// that is idle in a transaction has no statement to cancel, and is ended at once. Its work since the transaction began is rolled back.</para>
/// <para>With Get-DbSession -Blocking in front, only root blockers are stopped. The others of a tree are victims: they go on once
/// their blocker is gone, so they are skipped, unless -ProcessId names them or -Force is given.</para>
/// <para>A process number is used again by the server. Each signal is sent by the very statement that checks that the process is still
/// the session that connected at that moment, and for sessions from the pipeline, that it is still in the transaction in which it was
/// seen. What has moved on since is left alone (AlreadyGone).</para>
/// <para>Refused unless -Force: sessions of superusers, of replication, base backups, autovacuum against transaction wraparound, and other
/// runs of this module. Never stopped: this module's own sessions, processes of the server's own, and prepared transactions, for
/// which the result names the command that ends them.</para>
/// <para>The result is measured: whether the session is gone or its transaction over, and how many of those that waited for it wait no
/// longer. Ctrl+C during the grace leaves the session alive.</para>
/// <para>Privileges: pg_monitor to see who it is, and pg_signal_backend, or membership in the session's role; for superusers' sessions a superuser; for
/// autovacuum a superuser, or pg_signal_autovacuum_worker (PostgreSQL 18). It changes nothing but that sessions end: what a session had not committed is
/// rolled back.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30, and what -Grace gives</default>
/// <example>
/// <code>Get-DbSession -Blocking | Stop-DbSession -WhatIf</code>
/// <para>Shows what would be done to whom, and does nothing.</para>
/// </example>
/// <example>
/// <code>Get-DbSession -Blocking | Stop-DbSession -Confirm:$false</code>
/// <para>Stops all root blockers without asking.</para>
/// </example>
/// <example>
/// <code>Get-DbSession -IdleInTransaction -OlderThan 1h | Stop-DbSession</code>
/// <para>Ends transactions that have been idle for an hour, and asks for each.</para>
/// </example>
/// <example>
/// <code>Stop-DbSession -ProcessId 4711 -Mode Cancel -Grace 30s</code>
/// <para>Cancels what one session runs, and never ends the session.</para>
/// </example>
/// <seealso cref="GetDbSessionCommand"/>
[Cmdlet(VerbsLifecycle.Stop, "DbSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = SessionSet)]
[OutputType(typeof(DbSessionStop))]
public sealed class StopDbSessionCommand : MaintenanceCmdlet
{
    private const string SessionSet = "Session";
    private const string ProcessSet = "Process";

    /// <summary>Sessions, from Get-DbSession.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = SessionSet)]
    [ValidateNotNullOrEmpty]
    [Kept]
    public DbSession[]? InputObject { get; set; }

    /// <summary>Numbers of server processes. They are stopped even if they are victims of others.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ProcessSet)]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateRange(1, int.MaxValue)]
    public int[]? ProcessId { get; set; }

    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last.</summary>
    [Parameter(ParameterSetName = ProcessSet)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>How to stop them. Default: CancelThenTerminate.</summary>
    [Parameter]
    public DbSessionStopMode Mode { get; set; }

    /// <summary>How long a cancelled statement may take to end before the session is ended, at most an hour: a TimeSpan, 30s or 00:00:30. Default: 5 seconds.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Stops protected sessions and victims too, but never what is never stopped. Still asks. Default: they are left alone.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        if (Grace < TimeSpan.Zero || Grace > TimeSpan.FromHours(1))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "-Grace takes a duration of at most an hour.", "For example: -Grace 30s.");
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var session in InputObject ?? [])
        {
            await StopAsync(new TargetArgument(session.Target), Request(session.ProcessId, session), session, cancellationToken);
        }

        foreach (var target in ProcessId is null ? [] : Session.OrCurrent(Target))
        {
            foreach (var process in ProcessId!)
            {
                await StopAsync(target, Request(process, null), process, cancellationToken);
            }
        }
    }

    private DbSessionStopRequest Request(int processId, DbSession? seen) =>
        new() { ProcessId = processId, Seen = seen, Mode = Mode, Grace = Grace, Force = Force };

    private async Task StopAsync(TargetArgument argument, DbSessionStopRequest request, object item, CancellationToken cancellationToken)
    {
        try
        {
            var target = argument.Resolve(Session);
            var plan = await Engine.SessionTerminator.PlanAsync(target, request, Call, cancellationToken);
            if (plan.Decided is not null || await ShouldProcessAsync(plan.Description, plan.Action))
            {
                await WriteObjectAsync(await Engine.SessionTerminator.ExecuteAsync(target, plan, Call, cancellationToken));
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, item);
        }
    }
}
