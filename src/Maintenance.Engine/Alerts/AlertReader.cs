using Maintenance.Engine.History;

namespace Maintenance.Engine.Alerts;

/// <summary>
/// Where the alerts of a target stand, as its history knows it. What a webhook has refused was told to nobody, whoever sent it and however long it
/// had waited in the outbox.
/// </summary>
internal static class AlertReader
{
    /// <summary>Reads it.</summary>
    public static async Task<IReadOnlyDictionary<AlertKey, AlertMemory>> ReadAsync(IHistoryStore store, string target, CancellationToken token)
    {
        var memories = await store.ReadAlertsAsync(target, token);
        var refused = memories.Any(memory => memory.ToldIn is not null) ? (await store.ReadRefusedAsync(target, token)).ToHashSet() : [];
        return memories.Select(memory => memory.Without(refused)).ToDictionary(memory => memory.Key);
    }
}
