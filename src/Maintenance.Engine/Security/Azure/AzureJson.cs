using System.Text.Json;

namespace Maintenance.Engine.Security.Azure;

/// <summary>
/// Reads values of an answer by their path. What is left out or null is null, and what that means is for a check to say; what has another type than
/// documented is a gap, so that nothing is ever concluded from it.
/// </summary>
internal static class AzureJson
{
    public static string? Text(this JsonElement json, string path) => At(json, path) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw Undocumented(path),
    };

    public static bool? Flag(this JsonElement json, string path) => At(json, path) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Undocumented(path),
    };

    public static int? Number(this JsonElement json, string path) => At(json, path) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) => number,
        _ => throw Undocumented(path),
    };

    /// <summary>The objects of an array; none where it is left out.</summary>
    public static IReadOnlyList<JsonElement> Objects(this JsonElement json, string path) => Array(json, path, JsonValueKind.Object);

    /// <summary>The texts of an array; none where it is left out.</summary>
    public static IReadOnlyList<string> Texts(this JsonElement json, string path) => [.. Array(json, path, JsonValueKind.String).Select(item => item.GetString()!)];

    /// <summary>True if a text is this word of a service; they differ in case from version to version.</summary>
    public static bool Is(this string? text, string word) => string.Equals(text, word, StringComparison.OrdinalIgnoreCase);

    private static IReadOnlyList<JsonElement> Array(JsonElement json, string path, JsonValueKind kind) => At(json, path) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } value when value.EnumerateArray().All(item => item.ValueKind == kind) => [.. value.EnumerateArray()],
        _ => throw Undocumented(path),
    };

    private static JsonElement? At(JsonElement json, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (json.ValueKind != JsonValueKind.Object)
            {
                throw Undocumented(path);
            }

            if (!json.TryGetProperty(name, out json) || json.ValueKind == JsonValueKind.Null)
            {
                return null;
            }
        }

        return json;
    }

    private static AzureGapException Undocumented(string path) => new(AzureGap.Undocumented($"the property {path}"));
}
