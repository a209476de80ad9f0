using System.Data.Common;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;

namespace Maintenance.Engine.History;

/// <summary>Baselines as the history keeps them.</summary>
internal static class BaselineRows
{
    private static readonly JsonSerializerSettings Settings = new() { Converters = { new StringEnumConverter() }, DateParseHandling = DateParseHandling.DateTimeOffset };

    public static IReadOnlyList<HistoryStatement> Record(string target, IReadOnlyList<PerformanceBaseline> baselines, DateTimeOffset earliest) =>
    [
        new("PruneBaselines", StorableText.Of(target), earliest),
        // NUL is the one character that neither database keeps in a text.
        .. baselines.Select(baseline => new HistoryStatement(
            "WriteBaseline",
            StorableText.Of(target),
            baseline.CollectedAt,
            new JsonText(JsonConvert.SerializeObject(baseline, Settings).Replace("\\u0000", "", StringComparison.Ordinal)))),
    ];

    /// <summary>Reads a row; null for one that a newer version wrote in words that this one does not know.</summary>
    public static PerformanceBaseline? Read(DbDataReader row)
    {
        try
        {
            return JsonConvert.DeserializeObject<PerformanceBaseline>(row.GetString(0), Settings);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
