namespace Maintenance;

/// <summary>What is to come back from an archive, where to, and within which limits.</summary>
public sealed record RestoreOptions
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = Readable.Copy(new Dictionary<string, string>());

    /// <summary>The table whose archives are meant, as the retention policies of the target know them; null where an archive is named.</summary>
    public DbObjectReference? Table { get; init; }

    /// <summary>An archive that is a table of the database; null to find it by the policies.</summary>
    public DbObjectReference? ArchiveTable { get; init; }

    /// <summary>Manifests of archives in the target's archive store, by name; empty to find them by the table.</summary>
    public IReadOnlyList<string> Manifests { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The table that the rows come back into; null for the one they left.</summary>
    public DbObjectReference? Destination { get; init; }

    /// <summary>Only rows of this time or later; null for no limit.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only rows before this time; null for no limit.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The column of an archive table that tells the rows' time; null for that of the policy.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>The zone of a time column that has none; null for that of the policy, or UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Columns that are called otherwise by now: the archived name, and that of the destination.</summary>
    public IReadOnlyDictionary<string, string> ColumnMap { get; init => field = Readable.Copy(value); } = Nothing;

    /// <summary>Archived columns that the destination does not have and whose values need not come back.</summary>
    public IReadOnlyList<string> IgnoreColumns { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Leaves rows in the archive whose key the destination has already, and counts them, where it would fail otherwise.</summary>
    public bool SkipExisting { get; init; }

    /// <summary>Restores what is on record as restored before, and goes on where a check says that it would be slow.</summary>
    public bool Force { get; init; }

    /// <summary>Proves by count and checksum that what arrived is what the archive holds.</summary>
    public bool Verify { get; init; }

    /// <summary>Nothing is begun after it, and what still runs is stopped; null for no end.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How long anybody may wait for us before we give way. Default 1 s.</summary>
    public TimeSpan? MaximumBlock { get; init; }
}
