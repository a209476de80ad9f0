using System.Buffers;
using System.Text;
using System.Text.Json;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>The last reading, and what is known of its statements' texts: what the next reading is compared with.</summary>
internal sealed record KeptReading(StatementReading Reading, StatementTexts Known);

/// <summary>Keeps the last reading of a target in its history. There is only ever one.</summary>
internal sealed class StatementHistory(IHistoryStore store, string target)
{
    /// <summary>The kind of sample that it is kept as.</summary>
    public const string Kind = "statement-counters";

    private static readonly DateTimeOffset Farthest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The last reading; null if there is none, or none that this version understands.</summary>
    public async Task<KeptReading?> ReadAsync(CancellationToken cancellationToken)
    {
        // A clock that was set back leaves it in the future.
        var kept = await store.ReadSamplesAsync(target, Kind, DateTimeOffset.UnixEpoch, Farthest, cancellationToken);
        return kept.Count > 0 ? Read(kept[^1].From, kept[^1].Payload) : null;
    }

    /// <summary>Keeps a reading in place of the one before.</summary>
    public Task KeepAsync(KeptReading kept, CancellationToken cancellationToken) => store.ReplaceSamplesAsync(
        target,
        Kind,
        SampleResolution.Raw,
        DateTimeOffset.UnixEpoch,
        Farthest,
        [new Sample(target, Kind, SampleResolution.Raw, kept.Reading.At, TimeSpan.Zero, Write(kept))],
        cancellationToken);

    internal static string Write(KeptReading kept)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("started", kept.Reading.Started);
            if (kept.Reading.ResetAt is { } reset)
            {
                writer.WriteString("reset", reset);
            }

            if (kept.Reading.Discarded is { } discarded)
            {
                writer.WriteNumber("discarded", discarded);
            }

            // One flat list for each, in an order that is known: thousands are written and read every five minutes.
            writer.WriteStartArray("statements");
            foreach (var (key, counter) in kept.Reading.Statements)
            {
                writer.WriteStartArray();
                writer.WriteNumberValue(key.UserId);
                writer.WriteNumberValue(key.DatabaseId);
                writer.WriteNumberValue(key.QueryId);
                writer.WriteNumberValue(key.TopLevel ? 1 : 0);
                writer.WriteNumberValue(counter.Since ?? 0);
                // As exact as the server: what is rounded could be lower next time.
                foreach (var value in counter.Counts.ToArray())
                {
                    writer.WriteNumberValue(value);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            writer.WriteStartObject("texts");
            foreach (var (key, text) in kept.Known.Texts)
            {
                writer.WriteString(key.ToString(), text);
            }

            writer.WriteEndObject();
            writer.WriteStartArray("own");
            foreach (var key in kept.Known.Own)
            {
                writer.WriteStringValue(key.ToString());
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    internal static KeptReading? Read(DateTimeOffset at, string payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var root = document.RootElement;
            var reading = new StatementReading
            {
                At = at,
                Started = root.GetProperty("started").GetDateTimeOffset(),
                ResetAt = root.TryGetProperty("reset", out var reset) ? reset.GetDateTimeOffset() : null,
                Discarded = root.TryGetProperty("discarded", out var discarded) ? discarded.GetInt64() : null,
                Statements = root.GetProperty("statements").EnumerateArray().Select(Counter).ToDictionary(),
            };
            var own = root.GetProperty("own").EnumerateArray().Select(key => StatementKey.Parse(key.GetString()!)).OfType<StatementKey>().ToHashSet();
            return new KeptReading(reading, new StatementTexts(Keyed(root.GetProperty("texts"), text => text.GetString()!), own));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static KeyValuePair<StatementKey, StatementCounter> Counter(JsonElement element)
    {
        var values = element.EnumerateArray();
        var key = new StatementKey(Whole(), Whole(), Whole(), Whole() == 1);
        var (since, counts, count) = (Number(), new double[StatementCounts.Length], 0);
        while (count < counts.Length)
        {
            counts[count++] = Number();
        }

        return new(key, new StatementCounter(StatementCounts.Of(counts), since > 0 ? since : null));

        JsonElement Next() => values.MoveNext() ? values.Current : throw new FormatException("A statement lacks figures.");
        long Whole() => Next().GetInt64();
        double Number() => Next().GetDouble();
    }

    private static Dictionary<StatementKey, T> Keyed<T>(JsonElement element, Func<JsonElement, T> map)
    {
        var entries = new Dictionary<StatementKey, T>();
        foreach (var entry in element.EnumerateObject())
        {
            if (StatementKey.Parse(entry.Name) is { } key)
            {
                entries[key] = map(entry.Value);
            }
        }

        return entries;
    }
}
