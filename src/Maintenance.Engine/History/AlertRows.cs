using System.Data.Common;
using Maintenance.Engine.Alerts;
using Maintenance.Engine.Notify;

namespace Maintenance.Engine.History;

/// <summary>What the history keeps of alerts, written at once or not at all.</summary>
/// <param name="Target">Name of the target.</param>
/// <param name="Memories">Where they stand, each with the version it was read in.</param>
/// <param name="Transitions">The changes of their states.</param>
/// <param name="Messages">What people are told of it: into the outbox, leased to whoever sends it now.</param>
/// <param name="Now">The time.</param>
internal sealed record AlertRecord(
    string Target, IReadOnlyList<AlertMemory> Memories, IReadOnlyList<AlertTransition> Transitions, IReadOnlyList<OutboxEntry> Messages, DateTimeOffset Now);

/// <summary>Alerts as the history keeps them.</summary>
internal static class AlertRows
{
    /// <summary>How long changes are kept, and alerts that nobody looks at any more: as long as a year's report looks back.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(400);

    public static IReadOnlyList<HistoryStatement> Record(AlertRecord record, DateTimeOffset lease, DateTimeOffset earliestMessage)
    {
        var target = StorableText.Of(record.Target);
        var statements = new List<HistoryStatement>();
        if (record.Memories.Count > 0)
        {
            statements.Add(new("PruneAlertStates", target, record.Now - Kept));
            statements.Add(new HistoryStatement(
                "WriteAlertStates",
                target,
                JsonRows.Write(record.Memories.Select(memory => new
                {
                    rule = StorableText.Of(memory.Key.Rule),
                    series = StorableText.Of(memory.Key.Series),
                    version = memory.Version,
                    memory = JsonRows.Write(memory).Text,
                })),
                record.Now)
            { MustChange = record.Memories.Count });
        }

        if (record.Transitions.Count > 0)
        {
            statements.Add(new("PruneAlerts", target, record.Now - Kept));
            statements.AddRange(record.Transitions.Select(transition => new HistoryStatement("WriteAlert", target, transition.At, JsonRows.Write(transition))));
        }

        return [.. statements, .. record.Messages.SelectMany(message => OutboxRows.Add(record.Target, message, lease, earliestMessage))];
    }

    /// <summary>Reads a row; null for one that a newer version wrote.</summary>
    public static AlertMemory? Read(DbDataReader row) => JsonRows.Read<AlertMemory>(row, 1) is { } memory ? memory with { Version = row.GetInt64(0) } : null;

    public static IReadOnlyList<HistoryStatement> Record(AlertSilence silence, DateTimeOffset now) =>
    [
        new("PruneSilences", StorableText.Of(silence.Target), now - Kept),
        new("WriteSilence", silence.Id, StorableText.Of(silence.Target), silence.Until, JsonRows.Write(silence)),
    ];

    public static IReadOnlyList<HistoryStatement> Record(SystemRepair repair) =>
    [
        new("PruneRepairs", StorableText.Of(repair.Target), repair.StartedAt - Kept),
        new("WriteRepair", repair.Id, StorableText.Of(repair.Target), repair.StartedAt, JsonRows.Write(repair)),
    ];
}
