namespace Maintenance.Engine.Maintain;

/// <summary>Which indexes database maintenance rebuilds by itself (guide W4: only if bloat is detected). Pure.</summary>
internal static class ReindexRule
{
    /// <summary>Share of an index that must be reclaimable. Ours: below a third, a b-tree in ordinary use grows back to where it was.</summary>
    public const double MinimumPercent = 30;

    /// <summary>Bytes that must be reclaimable. Ours: less is not worth the locks.</summary>
    public const long MinimumBytes = 1L << 20;

    /// <summary>A rebuild that gave back less than this share has shown that the estimate is wrong about the index.</summary>
    private const double LeastGain = 0.1;

    /// <summary>By so much an index must have grown since before such a rebuild is tried again.</summary>
    private const double Growth = 1.2;

    /// <summary>
    /// The indexes to rebuild, the greatest gain first. An estimate that may be far off is not enough to act upon, nor is one that the last
    /// rebuild has proved wrong.
    /// </summary>
    /// <param name="past">What was done before.</param>
    /// <param name="measured">The indexes now.</param>
    public static IReadOnlyList<DbBloat> Choose(PastActions past, IEnumerable<DbBloat> measured) =>
    [
        .. measured
            .Where(row => row.Kind == DbRelationKind.Index && row.Reclaimable >= MinimumBytes && row.ReclaimablePercent >= MinimumPercent)
            .Where(row => row.Method != BloatMethod.Estimate || row.Confidence >= BloatConfidence.Medium)
            .Where(row => row.Method != BloatMethod.Estimate || !WasInVain(past.NewestDone(DbActionKind.Reindex, row), row))
            .OrderByDescending(row => row.Reclaimable),
    ];

    private static bool WasInVain(DbAction? last, DbBloat now) =>
        last is { SizeBytes: { } before, SizeBytesAfter: { } after } && before - after < LeastGain * before && now.SizeBytes < Growth * after;
}
