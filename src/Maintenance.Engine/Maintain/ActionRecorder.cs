using System.Threading.Channels;

namespace Maintenance.Engine.Maintain;

/// <summary>
/// Records actions as they end, beside the work: a history that is slow does not hold it up. What ends within half a second of the
/// last writing is written together. Disposing waits until everything is on record.
/// </summary>
internal sealed class ActionRecorder : IAsyncDisposable
{
    /// <summary>Small tables take milliseconds: a file opened for each would take as long as they do.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private readonly Channel<DbAction> _waiting = Channel.CreateUnbounded<DbAction>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writing;

    public ActionRecorder(ActionHistory history, MaintenanceTarget target, CallContext call, TimeProvider time)
    {
        _time = time;
        _writing = WriteAsync(history, target, call);
    }

    /// <summary>Records an action; what was never tried and owes nobody anything is not worth it.</summary>
    public void Record(DbAction action)
    {
        if (action is not { State: StepState.Skipped, Error: null })
        {
            _waiting.Writer.TryWrite(action);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.Complete();
        await _ending.CancelAsync();
        await _writing;
        _ending.Dispose();
    }

    private async Task WriteAsync(ActionHistory history, MaintenanceTarget target, CallContext call)
    {
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var actions = new List<DbAction>();
            while (_waiting.Reader.TryRead(out var action))
            {
                actions.Add(action);
            }

            await history.RecordAsync(target, actions, call);
            await Task.Delay(Interval, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
