namespace Maintenance.Engine.Backup.Testing;

/// <summary>What an archive of pg_dump says of itself.</summary>
/// <param name="Version">Version of the archive's form: 1.14 for PostgreSQL 12 to 15, 1.15 for 16, 1.16 for 17 and 18.</param>
/// <param name="Kind">Custom, or Directory where the data lie in files of their own, which is so in a tar archive too.</param>
/// <param name="NumberBytes">How many bytes its numbers have.</param>
/// <param name="OffsetBytes">How many bytes its offsets have.</param>
/// <param name="Compression">What its data are compressed with.</param>
/// <param name="CreatedAt">When it was begun, by the clock and in the zone of the machine that made it.</param>
/// <param name="Database">The database.</param>
/// <param name="ServerVersion">Version of the server.</param>
/// <param name="DumpVersion">Version of pg_dump.</param>
internal sealed record ArchiveHeader(
    Version Version,
    BackupKind Kind,
    int NumberBytes,
    int OffsetBytes,
    Compression Compression,
    DateTime CreatedAt,
    string Database,
    string ServerVersion,
    string DumpVersion);

/// <summary>An archive of pg_dump without its data: what it says of itself, and its table of contents.</summary>
/// <param name="Header">What it says of itself.</param>
/// <param name="Entries">What it holds, in its order.</param>
/// <param name="EndsAt">Where the table of contents ends, and the data of the custom format begin.</param>
internal sealed record ArchiveContents(ArchiveHeader Header, IReadOnlyList<ArchiveEntry> Entries, long EndsAt)
{
    /// <summary>The tables whose rows it holds.</summary>
    public IEnumerable<ArchiveEntry> TablesWithData => Entries.Where(entry => entry is { HasData: true, Description: "TABLE DATA" });
}

/// <summary>An entry of a table of contents.</summary>
/// <param name="Id">Its number in the archive.</param>
/// <param name="Description">What it is: TABLE, TABLE DATA, INDEX, BLOBS, ...</param>
/// <param name="Schema">Its schema; empty without one.</param>
/// <param name="Name">Its name.</param>
/// <param name="Owner">Its owner.</param>
/// <param name="HasData">True if data belong to it.</param>
/// <param name="Dependencies">Numbers of what it needs.</param>
internal sealed record ArchiveEntry(int Id, string Description, string Schema, string Name, string Owner, bool HasData, IReadOnlyList<int> Dependencies)
{
    /// <summary>Where its data begin in the custom format; null where that was not noted, because the dump was streamed.</summary>
    public long? Offset { get; init; }

    /// <summary>Name of the file of its data, without the ending of a compression; null in the custom format.</summary>
    public string? FileName { get; init; }
}
