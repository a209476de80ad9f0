namespace Maintenance.Engine.Retention;

/// <summary>A way in which rows past their age leave. What it has done is in the tally, also when it throws.</summary>
internal interface IRowMover
{
    /// <summary>Takes what is due; ends early, with the reason in the tally, when the time is up.</summary>
    /// <exception cref="MaintenanceException">It cannot go on; nothing is half done.</exception>
    /// <exception cref="OperationCanceledException">The caller stopped; nothing is half done.</exception>
    Task RunAsync(RetentionWork work, CancellationToken cancellationToken);
}
