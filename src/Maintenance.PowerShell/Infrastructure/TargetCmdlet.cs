using System.Management.Automation;
using Maintenance.Completion;

namespace Maintenance.Infrastructure;

/// <summary>A cmdlet that does the same for each of several targets; one that fails does not stop the others.</summary>
public abstract class TargetCmdlet : MaintenanceCmdlet
{
    /// <summary>The maintained systems: names of connected targets, or targets. Default: the one connected last.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <inheritdoc/>
    protected sealed override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var argument in Session.OrCurrent(Target))
        {
            try
            {
                await ProcessTargetAsync(argument.Resolve(Session), cancellationToken);
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, argument.Name);
            }
        }
    }

    /// <summary>Work for one target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="cancellationToken">Cancelled on Ctrl+C and when the pipeline stops early.</param>
    protected abstract Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken);
}
