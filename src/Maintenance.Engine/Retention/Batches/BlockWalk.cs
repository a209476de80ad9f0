namespace Maintenance.Engine.Retention;

/// <summary>
/// Through a table that has no index on its time, as it lies on the disk: each batch reads some blocks of it, or of each of its
/// partitions, and takes the rows in them that are due. The table is read once, whatever the size of the batches.
/// </summary>
/// <param name="work">The work.</param>
/// <param name="blocks">How many blocks there are.</param>
internal sealed class BlockWalk(RetentionWork work, long blocks) : IBatchWalk
{
    private readonly BatchStatements _statements = work.Statements.Batches;
    private long _next;

    public async Task<bool> StepAsync(BatchTaker taker, CancellationToken cancellationToken)
    {
        if (_next >= blocks)
        {
            return false;
        }

        var outcome = await taker.TakeAsync(_statements.Blocks, _statements.BlocksOfFree, new BatchRequest("-infinity", work.CutOff.Value, _next), cancellationToken);
        taker.Size.Learn(outcome.Size, outcome.Took);
        _next += outcome.Size;
        return true;
    }
}
