namespace Maintenance;

/// <summary>Which advice is wanted, and what evidence is asked for.</summary>
public sealed record IndexAdviceQuery
{
    /// <summary>Unused indexes smaller than this, and smaller tables that lack one, cost little (guide W7: 1 MB).</summary>
    public const long DefaultMinimumSizeBytes = 1L << 20;

    /// <summary>
    /// How long an index must have gone unused before it is advised to be dropped. A month holds what runs daily, weekly and monthly.
    /// </summary>
    public static readonly TimeSpan DefaultMinimumObservation = TimeSpan.FromDays(30);

    /// <summary>Smallest size in bytes. What is invalid or redundant is named whatever its size.</summary>
    public long MinimumSizeBytes { get; init; } = DefaultMinimumSizeBytes;

    /// <summary>Shortest time without use that is enough for a verdict.</summary>
    public TimeSpan MinimumObservation { get; init; } = DefaultMinimumObservation;

    /// <summary>The kinds that are wanted; empty for all.</summary>
    public IReadOnlyCollection<IndexAdviceKind> Kinds { get; init => field = value.ToArray(); } = [];

    /// <summary>The verdicts that are wanted; empty for all.</summary>
    public IReadOnlyCollection<IndexVerdict> Verdicts { get; init => field = value.ToArray(); } = [];

    /// <summary>Standbys of the same server, whose use of the indexes counts too.</summary>
    public IReadOnlyCollection<MaintenanceTarget> Replicas { get; init => field = value.ToArray(); } = [];

    /// <summary>Which tables are wanted, by schema and name; null for all.</summary>
    public Func<string, string, bool>? Tables { get; init; }

    /// <summary>
    /// Bytes that a rebuild would give back, by OID of the index, from whoever measured that; null to estimate them. An index that is not in it is not
    /// called bloated.
    /// </summary>
    public IReadOnlyDictionary<long, long>? ReclaimableBytes { get; init; }
}
