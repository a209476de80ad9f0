using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Retention;

/// <summary>An archive in a store as it can be restored: what its database knows of it or, elsewhere, what its manifest says.</summary>
internal sealed record StoredArchive
{
    public required Guid Id { get; init; }

    /// <summary>Name of its manifest; null if it was never finished.</summary>
    public string? Manifest { get; init; }

    public required string Schema { get; init; }

    public required string Table { get; init; }

    public required string TimeColumn { get; init; }

    public required string TimeColumnType { get; init; }

    public required IReadOnlyList<ArchivedColumn> Columns { get; init; }

    /// <summary>The files whose rows have left the table.</summary>
    public required IReadOnlyList<ArchivePart> Parts { get; init; }

    /// <summary>Folder of its files.</summary>
    public required string Prefix { get; init; }

    /// <summary>SHA-256 of its manifest; null if only the manifest itself could tell.</summary>
    public string? ManifestSha256 { get; init; }

    /// <summary>What people are told that it is.</summary>
    public string Name => Manifest ?? Prefix;

    /// <summary>What kind of time its rows are told apart by.</summary>
    /// <exception cref="MaintenanceException">ArchiveMismatch.</exception>
    public TimeKind TimeKind => TimeColumnType.Split('(')[0].Trim() switch
    {
        _ when TimeColumnType.StartsWith("timestamp", StringComparison.Ordinal) && TimeColumnType.EndsWith(" with time zone", StringComparison.Ordinal) => TimeKind.Moment,
        "timestamp" or "timestamp without time zone" => TimeKind.WallClock,
        "date" => TimeKind.Day,
        _ => throw Mismatch("does not say what its time column is"),
    };

    /// <summary>Number of the time column among the columns, from 0.</summary>
    /// <exception cref="MaintenanceException">ArchiveMismatch.</exception>
    public int TimeIndex => Columns.Select((column, index) => (column, index)).FirstOrDefault(pair => pair.column.Name == TimeColumn, (null!, -1)).Item2 is var index and >= 0
        ? index
        : throw Mismatch("lacks its own time column");

    /// <summary>What a manifest says.</summary>
    public static StoredArchive Of(ArchiveManifest manifest, string name, string sha256) => new()
    {
        Id = manifest.Id,
        Manifest = name,
        Schema = manifest.Schema,
        Table = manifest.Table,
        TimeColumn = manifest.TimeColumn,
        TimeColumnType = manifest.TimeColumnType,
        Columns = manifest.Columns,
        Parts = manifest.Parts,
        Prefix = name[..(name.LastIndexOf('/') + 1)],
        ManifestSha256 = sha256,
    };

    public MaintenanceException Mismatch(string what) => new(
        MaintenanceErrorCode.ArchiveMismatch, $"The archive {Name} {what}.", "Somebody has changed it, or it was damaged. Restore it from a copy of the store.");
}

/// <summary>Rows that come back out of files.</summary>
internal sealed record FileRestoreJob : RestoreJob
{
    public required StoredArchive Archive { get; init; }

    public required IFileStore Store { get; init; }

    /// <summary>The files that are wanted and were not restored before.</summary>
    public required IReadOnlyList<ArchivePart> Parts { get; init; }

    public required int PartsRestoredBefore { get; init; }

    public required string CreateSql { get; init; }

    /// <summary>The rows of a file that are wanted, as what stands after FROM.</summary>
    public required string Wanted { get; init; }

    public required string CountSql { get; init; }

    public required string InsertSql { get; init; }

    public override IReadOnlyList<string> Sql => [CreateSql, RestoreStatements.Copy, InsertSql];
}
