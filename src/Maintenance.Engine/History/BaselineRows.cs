using System.Data.Common;

namespace Maintenance.Engine.History;

/// <summary>Baselines as the history keeps them.</summary>
internal static class BaselineRows
{
    public static IReadOnlyList<HistoryStatement> Record(string target, IReadOnlyList<PerformanceBaseline> baselines, DateTimeOffset earliest) =>
    [
        new("PruneBaselines", StorableText.Of(target), earliest),
        .. baselines.Select(baseline => new HistoryStatement(
            "WriteBaseline",
            StorableText.Of(target),
            baseline.CollectedAt,
            JsonRows.Write(baseline))),
    ];

    /// <summary>Reads a row; null for one that a newer version wrote in words that this one does not know.</summary>
    public static PerformanceBaseline? Read(DbDataReader row) => JsonRows.Read<PerformanceBaseline>(row);
}
