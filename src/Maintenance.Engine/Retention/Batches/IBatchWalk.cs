namespace Maintenance.Engine.Retention;

/// <summary>A way through a table, batch by batch.</summary>
internal interface IBatchWalk
{
    /// <summary>Takes the next batch.</summary>
    /// <returns>False when the end was reached.</returns>
    Task<bool> StepAsync(BatchTaker taker, CancellationToken cancellationToken);
}
