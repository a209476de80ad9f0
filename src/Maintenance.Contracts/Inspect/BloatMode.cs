namespace Maintenance;

/// <summary>How much is read to find out how much space could be given back.</summary>
public enum BloatMode
{
    /// <summary>The catalogues and the statistics alone.</summary>
    Estimate = 0,

    /// <summary>The estimate; then the suspects, most reclaimable first, are measured until the I/O budget is spent.</summary>
    Verify,

    /// <summary>Every page of everything selected.</summary>
    Exact,
}

/// <summary>How a figure came about.</summary>
public enum BloatMethod
{
    /// <summary>Computed from the catalogues and the statistics.</summary>
    Estimate = 0,

    /// <summary>Measured by pgstattuple_approx: pages that are all visible are taken from the free space map.</summary>
    Approximate,

    /// <summary>Measured page by page, by pgstattuple or pgstatindex.</summary>
    Exact,
}

/// <summary>How far a figure can be trusted.</summary>
public enum BloatConfidence
{
    /// <summary>There is no figure.</summary>
    None = 0,

    /// <summary>It may be off by more than 15 percentage points of the size.</summary>
    Low,

    /// <summary>It may be off by 15 percentage points of the size.</summary>
    Medium,

    /// <summary>It may be off by 5 percentage points of the size.</summary>
    High,
}
