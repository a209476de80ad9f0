namespace Maintenance.Engine.Backup.Testing;

/// <summary>What reading a backup has shown, for those who go on with it.</summary>
/// <param name="Look">What its first bytes show.</param>
/// <param name="Contents">Header and table of contents, for pg_dump's custom, directory and tar format from level Toc on; else null.</param>
internal sealed record Examination(HeaderLook Look, ArchiveContents? Contents)
{
    /// <summary>The files of a backup in directory format, by their names below its own; empty for others.</summary>
    public IReadOnlyDictionary<string, Stores.StoreEntry> Files { get; init; } = new Dictionary<string, Stores.StoreEntry>();
}
