namespace Maintenance;

/// <summary>What Get-DbBloat is to look at, and how closely.</summary>
public sealed record BloatQuery
{
    /// <summary>The budget of <see cref="BloatMode.Verify"/> unless another is given: 1 GB.</summary>
    public const long DefaultIoBudget = 1L << 30;

    /// <summary>Relations smaller than this are left out unless tables are named: 64 kB.</summary>
    public const long DefaultMinimumSize = 64L << 10;

    /// <summary>Names of tables, with or without their schema, with * and ?; none for all.</summary>
    public IReadOnlyList<string> Tables { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Names of schemas, with * and ?; none for all.</summary>
    public IReadOnlyList<string> Schemas { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Kinds to return; none for all.</summary>
    public IReadOnlyList<DbRelationKind> Kinds { get; init => field = Readable.Copy(value); } = Readable.List<DbRelationKind>.Empty;

    /// <summary>Smallest size to return, in bytes; null for the default.</summary>
    public long? MinimumSize { get; init; }

    /// <summary>True to look at system catalogues as well.</summary>
    public bool IncludeSystem { get; init; }

    /// <summary>How closely to look.</summary>
    public BloatMode Mode { get; init; }

    /// <summary>How many bytes <see cref="BloatMode.Verify"/> may read.</summary>
    public long IoBudget { get; init; } = DefaultIoBudget;
}
