using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Checks a configuration file and names each problem by its place in the file.</summary>
/// <remarks>
/// <para>Use it after every change of the file, and in continuous integration with -Quiet. IsValid is the decisive property: warnings leave it true.</para>
/// <para>With -Connect it also connects to each target and tells, per cmdlet, which privilege the role lacks and the GRANT that gives it.</para>
/// <para>Problems never quote the file's values, which may be secrets by mistake.</para>
/// <para>Privileges: reading the file; with -Connect, CONNECT on each database. It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30 for each target</default>
/// <example>
/// <code>(Test-MaintenanceConfiguration).Problems</code>
/// <para>Lists what is wrong with the configuration file: line, place and what would be right.</para>
/// </example>
/// <example>
/// <code>(Test-MaintenanceConfiguration -Name production -Connect).MissingPrivileges</code>
/// <para>Connects to the target 'production' and lists what its role lacks, with the statements that give it.</para>
/// </example>
/// <example>
/// <code>if (-not (Test-MaintenanceConfiguration ./maintenance.json -Quiet)) { exit 1 }</code>
/// <para>Ends a script if the file cannot be used.</para>
/// </example>
/// <seealso cref="NewMaintenanceConfigurationCommand"/>
/// <seealso cref="ConnectMaintenanceTargetCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "MaintenanceConfiguration")]
[OutputType(typeof(ConfigurationTestResult), typeof(bool))]
public sealed class TestMaintenanceConfigurationCommand : MaintenanceCmdlet
{
    /// <summary>The configuration file. Default: $env:MAINTENANCE_CONFIG, ./maintenance.json, ~/.config/maintenance/maintenance.json.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The one target to check, besides what concerns the whole file. Default: all.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MaintenanceTargetNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Also connects to the targets and finds out which privileges are missing.</summary>
    [Parameter]
    public SwitchParameter Connect { get; set; }

    /// <summary>Returns true or false instead of the result.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var request = await OnPipelineAsync(() => new TargetRequest
        {
            Path = Path is null ? null : ResolvePath(Path),
            CurrentFolder = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
            Name = Name,
        });
        try
        {
            var result = await Engine.Configuration.TestAsync(request, Connect, Call, cancellationToken);
            await WriteObjectAsync(Quiet ? result.IsValid : result);
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, Path);
        }
    }
}
