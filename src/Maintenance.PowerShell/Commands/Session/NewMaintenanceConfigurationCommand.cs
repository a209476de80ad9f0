using System.Management.Automation;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Writes a configuration file to start from.</summary>
/// <remarks>
/// <para>Use it once per system or fleet, then change the file in an editor. The JSON schema is written beside it as maintenance.schema.json, so that editors complete names, show what they mean and mark mistakes.</para>
/// <para>Privileges: writing to the folder. It changes nothing but the two files, which only their owner can read, and replaces no configuration without
/// -Force.</para>
/// </remarks>
/// <example>
/// <code>New-MaintenanceConfiguration</code>
/// <para>Writes maintenance.json to the current folder.</para>
/// </example>
/// <example>
/// <code>New-MaintenanceConfiguration -Path ~/.config/maintenance/maintenance.json</code>
/// <para>Writes the user's own configuration, which is found from every folder.</para>
/// </example>
/// <example>
/// <code>New-MaintenanceConfiguration ./staging.json -Force | Test-MaintenanceConfiguration</code>
/// <para>Writes a file, replacing one that may be there, and checks it.</para>
/// </example>
/// <seealso cref="TestMaintenanceConfigurationCommand"/>
/// <seealso cref="ConnectMaintenanceTargetCommand"/>
[Cmdlet(VerbsCommon.New, "MaintenanceConfiguration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(FileInfo))]
public sealed class NewMaintenanceConfigurationCommand : MaintenanceCmdlet
{
    /// <summary>The file to write. Default: ./maintenance.json.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "maintenance.json";

    /// <summary>Replaces a file that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var path = await OnPipelineAsync(() => ResolvePath(Path));
        if (await ShouldProcessAsync(path, "Write a starter configuration"))
        {
            await Engine.Configuration.WriteStarterAsync(path, Force, cancellationToken);
            await WriteFileAsync(path);
        }
    }
}
