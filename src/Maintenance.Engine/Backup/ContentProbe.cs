using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>
/// Looks at the first bytes of the newest backups: a file that is called a backup may hold an error page. One request each.
/// </summary>
/// <param name="open">Opens the store that a backup is in.</param>
internal sealed class ContentProbe(Func<DatabaseBackup, CancellationToken, Task<IFileStore>> open)
{
    private const string ArchiveTier = "Archive";

    /// <summary>How many requests were made.</summary>
    public int Requests { get; private set; }

    /// <summary>A record with what its content says: as it was, or Unreadable. Only what would else be green is looked at.</summary>
    public async Task<BackupRecency> LookAsync(BackupRecency recency, CancellationToken cancellationToken)
    {
        if (recency is not { State: BackupRecencyState.Fresh or BackupRecencyState.Shrunk, Newest: { } newest })
        {
            return recency;
        }

        if (newest.Tier == ArchiveTier)
        {
            return NotSeen(recency, "it lies in the Archive tier, where nothing can be read until it is rehydrated");
        }

        if (BackupName.IsEncrypted(newest.Name))
        {
            return NotSeen(recency, "it is encrypted");
        }

        try
        {
            return Judge(recency, newest, await ReadAsync(newest, cancellationToken));
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Translate(recency, newest, exception);
        }
    }

    private static BackupRecency Judge(BackupRecency recency, DatabaseBackup newest, byte[] bytes)
    {
        var look = BackupHeader.Look(bytes);
        if (look.Encryption is { } encryption)
        {
            return NotSeen(recency, $"it is encrypted ({encryption})");
        }

        var isUnseen = look.Kind == BackupKind.Unknown || (!look.IsSeen && !BackupName.IsCompressed(newest.Name));
        if (isUnseen && !(newest.Kind == BackupKind.Plain && IsSql(bytes)) && !(newest.Kind == BackupKind.BaseBackup && IsOfBaseBackup(bytes)))
        {
            return recency with
            {
                State = BackupRecencyState.Unreadable,
                Message = $"The newest backup is there, but its first bytes are those of no backup. {recency.Message}",
                Recommendation = "Look at what it holds and at the job that writes it, and make a new one.",
            };
        }

        // A dump that is called otherwise than it is can be restored all the same, by whoever knows it.
        var isOther = newest.Kind != BackupKind.Unknown && look.Kind != newest.Kind && look.IsSeen && look.Kind != BackupKind.Unknown;
        return recency with
        {
            ContentSeen = true,
            Message = isOther ? $"{recency.Message} Its content is that of the format {look.Kind}, although its name says {newest.Kind}." : recency.Message,
        };
    }

    // Tools that strip pg_dump's comments leave statements.
    private static bool IsSql(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return !text.Contains('\0', StringComparison.Ordinal)
            && text.Split('\n').Any(line => Array.Exists(Statements, statement => line.StartsWith(statement, StringComparison.OrdinalIgnoreCase)));
    }

    // The manifest, or the file with the version, of a base backup that is a folder.
    private static bool IsOfBaseBackup(byte[] bytes) =>
        bytes.AsSpan().IndexOf("\"PostgreSQL-Backup-Manifest-Version\""u8) is >= 0 and < 64
        || (bytes.Length is > 0 and < 8 && bytes.All(one => char.IsAsciiDigit((char)one) || (char)one is '.' or '\n'));

    private static readonly string[] Statements =
        ["SET ", "CREATE ", "COPY ", "INSERT INTO ", "ALTER ", "DROP ", "BEGIN;", "SELECT ", "COMMENT ON ", "\\connect ", "\\restrict "];

    private async Task<byte[]> ReadAsync(DatabaseBackup newest, CancellationToken cancellationToken)
    {
        var store = await open(newest, cancellationToken);
        var names = newest.Kind switch
        {
            BackupKind.Directory => [$"{newest.Name}/toc.dat"],
            BackupKind.BaseBackup when !BackupName.IsBaseFile(newest.Name) => BackupName.BaseMarkers.Select(marker => $"{newest.Name}/{marker}"),
            _ => (IEnumerable<string>)[newest.Name],
        };
        foreach (var name in names.SkipLast(1))
        {
            if (await TryReadAsync(store, name, cancellationToken) is { } found)
            {
                return found;
            }
        }

        return await ReadAsync(store, names.Last(), name => name == newest.Name && !Path.IsPathRooted(newest.Store) ? newest.ETag : null, cancellationToken);
    }

    private async Task<byte[]?> TryReadAsync(IFileStore store, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(store, name, _ => null, cancellationToken);
        }
        catch (Exception exception) when (IsGone(exception))
        {
            return null;
        }
    }

    private async Task<byte[]> ReadAsync(IFileStore store, string name, Func<string, string?> etag, CancellationToken cancellationToken)
    {
        Requests++;
        await using var part = await store.OpenAsync(name, 0, BackupHeader.Length, etag(name), cancellationToken);
        var buffer = new byte[BackupHeader.Length];
        return buffer[..await part.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)];
    }

    private static bool IsGone(Exception exception) => exception is FileNotFoundException or DirectoryNotFoundException
        || (exception is RequestFailedException refused && refused.ErrorCode == BlobErrorCode.BlobNotFound);

    private static BackupRecency Translate(BackupRecency recency, DatabaseBackup newest, Exception exception) => exception switch
    {
        RequestFailedException { Status: 401 or 403 } or UnauthorizedAccessException => NotSeen(recency, "only listing is permitted"),
        RequestFailedException refused when refused.ErrorCode == BlobErrorCode.BlobArchived => NotSeen(recency, "it lies in the Archive tier"),
        RequestFailedException { Status: 412 } => NotSeen(recency, "it was replaced meanwhile"),
        _ when IsGone(exception) => NotSeen(recency, "it was deleted meanwhile"),
        _ => FromStore(recency, StoreErrors.Translate(exception, newest.Store, "The newest backup could be listed, but not opened.")),
    };

    // A store that fails as a whole says nothing about the backup; one that fails at this file does.
    private static BackupRecency FromStore(BackupRecency recency, Exception exception) => exception switch
    {
        MaintenanceException { Code: MaintenanceErrorCode.NotConfigured or MaintenanceErrorCode.SecretNotFound or MaintenanceErrorCode.StoreAuthenticationFailed } error =>
            NotSeen(recency, error.Message.TrimEnd('.')),
        MaintenanceException { Code: MaintenanceErrorCode.StoreUnreachable } error => recency with
        {
            State = BackupRecencyState.CannotDetermine,
            Message = $"Whether the newest backup can be read could not be found out. {error.Message}",
            Error = error.Code,
            Recommendation = error.Recommendation,
        },
        MaintenanceException error => recency with
        {
            State = BackupRecencyState.Unreadable,
            Message = $"The newest backup cannot be opened, although the store can be listed. {error.Message}",
            Error = error.Code,
            Recommendation = error.Recommendation,
        },
        _ => throw exception,
    };

    private static BackupRecency NotSeen(BackupRecency recency, string why) => recency with { Message = $"{recency.Message} Its content was not looked at: {why}." };
}
