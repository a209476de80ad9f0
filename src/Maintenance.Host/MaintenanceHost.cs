using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Reflection;

namespace Maintenance.Host;

/// <summary>What PowerShell asks of the program that hosts it.</summary>
internal sealed class MaintenanceHost(HostUserInterface userInterface) : PSHost
{
    private int _nestedPromptsToLeave;

    /// <summary>Name and version of the host, and the version of the engine in it.</summary>
    public static string Banner { get; } =
        $"Maintenance {InformationalVersion(typeof(MaintenanceHost))} on PowerShell {InformationalVersion(typeof(PSObject))}";

    /// <summary>The code given to <c>exit</c>, once it was called.</summary>
    public int? RequestedExitCode { get; private set; }

    /// <summary>Runs a prompt inside the running pipeline.</summary>
    public Action? NestedPrompt { get; set; }

    public override string Name => "Maintenance.Host";

    public override Version Version { get; } = typeof(MaintenanceHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => userInterface;

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override void SetShouldExit(int exitCode) => RequestedExitCode = exitCode;

    public override void EnterNestedPrompt() => NestedPrompt?.Invoke();

    public override void ExitNestedPrompt() => _nestedPromptsToLeave++;

    /// <summary>Whether the nested prompt that asks is to end now.</summary>
    public bool LeavesNestedPrompt()
    {
        if (_nestedPromptsToLeave == 0)
        {
            return false;
        }

        _nestedPromptsToLeave--;
        return true;
    }

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    private static string InformationalVersion(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', ' ')[0];
}
