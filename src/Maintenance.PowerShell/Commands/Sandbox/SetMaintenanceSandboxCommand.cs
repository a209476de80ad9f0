using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Brings trouble to a running sandbox, or takes it away.</summary>
/// <remarks>
/// <para>
/// Use it to try alert rules, repairs and runbooks out: bring a fault, see who notices, mend it or take it away, and see that it is told to be over.
/// What is not given stays as it is.
/// </para>
/// <para>
/// A fault that is taken away is as though it had never been: the requests of the last quarter of an hour have then all succeeded, since nobody wants to
/// wait until the errors are old. The folder FaultPath of the sandbox has an empty file for each fault; a program that deletes the file
/// mends the fault, within two seconds.
/// </para>
/// <para>It works in the session that started the sandbox.</para>
/// <para>Privileges: none. It changes the sandbox that this session started, and nothing outside it.</para>
/// </remarks>
/// <example>
/// <code>Set-MaintenanceSandbox -Fault ErrorSpike; Get-SystemHealth | Test-AlertRule | Where-Object State -eq Firing</code>
/// <para>A quarter of the requests fails from now on, and has for a quarter of an hour; error_rate_critical fires.</para>
/// </example>
/// <example>
/// <code>Set-MaintenanceSandbox -Fault SlowResponses, ConnectionFlood -StubbornFault</code>
/// <para>Brings two faults that come back whatever is done about them, and takes the others away.</para>
/// </example>
/// <example>
/// <code>Set-MaintenanceSandbox -Fault None -NotificationFault None</code>
/// <para>All is well again, and notifications that could not be sent go out with the next one.</para>
/// </example>
/// <seealso cref="StartMaintenanceSandboxCommand"/>
[Cmdlet(VerbsCommon.Set, "MaintenanceSandbox", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(void))]
public sealed class SetMaintenanceSandboxCommand : MaintenanceCmdlet
{
    /// <summary>Ids of the sandboxes, as Start-MaintenanceSandbox returned them. Default: the sandboxes of this process.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SandboxCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <summary>What goes wrong in its system from now on: ErrorSpike, SlowResponses, ConnectionFlood, ComplianceIssues; None takes all away. Default: as it is.</summary>
    [Parameter]
    public SandboxFault[]? Fault { get; set; }

    /// <summary>Lets faults come back whatever is done about them; -StubbornFault:$false lets them be mended. Default: as it is.</summary>
    [Parameter]
    public SwitchParameter StubbornFault { get; set; }

    /// <summary>What the functions do wrong: None, 500, 401, Html, Slow (3 s), Hang, Unhealthy or MissingField. Default: as it is.</summary>
    [Parameter]
    public FunctionFault FunctionFault { get; set; }

    /// <summary>Which functions do it; an empty list for all four. Default: as it is.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FunctionCompleter))]
    [AllowEmptyCollection]
    public string[]? FaultyFunction { get; set; }

    /// <summary>How much longer each answer of a function takes, such as 2s. Default: as it is.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan FunctionLatency { get; set; }

    /// <summary>What the webhooks do wrong: None, 429, 404, 500, Hang or Drop. Default: as it is.</summary>
    [Parameter]
    public NotificationFault NotificationFault { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var id in Id ?? [.. Engine.Sandboxes.List(everyone: false).Select(sandbox => sandbox.Id)])
        {
            try
            {
                if (await ShouldProcessAsync(id, "Change what goes wrong in the sandbox"))
                {
                    await Engine.Sandboxes.ChangeAsync(id, Changes(), cancellationToken);
                }
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, id);
            }
        }
    }

    private SandboxChanges Changes() => new()
    {
        Faults = Fault,
        StubbornFaults = IsGiven(nameof(StubbornFault)) ? StubbornFault.ToBool() : null,
        FunctionFault = IsGiven(nameof(FunctionFault)) ? FunctionFault : null,
        FaultyFunctions = FaultyFunction,
        FunctionLatency = IsGiven(nameof(FunctionLatency)) ? FunctionLatency : null,
        NotificationFault = IsGiven(nameof(NotificationFault)) ? NotificationFault : null,
    };

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
