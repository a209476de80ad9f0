using Maintenance.Host;

// The host calls nobody: PowerShell's own telemetry would otherwise be sent at the first import of a module.
if (Environment.GetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT") is null)
{
    Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
}

English.StandInForNoLanguage();

var terminal = new Terminal();

// The tool's package is for Linux and macOS: docs/decisions/0012-packages.md. Without this it would only say that a library is missing.
if (OperatingSystem.IsWindows() && !Directory.Exists(Path.Combine(AppContext.BaseDirectory, "runtimes", "win")))
{
    terminal.WriteErrorLine("maintenance: This tool is for Linux and macOS. On Windows install PowerShell 7.6, and the module Maintenance in it.");
    return ExitCode.Usage;
}

var arguments = HostArguments.Parse(args);
switch (arguments.Action)
{
    case HostAction.Help:
        terminal.WriteLine(HostArguments.Usage);
        return ExitCode.Success;
    case HostAction.Version:
        terminal.WriteLine(MaintenanceHost.Banner);
        return ExitCode.Success;
    case HostAction.Refuse:
        terminal.WriteErrorLine($"maintenance: {arguments.Problem} Try 'maintenance -Help'.");
        return ExitCode.Usage;
    default:
        using (var interruption = new Interruption(terminal))
        {
            return Application.Run(arguments, terminal, interruption);
        }
}
