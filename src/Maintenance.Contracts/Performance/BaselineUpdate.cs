namespace Maintenance;

/// <summary>What baselines to measure.</summary>
public sealed record BaselineQuery
{
    /// <summary>The time up to now that they are of; null for the target's own (performance.baselineWindow).</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>Where they come from; empty for every source that the target has.</summary>
    public IReadOnlyList<BaselineSource> Sources { get; init => field = Readable.Copy(value); } = Readable.List<BaselineSource>.Empty;

    /// <summary>Leaves out the target's maintenance windows too, whether or not anything ran in them.</summary>
    public bool ExcludeWindows { get; init; }

    /// <summary>Other times to leave out.</summary>
    public IReadOnlyList<BaselineExclusion> Excluded { get; init => field = Readable.Copy(value); } = Readable.List<BaselineExclusion>.Empty;
}

/// <summary>What a source of baselines did not tell.</summary>
/// <param name="Source">The source.</param>
/// <param name="Error">What kind of reason.</param>
/// <param name="Message">One sentence: why.</param>
/// <param name="Recommendation">What to do.</param>
public sealed record BaselineGap(BaselineSource Source, MaintenanceErrorCode Error, string Message, string? Recommendation)
{
    /// <summary>True where there is nothing to be measured, such as a window without rows or a table that does not exist; false where it could not be read.</summary>
    public bool IsAbsent { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Source}: {Message}";
}

/// <summary>Baselines that were measured, and what could not be.</summary>
public sealed record BaselineUpdate
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The baselines.</summary>
    public IReadOnlyList<PerformanceBaseline> Baselines { get; init => field = Readable.Copy(value); } = Readable.List<PerformanceBaseline>.Empty;

    /// <summary>What is missing.</summary>
    public IReadOnlyList<BaselineGap> Gaps { get; init => field = Readable.Copy(value); } = Readable.List<BaselineGap>.Empty;

    /// <summary>The times that were left out.</summary>
    public IReadOnlyList<BaselineExclusion> Excluded { get; init => field = Readable.Copy(value); } = Readable.List<BaselineExclusion>.Empty;

    /// <summary>Why it is not known whether maintenance was going on; null if it is.</summary>
    public string? ExclusionsUnknown { get; init; }

    /// <summary>When the window began (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When it ended (UTC).</summary>
    public required DateTimeOffset To { get; init; }
}
