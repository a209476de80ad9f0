using Maintenance.Engine.Backup.Testing;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>A file of a base backup. Its content can be read until the next file is asked for.</summary>
/// <param name="Path">Its path in the data folder.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Content">Its bytes; nothing where only names were asked for.</param>
internal readonly record struct PhysicalFile(string Path, long SizeBytes, Stream Content);

/// <summary>A base backup in one of the forms that pg_basebackup writes.</summary>
internal abstract class BaseBackupSource
{
    public const string ManifestName = "backup_manifest";

    /// <summary>What it is, for people.</summary>
    public abstract string Form { get; }

    /// <summary>True if names and sizes can be had without reading everything.</summary>
    public abstract bool CanLook { get; }

    /// <summary>True if what it is wrapped in has checksums of its own.</summary>
    public virtual bool HasOwnChecksums => false;

    /// <summary>The folder it is, to be given to programs; null if it is none.</summary>
    public virtual string? Folder => null;

    /// <summary>SHA-256 of the file that the backup is named by, once it was read whole; null for a folder.</summary>
    public virtual string? Sha256 => null;

    /// <summary>Its manifest, where it can be had without reading everything.</summary>
    public abstract Task<byte[]?> FindManifestAsync(CancellationToken cancellationToken);

    /// <summary>A small file at its beginning; null where there is none.</summary>
    public abstract Task<string?> FindTextAsync(string path, CancellationToken cancellationToken);

    /// <summary>All files, with their content.</summary>
    public abstract IAsyncEnumerable<PhysicalFile> ReadAsync(CancellationToken cancellationToken);

    /// <summary>All files by name and size, where <see cref="CanLook"/>.</summary>
    public abstract IAsyncEnumerable<PhysicalFile> LookAsync(CancellationToken cancellationToken);

    /// <summary>The numbers of its tablespaces, also of those without a file, as far as it tells.</summary>
    /// <exception cref="BackupFaultException">One of them is not there.</exception>
    public virtual Task<IReadOnlyList<string>> TablespacesAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    private protected static BackupFaultException WithoutTablespace(string backup, string tablespace) => new(
        "Tablespaces", BackupLevel.Full, BackupFault.Truncated, $"{backup} lacks the tablespace {tablespace}.", "Copy base backups with all their tablespaces: those of a folder lie where the links in pg_tblspc lead. Make a new base backup.");

    /// <summary>Opens a backup: a data folder, or archives, which may lie in a folder that the backup is named by.</summary>
    /// <exception cref="BackupFaultException">It is in a form that cannot be read here.</exception>
    /// <exception cref="MaintenanceException">Store….</exception>
    public static async Task<BaseBackupSource> OpenAsync(BackupFile file, CancellationToken cancellationToken)
    {
        if (Path.IsPathRooted(file.Backup.Store) && Path.Combine(file.Backup.Store, file.Name) is var folder && File.Exists(Path.Combine(folder, "PG_VERSION")))
        {
            return new PlainSource(file, folder);
        }

        var inside = await file.ListAsync(cancellationToken);
        if (inside.ContainsKey("PG_VERSION"))
        {
            return new StoredFolderSource(file, inside);
        }

        if (!inside.Keys.Any(name => TarSource.IsMain(name) || name is ManifestName or "backup_label" || name.StartsWith("pg_wal", StringComparison.Ordinal))
            && inside.Keys.Select(BackupName.Parse).FirstOrDefault(name => name is not null) is { } one)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"{file.Name} is a folder of backups, such as {one.Name}, and no backup itself.",
                $"Name one of them, or test those of the folder: Get-DatabaseBackup -Path '{Path.Combine(file.Backup.Store, file.Name).Replace("'", "''", StringComparison.Ordinal)}' | Test-BackupRestore");
        }

        return inside.Keys.FirstOrDefault(TarSource.IsMain) is { } main
            ? await TarSource.OpenAsync(file, $"{file.Name}/{main}", inside[main].SizeBytes, cancellationToken)
            : inside.Count > 0 ? throw new BackupFaultException(
                "Header", BackupLevel.Header, BackupFault.Truncated, $"{file.Name} holds neither PG_VERSION nor base.tar: it is not a whole base backup.", "Make a new base backup, and look at what sends it to the store.")
            : await TarSource.OpenAsync(file, file.Name, file.Size, cancellationToken);
    }
}
