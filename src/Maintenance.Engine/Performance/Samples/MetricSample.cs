using System.Buffers;
using System.Text;
using System.Text.Json;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>The payload of samples whose values are figures by name: <c>{"connections": 12}</c>, or <c>[count, mean, minimum, maximum, squares]</c> where many were put together.</summary>
internal static class MetricSample
{
    // Six digits tell more than any of these figures are good for, and compress well; sizes and ids have more and keep them.
    private const int Digits = 6;

    /// <summary>The payload of figures.</summary>
    /// <param name="values">The figures by name.</param>
    /// <param name="isMadeUp">Whether nobody measured them.</param>
    public static string Write(IReadOnlyDictionary<string, SampleValue> values, bool isMadeUp = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (isMadeUp)
            {
                writer.WriteBoolean(MadeUp.Mark, true);
            }

            foreach (var (name, value) in values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                if (value.Count == 1)
                {
                    writer.WriteNumber(name, Round(value.Mean));
                    continue;
                }

                writer.WriteStartArray(name);
                writer.WriteNumberValue(value.Count);
                writer.WriteNumberValue(Round(value.Mean));
                writer.WriteNumberValue(Round(value.Minimum));
                writer.WriteNumberValue(Round(value.Maximum));
                writer.WriteNumberValue(Round(value.Squares));
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a payload; what is no figure is left out.</summary>
    public static Dictionary<string, SampleValue> Read(string payload) => Read(payload, out _);

    /// <summary>Reads a payload, and whether it is marked as made up.</summary>
    public static Dictionary<string, SampleValue> Read(string payload, out bool isMadeUp)
    {
        var values = new Dictionary<string, SampleValue>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(payload);
        isMadeUp = document.RootElement.TryGetProperty(MadeUp.Mark, out var mark) && mark.ValueKind == JsonValueKind.True;
        foreach (var entry in document.RootElement.EnumerateObject())
        {
            if (entry.Value.ValueKind == JsonValueKind.Number)
            {
                values[entry.Name] = SampleValue.Of(entry.Value.GetDouble());
            }
            else if (entry.Value is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() == 5 && array.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number))
            {
                values[entry.Name] = new SampleValue((long)array[0].GetDouble(), array[1].GetDouble(), array[2].GetDouble(), array[3].GetDouble(), array[4].GetDouble());
            }
        }

        return values;
    }

    /// <summary>The payload of many together, in the order in which they began.</summary>
    public static string Merge(IReadOnlyList<Sample> samples)
    {
        var merged = new Dictionary<string, SampleValue>(StringComparer.Ordinal);
        var isMadeUp = false;
        foreach (var sample in samples.OrderBy(sample => sample.From))
        {
            var values = Read(sample.Payload, out var isMarked);
            foreach (var (name, value) in values)
            {
                merged[name] = merged.TryGetValue(name, out var before) ? before.With(value) : value;
            }

            isMadeUp |= isMarked;
        }

        return Write(merged, isMadeUp);
    }

    private static double Round(double value)
    {
        if (value == 0 || Math.Abs(value) >= 1e6)
        {
            return Math.Round(value);
        }

        var digits = Digits - (int)Math.Ceiling(Math.Log10(Math.Abs(value)));
        return Math.Round(value, Math.Clamp(digits, 0, 15));
    }
}
