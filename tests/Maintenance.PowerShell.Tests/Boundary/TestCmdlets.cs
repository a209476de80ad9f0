using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Maintenance.Infrastructure;

namespace Maintenance.ModuleTests.Boundary;

/// <summary>What a test cmdlet's background work did, to be looked at after the prompt is back.</summary>
public sealed class WorkLog
{
    public int Written { get; set; }

    public bool Started { get; set; }

    public bool Ended { get; set; }

    public bool Cancelled { get; set; }

    public bool? Confirmed { get; set; }
}

/// <summary>Writes numbers from background work until it is cancelled; winding up takes a while, as ending a statement does.</summary>
[Cmdlet(VerbsDiagnostic.Test, "Stream", SupportsShouldProcess = true)]
public sealed class TestStreamCommand : AsyncCmdlet
{
    [Parameter(Mandatory = true)]
    public WorkLog Log { get; set; } = null!;

    [Parameter]
    public string? Warn { get; set; }

    [Parameter]
    public string? Fail { get; set; }

    [Parameter]
    public SwitchParameter Silent { get; set; }

    [Parameter]
    public SwitchParameter Ask { get; set; }

    [Parameter]
    public int Count { get; set; } = int.MaxValue;

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        try
        {
            Log.Started = true;
            if (Ask)
            {
                Log.Confirmed = await ShouldProcessAsync("the thing", "Change");
            }

            if (Warn is not null)
            {
                await OnPipelineAsync(() => { WriteWarning(Warn); return true; });
            }

            if (Fail is not null)
            {
                throw new MaintenanceException(MaintenanceErrorCode.StoreUnreachable, Fail, "Try this instead.");
            }

            for (var number = 1; number <= Count; number++)
            {
                if (!Silent)
                {
                    await WriteObjectAsync(number);
                    Log.Written = number;
                }

                await Task.Delay(5, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Log.Cancelled = true;
            throw;
        }
        finally
        {
            await Task.Delay(200, CancellationToken.None);
            Log.Ended = true;
        }
    }
}

/// <summary>Stops the commands before it after the first object, as <c>Select-Object -First 1</c> does.</summary>
[Cmdlet(VerbsCommon.Select, "FirstOne")]
public sealed class SelectFirstOneCommand : PSCmdlet
{
    [Parameter(ValueFromPipeline = true)]
    public object? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        WriteObject(InputObject);
        var type = typeof(PSCmdlet).Assembly.GetType("System.Management.Automation.StopUpstreamCommandsException", throwOnError: true)!;
        throw (Exception)Activator.CreateInstance(type, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public, null, [this], null)!;
    }
}

internal static class TestCmdlets
{
    public static void AddTo(InitialSessionState state)
    {
        state.Commands.Add(new SessionStateCmdletEntry("Test-Stream", typeof(TestStreamCommand), null));
        state.Commands.Add(new SessionStateCmdletEntry("Select-FirstOne", typeof(SelectFirstOneCommand), null));
    }
}
