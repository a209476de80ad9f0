using System.Data.Common;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;

namespace Maintenance.Engine.History;

/// <summary>Records that the history keeps whole, as one JSON value: nobody looks for their parts with SQL.</summary>
internal static class JsonRows
{
    private static readonly JsonSerializerSettings Settings = new() { Converters = { new StringEnumConverter() }, DateParseHandling = DateParseHandling.DateTimeOffset };

    // NUL is the one character that neither database keeps in a text.
    public static JsonText Write<T>(T record) => new(JsonConvert.SerializeObject(record, Settings).Replace("\\u0000", "", StringComparison.Ordinal));

    /// <summary>Reads a row; null for one that a newer version wrote in words that this one does not know.</summary>
    public static T? Read<T>(DbDataReader row, int column = 0)
        where T : class
    {
        try
        {
            return JsonConvert.DeserializeObject<T>(row.GetString(column), Settings);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
