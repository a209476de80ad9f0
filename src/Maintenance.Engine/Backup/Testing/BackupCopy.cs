using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>A backup that was fetched into a folder of this machine.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Name">The file or folder that it is there.</param>
/// <param name="Sums">SHA-256 of what came, by the names of the files; of a single file, by <see cref="Name"/>.</param>
internal sealed record BackupCopy(string Folder, string Name, IReadOnlyDictionary<string, string> Sums)
{
    /// <summary>The copy as a backup, to be read like the one that it is of. What is read of it is counted apart.</summary>
    public BackupFile Open(DatabaseBackup backup) => new(new FolderFileStore(Folder, prefix: ""), backup with { Store = Folder, Name = Name });
}
