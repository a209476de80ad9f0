namespace Maintenance.Engine.Maintain;

/// <summary>Which indexes database maintenance rebuilds by itself (guide W4: only if bloat is detected). Pure.</summary>
internal static class ReindexRule
{
    /// <summary>Share of an index that must be reclaimable. Ours: below a third, a b-tree in ordinary use grows back to where it was.</summary>
    public const double MinimumPercent = 30;

    /// <summary>Bytes that must be reclaimable. Ours: less is not worth the locks.</summary>
    public const long MinimumBytes = 1L << 20;

    /// <summary>The indexes to rebuild, the greatest gain first. An estimate that may be far off is not enough to act upon.</summary>
    public static IReadOnlyList<DbBloat> Choose(IEnumerable<DbBloat> measured) =>
    [
        .. measured
            .Where(row => row.Kind == DbRelationKind.Index && row.Reclaimable >= MinimumBytes && row.ReclaimablePercent >= MinimumPercent)
            .Where(row => row.Method != BloatMethod.Estimate || row.Confidence >= BloatConfidence.Medium)
            .OrderByDescending(row => row.Reclaimable),
    ];
}
