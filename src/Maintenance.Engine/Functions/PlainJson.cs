using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Functions;

/// <summary>JSON as objects that every script can use: ordered dictionaries, arrays, texts, numbers and Booleans.</summary>
internal static class PlainJson
{
    public static object? Of(JToken? token) => token switch
    {
        null => null,
        JObject fields => Fields(fields),
        JArray items => items.Select(Of).ToArray(),
        JValue { Value: var value } => value,
        _ => token.ToString(),
    };

    private static System.Collections.Specialized.OrderedDictionary Fields(JObject fields)
    {
        var plain = new System.Collections.Specialized.OrderedDictionary(StringComparer.OrdinalIgnoreCase);
        foreach (var field in fields.Properties())
        {
            plain[field.Name] = Of(field.Value);
        }

        return plain;
    }
}
