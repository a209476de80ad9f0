using System.Threading.Channels;

namespace Maintenance.Engine.Maintain;

/// <summary>
/// Records actions as they end, beside the work: a history that is slow does not hold it up. What ended together is written
/// together. Disposing waits until everything is on record.
/// </summary>
internal sealed class ActionRecorder : IAsyncDisposable
{
    private readonly Channel<DbAction> _waiting = Channel.CreateUnbounded<DbAction>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writing;

    public ActionRecorder(ActionHistory history, MaintenanceTarget target, CallContext call) => _writing = WriteAsync(history, target, call);

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
        await _writing;
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
        }
    }
}
