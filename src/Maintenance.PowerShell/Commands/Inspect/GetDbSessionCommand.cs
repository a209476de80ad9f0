using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Gets the sessions of a PostgreSQL server: what each does, for whom it waits, and who waits for it.</summary>
/// <remarks>
/// <para>Use it when something hangs. With -Blocking it shows the blocking trees alone: each root blocker, the one with the most
/// victims first, followed by those that wait for it, indented. Root blockers can be sessions, prepared transactions (process 0)
/// or autovacuum. A waiter for ACCESS EXCLUSIVE behind whom others queue is marked: it stops the table for everybody although it holds
/// nothing.</para>
/// <para>Who blocks whom is the server's own word (pg_blocking_pids): holders of a lock, and those who stand before in the queue for
/// it (QueuedBehind). VictimWait of a root blocker is how long the sessions that it alone keeps waiting have waited: what ending it
/// would put an end to.</para>
/// <para>One look misses waits that are short. With -Burst the server is looked at about ten times a second for a while, over one
/// connection; Samples says in how many of SampleCount looks a session blocked or was blocked, and the row shows its worst moment.</para>
/// <para>Sessions of all databases of the server are shown, and the module's own session never. Tables are named where they lie in the
/// target's database; in others they have their identifier alone. Statements are shown without literals and comments.</para>
/// <para>Privileges: pg_monitor. Without it sessions of other roles have the state Unknown, and a warning says what to grant; who blocks whom is visible
/// to everyone. It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30, and what -Burst takes</default>
/// <example>
/// <code>Get-DbSession -Blocking</code>
/// <para>Shows who blocks whom, roots first.</para>
/// </example>
/// <example>
/// <code>Get-DbSession -IdleInTransaction -OlderThan 5m</code>
/// <para>Shows who has held a transaction open without doing anything for five minutes. XminAge says what that costs: dead rows
/// younger than so many transactions cannot be removed.</para>
/// </example>
/// <example>
/// <code>Get-DbSession -Burst 5s | Where-Object IsRootBlocker</code>
/// <para>Catches root blockers of short waits during five seconds.</para>
/// </example>
/// <example>
/// <code>Get-DbSession -Blocking | Stop-DbSession -WhatIf</code>
/// <para>Shows which sessions would be stopped to let the others go on.</para>
/// </example>
/// <example>
/// <code>Get-DbSession -Summary</code>
/// <para>Shows how many connections are in use and left: of the server, and of databases and roles with a limit of their own.</para>
/// </example>
/// <seealso cref="StopDbSessionCommand"/>
/// <seealso cref="GetDbHealthCommand"/>
[Cmdlet(VerbsCommon.Get, "DbSession", DefaultParameterSetName = ListSet)]
[OutputType(typeof(DbSession), typeof(DbConnectionHeadroom))]
public sealed class GetDbSessionCommand : TargetCmdlet
{
    private const string ListSet = "List";

    /// <summary>Only root blockers and those that wait for them. Default: everybody.</summary>
    [Parameter(ParameterSetName = ListSet)]
    public SwitchParameter Blocking { get; set; }

    /// <summary>Only sessions that are idle inside a transaction. Default: everybody.</summary>
    [Parameter(ParameterSetName = ListSet)]
    public SwitchParameter IdleInTransaction { get; set; }

    /// <summary>Only sessions that have been in their state for at least so long: a TimeSpan, 5m or 00:05:00. Default: no limit.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? OlderThan { get; set; }

    /// <summary>Only sessions in these states. Default: all.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ValidateNotNullOrEmpty]
    public DbSessionState[] State { get; set; } = [];

    /// <summary>Only sessions of these roles; no wildcards, capitals matter. Default: all.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ArgumentCompleter(typeof(SessionRoleCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Role { get; set; } = [];

    /// <summary>Only these server processes, of whatever kind. Default: all.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateRange(0, int.MaxValue)]
    public int[] ProcessId { get; set; } = [];

    /// <summary>Processes of the server's own too: checkpointer, autovacuum, senders of WAL, parallel workers. Default: sessions of clients, and whoever blocks or is blocked.</summary>
    [Parameter(ParameterSetName = ListSet)]
    public SwitchParameter All { get; set; }

    /// <summary>Looks about ten times a second for so long (10s, 1m or a TimeSpan, at most an hour), and gets whoever blocked or was blocked at any moment. Default: one look.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? Burst { get; set; }

    /// <summary>Gets how many connections are in use and left, instead of sessions. Default: sessions.</summary>
    [Parameter(ParameterSetName = "Summary", Mandatory = true)]
    public SwitchParameter Summary { get; set; }

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        if (Burst is { } burst && (burst <= TimeSpan.Zero || burst > TimeSpan.FromHours(1)))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "-Burst takes a duration of more than nothing and at most an hour.", "For example: -Burst 10s.");
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        if (Summary)
        {
            foreach (var headroom in await Engine.Sessions.ReadHeadroomAsync(target, Call, cancellationToken))
            {
                await WriteObjectAsync(headroom);
            }

            return;
        }

        var query = new DbSessionQuery
        {
            All = All,
            Blocking = Blocking,
            IdleInTransaction = IdleInTransaction,
            OlderThan = OlderThan,
            States = State,
            Roles = Role,
            ProcessIds = ProcessId,
            Burst = Burst,
        };
        foreach (var session in await Engine.Sessions.ReadAsync(target, query, Call, cancellationToken))
        {
            await WriteObjectAsync(session);
        }
    }
}
