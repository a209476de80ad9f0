using System.Management.Automation;

namespace Maintenance.Formatting;

/// <summary>A run as its own caller gets it.</summary>
internal static class RunResult
{
    /// <summary>The run, to be shown whole: whoever starts a run wants to read all of it, while runs from the history are a table.</summary>
    public static PSObject Of(MaintenanceRun run)
    {
        var result = new PSObject(run);
        result.TypeNames.Insert(0, "Maintenance.MaintenanceRun#Result");
        return result;
    }
}
