using System.Data.Common;
using Maintenance.Engine.Notify;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;

namespace Maintenance.Engine.History;

/// <summary>Messages of the outbox as the history keeps them. The webhook's address is not among it.</summary>
internal static class OutboxRows
{
    private static readonly JsonSerializerSettings Settings = new() { Converters = { new StringEnumConverter() } };

    public static IReadOnlyList<HistoryStatement> Add(string target, OutboxEntry entry, DateTimeOffset lease, DateTimeOffset earliest) =>
    [
        new("PruneOutbox", StorableText.Of(target), earliest),
        new("WriteOutbox", entry.Key, StorableText.Of(target), JsonRows.Write(entry.Message), entry.Attempts, entry.CreatedAt, lease),
    ];

    public static OutboxEntry Read(DbDataReader row, Func<int, DateTimeOffset> time) =>
        new(row.GetGuid(0), Message(row.GetString(1)), row.GetInt32(2), time(3));

    private static NotificationMessage Message(string json) => JsonConvert.DeserializeObject<NotificationMessage>(json, Settings)!;
}
