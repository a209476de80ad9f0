namespace Maintenance.Engine.Retention;

/// <summary>
/// Through the rows in the order of their time, oldest first, along its index. Each batch finds its own end, as many rows on as it may
/// take. Where more rows than that have the very same time, they are taken by their places.
/// </summary>
/// <param name="work">The work.</param>
/// <param name="first">Where to begin, as text.</param>
internal sealed class TimeWalk(RetentionWork work, string first) : IBatchWalk
{
    private readonly BatchStatements _statements = work.Statements.Batches;
    private string _from = first;
    private bool _inTies;
    private long _kept;

    public async Task<bool> StepAsync(BatchTaker taker, CancellationToken cancellationToken) =>
        _inTies ? await TiesAsync(taker, cancellationToken) : await RangeAsync(taker, cancellationToken);

    private async Task<bool> RangeAsync(BatchTaker taker, CancellationToken cancellationToken)
    {
        var outcome = await taker.TakeAsync(_statements.Range, _statements.RangeOfFree, new BatchRequest(_from, work.CutOff.Value), cancellationToken);
        if (outcome.Reached is null)
        {
            return false;
        }

        _inTies = outcome.Reached == _from;
        if (!_inTies)
        {
            taker.Size.Learn(outcome.Size, outcome.Took);
        }

        _from = outcome.Reached;
        return true;
    }

    // A trigger may keep rows, and others may change some between choosing and taking: those are passed over, or it would not end.
    private async Task<bool> TiesAsync(BatchTaker taker, CancellationToken cancellationToken)
    {
        var outcome = await taker.TakeAsync(_statements.Ties, _statements.TiesOfFree, new BatchRequest(_from, work.CutOff.Value, _kept), cancellationToken);
        if (outcome.Chosen > 0)
        {
            _kept += outcome.Chosen.Value - outcome.Rows;
            if (outcome.Chosen == outcome.Size)
            {
                taker.Size.Learn(outcome.Size, outcome.Took);
            }

            return true;
        }

        (_inTies, _kept) = (false, 0);
        if (await work.Session.ReadTextAsync(_statements.After, cancellationToken, _from, work.CutOff.Value) is not { } next)
        {
            return false;
        }

        _from = next;
        return true;
    }
}
