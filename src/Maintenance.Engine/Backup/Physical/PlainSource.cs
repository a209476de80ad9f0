using System.Runtime.CompilerServices;
using Maintenance.Engine.Backup.Testing;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>A base backup as a folder. Its links are followed as PostgreSQL does: those of tablespaces, and no others.</summary>
/// <param name="file">The backup.</param>
/// <param name="folder">The folder.</param>
internal sealed class PlainSource(BackupFile file, string folder) : BaseBackupSource
{
    private const string Tablespaces = "pg_tblspc";
    private const int Buffer = 256 * 1024;
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    public override string Form => "a folder";

    public override bool CanLook => true;

    public override string Folder => folder;

    public override Task<byte[]?> FindManifestAsync(CancellationToken cancellationToken) => SmallAsync(ManifestName, PhysicalManifest.Largest, cancellationToken);

    public override async Task<string?> FindTextAsync(string path, CancellationToken cancellationToken) =>
        await SmallAsync(path, BackupLabel.Longest, cancellationToken) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;

    public override async IAsyncEnumerable<PhysicalFile> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (path, info) in FilesAsync(cancellationToken))
        {
            await using var content = await file.OpenFileAsync(info.FullName, Buffer, cancellationToken);
            yield return new PhysicalFile(path, info.Length, content);
        }
    }

    public override async IAsyncEnumerable<PhysicalFile> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (path, info) in FilesAsync(cancellationToken))
        {
            yield return new PhysicalFile(path, info.Length, Stream.Null);
        }
    }

    public override Task<IReadOnlyList<string>> TablespacesAsync(CancellationToken cancellationToken) => file.RunAsync<IReadOnlyList<string>>(
        () => Task.Run<IReadOnlyList<string>>(
            () =>
            {
                var below = new DirectoryInfo(Path.Combine(folder, Tablespaces));
                var entries = below.Exists ? below.GetFileSystemInfos("*", Everything) : [];
                return Array.Find(entries, entry => entry.LinkTarget is not null && !Directory.Exists(entry.FullName)) is { } lost
                    ? throw WithoutTablespace(file.Name, $"{lost.Name}, which lay at {lost.LinkTarget}")
                    : [.. entries.Where(entry => entry is DirectoryInfo).Select(entry => entry.Name)];
            },
            cancellationToken),
        cancellationToken);

    private async Task<byte[]?> SmallAsync(string path, int most, CancellationToken cancellationToken)
    {
        var info = new FileInfo(Path.Combine(folder, path));
        if (!info.Exists || info.LinkTarget is not null)
        {
            return null;
        }

        if (info.Length > most)
        {
            throw TooLarge(path, info.Length);
        }

        await using var content = await file.OpenFileAsync(info.FullName, Buffer, cancellationToken);
        var bytes = new byte[info.Length];
        return bytes[..await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken)];
    }

    internal static BackupFaultException TooLarge(string path, long size) => new(
        "Manifest", BackupLevel.Toc, BackupFault.None, FormattableString.Invariant($"{path} has {size} bytes, and only {PhysicalManifest.Largest} are read."), "Verify it with pg_verifybackup.");

    // The file system has no asynchronous listing: it is asked folder by folder.
    private async IAsyncEnumerable<(string Path, FileInfo Info)> FilesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folders = new Stack<(DirectoryInfo Folder, string Path)>([(new DirectoryInfo(folder), "")]);
        while (folders.TryPop(out var current))
        {
            var items = await file.RunAsync(() => Task.Run(() => current.Folder.GetFileSystemInfos("*", Everything), cancellationToken), cancellationToken);
            foreach (var item in items)
            {
                var path = current.Path + item.Name;
                if (item is DirectoryInfo sub)
                {
                    if (sub.LinkTarget is null || current.Path == Tablespaces + "/")
                    {
                        folders.Push((sub, path + "/"));
                    }
                }
                else if (item.LinkTarget is null)
                {
                    yield return (path, (FileInfo)item);
                }
            }
        }
    }
}
