namespace Maintenance;

/// <summary>
/// What an archive in a store says of itself, as <c>manifest.json</c> beside its files: enough to restore it into any database, years
/// later and without the server it came from.
/// </summary>
public sealed record ArchiveManifest
{
    /// <summary>Version of this form. Readers refuse one they do not know.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The form it is in.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The archive's own id, also in maintenance.archives of its database.</summary>
    public required Guid Id { get; init; }

    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The database.</summary>
    public required string Database { get; init; }

    /// <summary>Schema of the table.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the table.</summary>
    public required string Table { get; init; }

    /// <summary>The column that told the rows' age.</summary>
    public required string TimeColumn { get; init; }

    /// <summary>Its type, as format_type names it.</summary>
    public required string TimeColumnType { get; init; }

    /// <summary>Rows before this moment were archived (UTC).</summary>
    public required DateTimeOffset CutOff { get; init; }

    /// <summary>The columns of the files, in their order.</summary>
    public required IReadOnlyList<ArchivedColumn> Columns { get; init; }

    /// <summary>The files.</summary>
    public required IReadOnlyList<ArchivePart> Parts { get; init; }

    /// <summary>Rows in all files.</summary>
    public required long Rows { get; init; }

    /// <summary>Version of the server, such as 18.4.</summary>
    public required string ServerVersion { get; init; }

    /// <summary>When it was begun (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was finished (UTC).</summary>
    public required DateTimeOffset FinishedAt { get; init; }
}

/// <summary>A column of archived rows.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, as format_type names it.</param>
/// <param name="IsNullable">Whether it may be null.</param>
public sealed record ArchivedColumn(string Name, string Type, bool IsNullable);

/// <summary>One file of an archive: CSV with a line of names, in UTF-8, compressed by gzip. Its rows left the table in one transaction.</summary>
public sealed record ArchivePart
{
    /// <summary>Its number, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Its name in the store.</summary>
    public required string Name { get; init; }

    /// <summary>Rows in it.</summary>
    public required long Rows { get; init; }

    /// <summary>Bytes before compression.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long StoredBytes { get; init; }

    /// <summary>SHA-256 of the file, in hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The checksum of its rows that does not depend on their order, as the database computed it; null if it was archived without -Verify.</summary>
    public string? Checksum { get; init; }

    /// <summary>The oldest time in it, as text of the time column's type.</summary>
    public required string OldestTime { get; init; }

    /// <summary>The newest time in it.</summary>
    public required string NewestTime { get; init; }
}
