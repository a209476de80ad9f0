using Maintenance.Engine.History;

namespace Maintenance.Engine.Maintain;

/// <summary>Keeps what was done in the target's history. A history that fails never stops the work: the user is told.</summary>
internal sealed class ActionHistory(HistoryService history, TimeProvider time)
{
    /// <summary>How long actions are kept: a year of weekly runs.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(400);

    /// <summary>So many of the newest actions are looked at for predictions and for what was put off.</summary>
    private const int Newest = 5000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether the target has a history.</summary>
    public bool IsKept(MaintenanceTarget target, CallContext call) => history.StoreOf(target, call) is not null;

    /// <summary>What was done before; nothing where no history is kept or it cannot be read.</summary>
    public async Task<PastActions> ReadAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        if (history.StoreOf(target, call) is not { } store)
        {
            return PastActions.None;
        }

        try
        {
            return new PastActions(await store.ReadActionsAsync(target.Name, time.GetUtcNow() - Retention, Newest, cancellationToken));
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Warning($"What was done before is not known: {exception.Message} {exception.Recommendation}");
            return PastActions.None;
        }
    }

    /// <summary>Keeps an action, also when the caller has stopped: what was done must be on record.</summary>
    public Task RecordAsync(MaintenanceTarget target, DbAction action, CallContext call) => RecordAsync(target, [action], call);

    /// <summary>Keeps actions that ended at about the same time, all or none.</summary>
    public async Task RecordAsync(MaintenanceTarget target, IReadOnlyList<DbAction> actions, CallContext call)
    {
        if (history.StoreOf(target, call) is not { } store)
        {
            return;
        }

        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await store.RecordAsync([.. actions.Select(action => action with { RunId = call.RunId })], time.GetUtcNow() - Retention, patience.Token);
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            call.Sink.Warning($"{string.Join(", ", actions.Select(action => $"{action.Kind} of {action.Schema}.{action.Name}"))}: not recorded in the history. {exception.Message}");
        }
    }
}
