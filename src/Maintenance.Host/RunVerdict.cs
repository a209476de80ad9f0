using System.Management.Automation;

namespace Maintenance.Host;

/// <summary>The worst of the maintenance runs that a script has made and put out.</summary>
/// <remarks>Reads runs by the name of their type: the host knows no assembly of the module.</remarks>
internal sealed class RunVerdict
{
    // What Invoke-MaintenanceTask calls its result. Runs that are only read, from the history, say nothing about this script.
    private const string RunType = "Maintenance.MaintenanceRun#Result";
    private const int CouldNotDetermine = 3;

    // From best to worst: what could not be determined may hide anything but what was found critical.
    private static readonly int[] FromBestToWorst = [0, 1, CouldNotDetermine, 2];

    /// <summary>0 when there was no run.</summary>
    public int ExitCode { get; private set; }

    public void Consider(PSObject? output)
    {
        if (output is null || !output.TypeNames.Contains(RunType))
        {
            return;
        }

        var code = output.Properties["ExitCode"]?.Value is int known && FromBestToWorst.Contains(known) ? known : CouldNotDetermine;
        if (Array.IndexOf(FromBestToWorst, code) > Array.IndexOf(FromBestToWorst, ExitCode))
        {
            ExitCode = code;
        }
    }
}
