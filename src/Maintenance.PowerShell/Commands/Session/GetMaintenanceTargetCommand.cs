using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Lists the targets that are connected in this session, or those of the configuration file.</summary>
/// <remarks>
/// <para>Use it to see what other cmdlets will work on, or to send a fleet of targets down a pipeline.</para>
/// <para>Privileges: none, and no connection is opened. It changes nothing. Secrets appear as references only.</para>
/// </remarks>
/// <example>
/// <code>Get-MaintenanceTarget</code>
/// <para>Lists the connected targets.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget -ListAvailable</code>
/// <para>Lists the targets of the configuration file, connected or not.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget prod* | Invoke-MaintenanceTask Daily</code>
/// <para>Runs the daily task on every connected target whose name begins with 'prod'.</para>
/// </example>
/// <seealso cref="ConnectMaintenanceTargetCommand"/>
/// <seealso cref="DisconnectMaintenanceTargetCommand"/>
[Cmdlet(VerbsCommon.Get, "MaintenanceTarget", DefaultParameterSetName = ConnectedSet)]
[OutputType(typeof(MaintenanceTarget))]
public sealed class GetMaintenanceTargetCommand : MaintenanceCmdlet
{
    private const string ConnectedSet = "Connected";
    private const string AvailableSet = "Available";

    /// <summary>Names of targets; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(MaintenanceTargetNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Lists the targets of the configuration file instead of the connected ones.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AvailableSet)]
    public SwitchParameter ListAvailable { get; set; }

    /// <summary>The configuration file. Default: $env:MAINTENANCE_CONFIG, ./maintenance.json, ~/.config/maintenance/maintenance.json.</summary>
    [Parameter(ParameterSetName = AvailableSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var targets = ListAvailable ? await AvailableAsync(cancellationToken) : Session.Targets;
        foreach (var name in Name)
        {
            var fits = Wildcards.Matcher(name);
            var matching = targets.Where(target => fits(target.Name)).ToList();
            foreach (var target in matching)
            {
                await WriteObjectAsync(target);
            }

            if (matching.Count == 0 && Wildcards.IsPlain(name))
            {
                await WriteErrorAsync(NotFound(name, targets), name);
            }
        }
    }

    private async Task<IReadOnlyCollection<MaintenanceTarget>> AvailableAsync(CancellationToken cancellationToken)
    {
        var request = await OnPipelineAsync(() => new TargetRequest
        {
            Path = Path is null ? null : ResolvePath(Path),
            CurrentFolder = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
            All = true,
        });
        return await Engine.Configuration.ResolveAsync(request, Call, cancellationToken);
    }

    private MaintenanceException NotFound(string name, IReadOnlyCollection<MaintenanceTarget> targets) => new(
        MaintenanceErrorCode.TargetNotFound,
        ListAvailable ? $"The configuration describes no target '{name}'." : $"No target named '{name}' is connected in this session.",
        targets.Count > 0 ? $"There are: {string.Join(", ", targets)}." : $"Connect it first: Connect-MaintenanceTarget '{name}'.");
}
