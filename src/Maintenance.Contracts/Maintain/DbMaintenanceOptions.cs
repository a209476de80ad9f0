namespace Maintenance;

/// <summary>The parts of database maintenance, in the order in which they run: what is deleted first need not be vacuumed twice, and statistics are taken of what is left.</summary>
public enum DbMaintenanceStep
{
    /// <summary>Rows past their age are deleted, archived or anonymised, by the target's retention policies.</summary>
    Retention = 0,

    /// <summary>Tables that need it are vacuumed.</summary>
    Vacuum,

    /// <summary>Bloated indexes are rebuilt, and invalid leftovers dropped.</summary>
    Reindex,

    /// <summary>Tables whose statistics are out of date are analyzed.</summary>
    Analyze,

    /// <summary>What was usual in the last days is kept, to compare with later.</summary>
    Baseline,

    /// <summary>Indexes that nobody uses, that exist twice, or that are missing for a foreign key are named.</summary>
    IndexReport,

    /// <summary>The size of the database and of its largest tables.</summary>
    SizeReport,
}

/// <summary>What database maintenance is to do, and within which limits.</summary>
public sealed record DbMaintenanceOptions
{
    /// <summary>The parts to run; empty for all.</summary>
    public IReadOnlyList<DbMaintenanceStep> Steps { get; init => field = Readable.Copy(value); } = Readable.List<DbMaintenanceStep>.Empty;

    /// <summary>Only what was put off before; without it, that comes first and everything else that is due after it.</summary>
    public bool Resume { get; init; }

    /// <summary>How long anybody may wait for us before the work is cancelled. Default 1 s.</summary>
    public TimeSpan? MaximumBlock { get; init; }

    /// <summary>Connections that vacuum at the same time. Default: that of Invoke-DbVacuum.</summary>
    public int? Parallel { get; init; }

    /// <summary>Runs outside the target's maintenance windows too.</summary>
    public bool Force { get; init; }
}
