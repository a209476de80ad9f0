using System.Collections.Concurrent;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Repair;

/// <summary>Tries of the past, from the history; where a target keeps none, those of this session.</summary>
internal sealed class RepairMemory(HistoryService history, TimeProvider time)
{
    /// <summary>How long recording may take when the caller has gone already.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Guid, SystemRepair> _session = new();

    /// <summary>What was tried since a time.</summary>
    /// <returns>The tries, and whether these are all: without a history those of other sessions are not known.</returns>
    public async Task<(IReadOnlyList<SystemRepair> Tries, bool IsComplete)> ReadAsync(MaintenanceTarget target, DateTimeOffset since, CallContext call, CancellationToken cancellationToken)
    {
        var here = _session.Values.Where(repair => repair.Target.Equals(target.Name, StringComparison.OrdinalIgnoreCase) && repair.StartedAt >= since);
        if (history.StoreOf(target, call) is not { } store)
        {
            return ([.. here], false);
        }

        try
        {
            return ([.. here.Concat(await store.ReadRepairsAsync(target.Name, since, cancellationToken)).DistinctBy(repair => repair.Id)], true);
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Warning($"What was tried before is not known: the history cannot be read. {exception.Message}");
            return ([.. here], false);
        }
    }

    /// <summary>Keeps what a try came to. Never throws, and does not end when the caller does.</summary>
    /// <returns>False if only this session knows of it.</returns>
    public async Task<bool> RecordAsync(MaintenanceTarget target, SystemRepair repair, CallContext call)
    {
        if (history.StoreOf(target, call) is { } store)
        {
            using var patience = new CancellationTokenSource(Patience, time);
            try
            {
                await store.RecordAsync(repair, patience.Token);
                _session.TryRemove(repair.Id, out _);
                return true;
            }
            catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
            {
                call.Sink.Warning($"The repair of {repair.FindingId} is not in the history: {(exception as MaintenanceException)?.Message ?? "it did not answer in time."}");
            }
        }

        if (RepairCoolDown.IsTry(repair))
        {
            _session[repair.Id] = repair;
        }

        return false;
    }
}
