using System.ComponentModel;
using System.Management.Automation;
using Maintenance.Formatting;

namespace Maintenance.Infrastructure;

/// <summary>What names a backup: a backup of Get-DatabaseBackup, also one that was kept in a file; the path of a file or folder; or its name in the store of a target.</summary>
[TypeConverter(typeof(KeptBackup))]
public sealed class BackupArgument
{
    private readonly DatabaseBackup? _backup;

    /// <summary>Names a backup.</summary>
    /// <param name="name">Its path, or its name in a store.</param>
    public BackupArgument(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>Brings a backup along.</summary>
    /// <param name="backup">The backup.</param>
    public BackupArgument(DatabaseBackup backup)
    {
        ArgumentNullException.ThrowIfNull(backup);
        (_backup, Name) = (backup, backup.Name);
    }

    /// <summary>Its name or path.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The backup: the one brought along, the file or folder of that path, or what the store of a target has under that name.</summary>
    /// <param name="path">Its name, as a path.</param>
    /// <param name="fromPath">The backup of a path.</param>
    /// <param name="stored">The backups of the target's store; null where no target is known.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    internal async Task<DatabaseBackup> FindAsync(string path, Func<string, DatabaseBackup> fromPath, Func<IAsyncEnumerable<DatabaseBackup>>? stored, CancellationToken cancellationToken)
    {
        if (_backup is not null)
        {
            return _backup;
        }

        // Without a store the path is what is wrong.
        if (System.IO.Path.Exists(path) || stored is null)
        {
            return fromPath(path);
        }

        await foreach (var backup in stored().WithCancellation(cancellationToken))
        {
            if (backup.Name.Equals(Name, StringComparison.Ordinal))
            {
                return backup;
            }
        }

        throw new MaintenanceException(MaintenanceErrorCode.BackupNotFound, $"There is no backup '{Name}': neither is it a path, nor a name in the store.", "Get-DatabaseBackup lists what there is.");
    }

    /// <summary>A backup that was kept.</summary>
    public sealed class KeptBackup : KeptArgument<BackupArgument>
    {
        /// <inheritdoc/>
        protected override BackupArgument? Of(PSObject kept) =>
            Was(kept, typeof(DatabaseBackup)) && Revived.Whole(kept) is DatabaseBackup backup ? new BackupArgument(backup) : null;
    }
}
