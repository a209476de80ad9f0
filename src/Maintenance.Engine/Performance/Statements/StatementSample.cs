using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>What statements did in the time of a sample.</summary>
/// <param name="Statements">Those that took the most time, and all that were slow.</param>
/// <param name="Others">All others together: the share of a statement is one of everything.</param>
/// <param name="Incomplete">Why this is not all that happened, such as statements that were discarded for want of room; null if it is.</param>
internal sealed record StatementSample(IReadOnlyDictionary<StatementKey, StatementCounts> Statements, StatementCounts Others, string? Incomplete)
{
    /// <summary>Texts of statements without literals, for those that the server has forgotten meanwhile.</summary>
    public IReadOnlyDictionary<StatementKey, string> Texts { get; init; } = new Dictionary<StatementKey, string>();

    /// <summary>OID of the database that was sampled: only its statements are the target's own work. Null where it is not known, and all are.</summary>
    public long? Database { get; init; }

    /// <summary>Of <see cref="Others"/>, those of that database.</summary>
    public StatementCounts OthersHere { get; init; } = Others;

    /// <summary>True where nobody measured it: see <see cref="Samples.MadeUp"/>.</summary>
    public bool IsMadeUp { get; init; }

    /// <summary>The payload of a sample.</summary>
    public string Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("statements");
            foreach (var (key, counts) in Statements.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal))
            {
                Write(writer, key.ToString(), counts);
            }

            writer.WriteEndObject();
            Write(writer, "others", Others);
            if (Database is { } database)
            {
                writer.WriteNumber("database", database);
                Write(writer, "here", OthersHere);
            }

            if (Incomplete is not null)
            {
                writer.WriteString("incomplete", Incomplete);
            }

            if (IsMadeUp)
            {
                writer.WriteBoolean(Samples.MadeUp.Mark, true);
            }

            if (Texts.Count > 0)
            {
                writer.WriteStartObject("texts");
                foreach (var (key, text) in Texts.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal))
                {
                    writer.WriteString(key.ToString(), text);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a payload.</summary>
    public static StatementSample Read(string payload)
    {
        using var document = JsonDocument.Parse(payload);
        var root = document.RootElement;
        var statements = new Dictionary<StatementKey, StatementCounts>();
        var texts = new Dictionary<StatementKey, string>();
        if (root.TryGetProperty("statements", out var all))
        {
            foreach (var entry in all.EnumerateObject())
            {
                if (StatementKey.Parse(entry.Name) is { } key)
                {
                    statements[key] = Counts(entry.Value);
                }
            }
        }

        if (root.TryGetProperty("texts", out var known))
        {
            foreach (var entry in known.EnumerateObject())
            {
                if (StatementKey.Parse(entry.Name) is { } key && entry.Value.GetString() is { } text)
                {
                    texts[key] = text;
                }
            }
        }

        var others = root.TryGetProperty("others", out var rest) ? Counts(rest) : default;
        return new StatementSample(statements, others, root.TryGetProperty("incomplete", out var incomplete) ? incomplete.GetString() : null)
        {
            Database = root.TryGetProperty("database", out var database) ? database.GetInt64() : null,
            OthersHere = root.TryGetProperty("here", out var here) ? Counts(here) : others,
            Texts = texts,
            IsMadeUp = root.TryGetProperty(Samples.MadeUp.Mark, out var mark) && mark.ValueKind == JsonValueKind.True,
        };
    }

    private static StatementCounts Counts(JsonElement values) =>
        StatementCounts.Of([.. values.EnumerateArray().Where(value => value.ValueKind == JsonValueKind.Number).Select(value => value.GetDouble())]);

    private static void Write(Utf8JsonWriter writer, string name, StatementCounts counts)
    {
        writer.WriteStartArray(name);
        foreach (var value in counts.ToArray())
        {
            writer.WriteNumberValue(Math.Round(value, 3));
        }

        writer.WriteEndArray();
    }
}
