using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>Backups in a folder and the folders below it.</summary>
/// <param name="settings">The store's settings.</param>
internal sealed class FolderStore(StoreSettings settings) : IBackupStore
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
    private static readonly EnumerationOptions Recursively = new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false, RecurseSubdirectories = true };
    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(settings.Path!));
    private int _folders;

    public string Name => _root;

    public bool CanSeek => false;

    public int Requests => _folders;

    public async IAsyncEnumerable<StoreEntry> ListAsync(StoreRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The file system has no asynchronous listing, and a dead network share blocks whoever asks it. The asking is done
        // apart, so that a deadline still ends the wait.
        var files = Channel.CreateBounded<StoreEntry>(new BoundedChannelOptions(1000) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = stop.Token;
        _ = Task.Run(() => WriteAsync(files.Writer, range.Begin ?? settings.Prefix, token), CancellationToken.None);
        try
        {
            await foreach (var file in files.Reader.ReadAllAsync(cancellationToken))
            {
                yield return file;
            }
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private async Task WriteAsync(ChannelWriter<StoreEntry> writer, string begin, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var file in Files())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (file.Name.StartsWith(begin, StringComparison.Ordinal))
                {
                    await writer.WriteAsync(file, cancellationToken);
                }
            }

            writer.Complete();
        }
        catch (Exception exception)
        {
            writer.Complete(cancellationToken.IsCancellationRequested
                ? new OperationCanceledException(cancellationToken)
                : StoreErrors.Translate(exception, Name));
        }
    }

    private IEnumerable<StoreEntry> Files()
    {
        var root = new DirectoryInfo(_root);
        if (!root.Exists)
        {
            throw StoreErrors.FolderNotFound(_root, File.Exists(_root));
        }

        // Depth first, with the names as the user sees them: those of links, not of where they lead.
        var folders = new Stack<(DirectoryInfo Folder, string Name)>([(root, "")]);
        var linked = new HashSet<string>(StringComparer.Ordinal) { FinalPath(root) };
        while (folders.TryPop(out var current))
        {
            _folders++;
            if (current.Name.Length > 0 && WholeBackup(current.Folder, current.Name) is { } whole)
            {
                foreach (var file in whole)
                {
                    yield return file;
                }

                continue;
            }

            foreach (var item in current.Folder.EnumerateFileSystemInfos("*", Everything))
            {
                if (item is DirectoryInfo folder)
                {
                    // A link is followed once, and never into what is read anyway: that is how loops are made.
                    if (folder.LinkTarget is null || IsNewPlace(FinalPath(folder), linked))
                    {
                        folders.Push((folder, $"{current.Name}{folder.Name}/"));
                    }
                }
                else if (Resolve((FileInfo)item) is { } file)
                {
                    yield return ToEntry(current.Name + item.Name, file);
                }
            }
        }
    }

    // A folder that is a backup is told by one file, and stands for all of them.
    private static IEnumerable<StoreEntry>? WholeBackup(DirectoryInfo folder, string name)
    {
        if (File.Exists(Path.Combine(folder.FullName, "toc.dat")))
        {
            return [Sum(name + "toc.dat", folder.EnumerateFiles("*", Everything))];
        }

        var marker = folder.EnumerateFiles("*", Everything).Where(file => BackupName.IsBaseMarker(file.Name)).MinBy(file => file.Name, StringComparer.Ordinal);
        return marker is null ? null : BaseBackup(folder, name, marker.Name);
    }

    private static IEnumerable<StoreEntry> BaseBackup(DirectoryInfo folder, string name, string marker)
    {
        // Dumps that somebody put into the same folder are backups of their own.
        var files = folder.EnumerateFiles("*", Everything).ToLookup(file => BackupName.IsDump(file.Name));
        var below = folder.EnumerateDirectories("*", Everything).Where(inner => inner.LinkTarget is null)
            .SelectMany(inner => inner.EnumerateFiles("*", Recursively));
        return [Sum(name + marker, files[false].Concat(below)), .. files[true].Select(Resolve).OfType<FileInfo>().Select(file => ToEntry(name + file.Name, file))];
    }

    private static StoreEntry Sum(string name, IEnumerable<FileInfo> files)
    {
        var (count, size, modified) = (0, 0L, DateTimeOffset.MinValue);
        foreach (var file in files.Select(Resolve).OfType<FileInfo>())
        {
            count++;
            size += file.Length;
            modified = Modified(file) > modified ? Modified(file) : modified;
        }

        return new StoreEntry(name, size, modified, ETag: string.Create(CultureInfo.InvariantCulture, $"{count}-{size}-{modified.UtcTicks}"));
    }

    private static StoreEntry ToEntry(string name, FileInfo file) =>
        new(name, file.Length, Modified(file), ETag: string.Create(CultureInfo.InvariantCulture, $"{file.Length}-{file.LastWriteTimeUtc.Ticks}"));

    private static FileInfo? Resolve(FileInfo file) => file.LinkTarget is null
        ? file
        : file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } target ? target : null;

    private static string FinalPath(DirectoryInfo folder) =>
        Path.TrimEndingDirectorySeparator((folder.ResolveLinkTarget(returnFinalTarget: true) ?? folder).FullName);

    private bool IsNewPlace(string path, HashSet<string> linked) =>
        Directory.Exists(path)
        && !(path + Path.DirectorySeparatorChar).StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        && linked.Add(path);

    private static DateTimeOffset Modified(FileInfo file) => new(file.LastWriteTimeUtc, TimeSpan.Zero);
}
