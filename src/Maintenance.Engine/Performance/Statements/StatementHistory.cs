using System.Buffers;
using System.Buffers.Binary;
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

    // User, database, id, level, since when; then the counts.
    private const int KeyColumns = 5;
    private const int Columns = KeyColumns + StatementCounts.Length;

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

            if (kept.Reading.System is { } system)
            {
                writer.WriteNumber("system", system);
            }

            if (kept.Reading.Hidden is { } hidden)
            {
                writer.WriteNumber("hidden", hidden);
            }

            writer.WriteBase64String("statements", ToColumns(kept.Reading.Statements));
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
                System = root.TryGetProperty("system", out var system) ? system.GetInt64() : null,
                Hidden = root.TryGetProperty("hidden", out var hidden) ? hidden.GetInt64() : null,
                Statements = FromColumns(root.GetProperty("statements").GetBytesFromBase64()),
            };
            var own = root.GetProperty("own").EnumerateArray().Select(key => StatementKey.Parse(key.GetString()!)).OfType<StatementKey>().ToHashSet();
            return new KeptReading(reading, new StatementTexts(Keyed(root.GetProperty("texts"), text => text.GetString()!), own));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    // Column after column, eight bytes for each figure, as exact as the server: what is rounded could be lower next time. Thousands are written and read
    // every five minutes, as numbers in words that would take most of the time; and most columns are zero, which compresses to nothing.
    private static byte[] ToColumns(IReadOnlyDictionary<StatementKey, StatementCounter> statements)
    {
        var bytes = new byte[statements.Count * Columns * sizeof(long)];
        var row = 0;
        foreach (var (key, counter) in statements)
        {
            var column = 0;
            Put(key.UserId);
            Put(key.DatabaseId);
            Put(key.QueryId);
            Put(key.TopLevel ? 1 : 0);
            Put(BitConverter.DoubleToInt64Bits(counter.Since ?? 0));
            foreach (var value in counter.Counts.ToArray())
            {
                Put(BitConverter.DoubleToInt64Bits(value));
            }

            row++;

            void Put(long value) => BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan((column++ * statements.Count + row) * sizeof(long)), value);
        }

        return bytes;
    }

    private static Dictionary<StatementKey, StatementCounter> FromColumns(byte[] bytes)
    {
        var count = bytes.Length / (Columns * sizeof(long));
        var statements = new Dictionary<StatementKey, StatementCounter>(count);
        var figures = new double[StatementCounts.Length];
        for (var row = 0; row < count; row++)
        {
            for (var figure = 0; figure < figures.Length; figure++)
            {
                figures[figure] = BitConverter.Int64BitsToDouble(At(KeyColumns + figure, row));
            }

            var since = BitConverter.Int64BitsToDouble(At(KeyColumns - 1, row));
            statements[new StatementKey(At(0, row), At(1, row), At(2, row), At(3, row) == 1)] = new StatementCounter(StatementCounts.Of(figures), since > 0 ? since : null);
        }

        return statements;

        long At(int column, int row) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan((column * count + row) * sizeof(long)));
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
