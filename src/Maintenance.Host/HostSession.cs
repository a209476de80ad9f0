using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;
using PS = System.Management.Automation.PowerShell;

namespace Maintenance.Host;

/// <summary>Opens the runspace of the host, with the module that lies beside the executable.</summary>
internal static class HostSession
{
    public static string ModulesFolder { get; } = Path.Combine(AppContext.BaseDirectory, "Modules");

    public static string ManifestPath { get; } = Path.Combine(ModulesFolder, "Maintenance", "Maintenance.psd1");

    public static Runspace Open(MaintenanceHost host)
    {
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            // What pwsh ships with; without its configuration file the engine would refuse every script. Group policy still wins.
            state.ExecutionPolicy = ExecutionPolicy.RemoteSigned;
        }

        var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();

        // In front of what opening has put there, so that 'Import-Module Maintenance' and '#requires -Modules Maintenance' mean this very module.
        Environment.SetEnvironmentVariable(
            "PSModulePath",
            string.Join(Path.PathSeparator, new[] { ModulesFolder, Environment.GetEnvironmentVariable("PSModulePath") }.Where(path => !string.IsNullOrEmpty(path))));
        return runspace;
    }

    /// <summary>Imports the module; null, or the reason why it could not be imported.</summary>
    public static string? ImportModule(Runspace runspace)
    {
        if (!File.Exists(ManifestPath))
        {
            return $"There is no module at '{ManifestPath}'. Reinstall the tool, or build the host again.";
        }

        using var shell = PS.Create();
        shell.Runspace = runspace;
        shell.AddCommand("Import-Module").AddParameter("Name", ManifestPath).AddParameter("ErrorAction", ActionPreference.Stop);
        try
        {
            shell.Invoke();
            return null;
        }
        catch (RuntimeException exception)
        {
            return $"The module at '{ManifestPath}' could not be imported: {exception.Message}";
        }
    }
}
