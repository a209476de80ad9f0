using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Maintenance.Engine.History;

/// <summary>Text that is JSON, so that a database can be told.</summary>
internal sealed record JsonText(string Text);

/// <summary>
/// Plain values to JSON and back: text, whole and real numbers, true and false, null, lists, and dictionaries of these.
/// No type names are written; what is none of these is written as its invariant text.
/// </summary>
internal static class HistoryJson
{
    // Not for web pages: names stay readable for people who look into the database.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonText Write(object? value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            Write(writer, value);
        }

        return new JsonText(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    public static JsonText WriteArtifacts(IEnumerable<MaintenanceArtifact> artifacts) =>
        Write(artifacts.Select(artifact => new Dictionary<string, object?>
        {
            ["kind"] = artifact.Kind,
            ["path"] = artifact.Path,
            ["sizeBytes"] = artifact.SizeBytes,
        }));

    public static Dictionary<string, object?> ReadDictionary(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Dictionary(document.RootElement);
    }

    public static Dictionary<string, double> ReadNumbers(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject()
            .Where(entry => entry.Value.ValueKind == JsonValueKind.Number)
            .ToDictionary(entry => entry.Name, entry => entry.Value.GetDouble());
    }

    public static Dictionary<string, string> ReadLabels(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.ToString());
    }

    public static List<MaintenanceArtifact> ReadArtifacts(string json)
    {
        using var document = JsonDocument.Parse(json);
        return
        [
            .. document.RootElement.EnumerateArray().Select(artifact => new MaintenanceArtifact(
                artifact.GetProperty("kind").GetString()!,
                artifact.GetProperty("path").GetString()!,
                artifact.GetProperty("sizeBytes").GetInt64())),
        ];
    }

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(StorableText.Of(text));
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case Enum word:
                writer.WriteStringValue(word.ToString());
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case float or double or decimal or ulong:
                WriteReal(writer, Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset time:
                writer.WriteStringValue(time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                writer.WriteStringValue(time.ToString("O", CultureInfo.InvariantCulture));
                break;
            case IEnumerable<KeyValuePair<string, string>> labels:
                WriteObject(writer, labels.Select(label => KeyValuePair.Create(label.Key, (object?)label.Value)));
                break;
            case IEnumerable<KeyValuePair<string, double>> numbers:
                WriteObject(writer, numbers.Select(number => KeyValuePair.Create(number.Key, (object?)number.Value)));
                break;
            case IEnumerable<KeyValuePair<string, object?>> entries:
                WriteObject(writer, entries);
                break;
            case IEnumerable list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue(StorableText.Of(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> entries)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in entries)
        {
            writer.WritePropertyName(StorableText.Of(name));
            Write(writer, value);
        }

        writer.WriteEndObject();
    }

    // A real number keeps a point or an exponent, which is how it is told from a whole one when it is read.
    private static void WriteReal(Utf8JsonWriter writer, double value)
    {
        if (!double.IsFinite(value))
        {
            writer.WriteNullValue();
            return;
        }

        var text = value.ToString("R", CultureInfo.InvariantCulture);
        writer.WriteRawValue(text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0");
    }

    private static object? Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? (object)whole : element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => element.EnumerateArray().Select(Read).ToList(),
        JsonValueKind.Object => Dictionary(element),
        _ => null,
    };

    private static Dictionary<string, object?> Dictionary(JsonElement element)
    {
        var entries = new Dictionary<string, object?>();
        foreach (var entry in element.EnumerateObject())
        {
            entries[entry.Name] = Read(entry.Value);
        }

        return entries;
    }
}
