namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>Something that could be measured.</summary>
/// <param name="Oid">The relation.</param>
/// <param name="Cost">Bytes that measuring it reads.</param>
/// <param name="Prize">Bytes that it might turn out to give back.</param>
/// <param name="IsSuspect">False if measuring it could not change what anybody does.</param>
internal sealed record Candidate(long Oid, long Cost, long Prize, bool IsSuspect);

/// <summary>Chooses what to measure within the I/O budget: suspects alone, most reclaimable first. Pure.</summary>
internal static class VerificationPlan
{
    /// <summary>Smaller relations are not worth a look.</summary>
    public const long SmallestSize = 1 << 20;

    /// <summary>An estimate below this share of the size is no suspicion.</summary>
    public const double LeastPercent = 10;

    /// <summary>A relation is a suspect if it is large enough, and either may give back a good part of its size or nobody knows.</summary>
    public static Candidate For(DbBloat row, RelationFacts facts, int blockSize)
    {
        var size = row.SizeBytes ?? 0;
        var possible = row.Reclaimable is { } bytes ? Math.Min(size, bytes + (row.ErrorBytes ?? 0)) : size;
        var isSuspect = size >= SmallestSize && possible * 100.0 / size >= LeastPercent;
        // pgstattuple_approx skips pages that are all visible; pgstatindex skips none.
        var unseen = row.Kind == DbRelationKind.Index ? size : Math.Max(0, size - (facts.AllVisiblePages * (long)blockSize));
        return new Candidate(row.Oid, Math.Max(blockSize, unseen), row.Reclaimable ?? possible, isSuspect);
    }

    /// <summary>Takes what fits; what is too large for what is left does not keep smaller ones out.</summary>
    public static (IReadOnlyList<long> Chosen, IReadOnlyList<long> LeftOut) Choose(IEnumerable<Candidate> candidates, long budget)
    {
        List<long> chosen = [], left = [];
        foreach (var candidate in candidates.Where(candidate => candidate.IsSuspect).OrderByDescending(candidate => candidate.Prize).ThenBy(candidate => candidate.Oid))
        {
            if (candidate.Cost <= budget)
            {
                budget -= candidate.Cost;
                chosen.Add(candidate.Oid);
            }
            else
            {
                left.Add(candidate.Oid);
            }
        }

        return (chosen, left);
    }
}
