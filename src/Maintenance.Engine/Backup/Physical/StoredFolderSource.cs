using System.Runtime.CompilerServices;
using System.Text;
using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>A base backup in plain format whose files were put into a blob container one by one.</summary>
/// <param name="file">The backup.</param>
/// <param name="files">Its files, by their paths.</param>
internal sealed class StoredFolderSource(BackupFile file, IReadOnlyDictionary<string, StoreEntry> files) : BaseBackupSource
{
    public override string Form => "a folder";

    public override bool CanLook => true;

    public override async Task<byte[]?> FindManifestAsync(CancellationToken cancellationToken) => !files.TryGetValue(ManifestName, out var entry) ? null
        : entry.SizeBytes > PhysicalManifest.Largest ? throw PlainSource.TooLarge(ManifestName, entry.SizeBytes)
        : await file.ReadAsync(entry.Name, 0, (int)entry.SizeBytes, cancellationToken);

    public override async Task<string?> FindTextAsync(string path, CancellationToken cancellationToken) => files.TryGetValue(path, out var entry) && entry.SizeBytes > 0
        ? Encoding.UTF8.GetString(await file.ReadAsync(entry.Name, 0, (int)Math.Min(BackupLabel.Longest, entry.SizeBytes), cancellationToken))
        : null;

    public override async IAsyncEnumerable<PhysicalFile> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (path, entry) in files)
        {
            await using var content = entry.SizeBytes == 0 ? Stream.Null : await file.OpenAsync(entry.Name, 0, entry.SizeBytes, cancellationToken);
            yield return new PhysicalFile(path, entry.SizeBytes, content);
        }
    }

    public override async IAsyncEnumerable<PhysicalFile> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var (path, entry) in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new PhysicalFile(path, entry.SizeBytes, Stream.Null);
        }
    }
}
