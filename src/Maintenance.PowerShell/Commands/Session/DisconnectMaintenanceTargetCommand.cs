using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Forgets connected targets and closes their connections.</summary>
/// <remarks>
/// <para>Use it when a secret or a setting has changed, or to make sure that later commands cannot reach a system by mistake. A session that ends disconnects by itself.</para>
/// <para>Privileges: none. It changes nothing on the server, and closes idle connections of this session only.</para>
/// </remarks>
/// <example>
/// <code>Disconnect-MaintenanceTarget</code>
/// <para>Disconnects the target connected last.</para>
/// </example>
/// <example>
/// <code>Disconnect-MaintenanceTarget production</code>
/// <para>Disconnects the target 'production'.</para>
/// </example>
/// <example>
/// <code>Disconnect-MaintenanceTarget -All</code>
/// <para>Disconnects every target.</para>
/// </example>
/// <seealso cref="ConnectMaintenanceTargetCommand"/>
/// <seealso cref="GetMaintenanceTargetCommand"/>
[Cmdlet(VerbsCommunications.Disconnect, "MaintenanceTarget", DefaultParameterSetName = TargetSet)]
[OutputType(typeof(void))]
public sealed class DisconnectMaintenanceTargetCommand : MaintenanceCmdlet
{
    private const string TargetSet = "Target";
    private const string AllSet = "All";

    /// <summary>The targets to disconnect. Default: the one connected last.</summary>
    [Parameter(Position = 0, ParameterSetName = TargetSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <summary>Disconnects every target of this session.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AllSet)]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        TargetArgument[] arguments = All ? [.. Session.Targets.Select(target => new TargetArgument(target))]
            : Target ?? (Session.Current is { } current ? [new TargetArgument(current)] : []);
        foreach (var argument in arguments)
        {
            try
            {
                await Session.DisconnectAsync(argument.Resolve(Session));
            }
            catch (MaintenanceException exception)
            {
                await WriteErrorAsync(exception, argument.Name);
            }
        }
    }
}
