using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>Backups in a folder and the folders below it.</summary>
/// <param name="settings">The store's settings.</param>
internal sealed class FolderStore(StoreSettings settings) : IBackupStore
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(settings.Path!));
    private int _folders;

    public string Name => _root;

    public bool CanSeek => false;

    public int Requests => _folders;

    public async IAsyncEnumerable<StoreEntry> ListAsync(
        string? startFrom, int? pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The file system has no asynchronous listing, and a dead network share blocks whoever asks it. The asking is done
        // apart, so that a deadline still ends the wait.
        var files = Channel.CreateBounded<StoreEntry>(new BoundedChannelOptions(1000) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = stop.Token;
        _ = Task.Run(() => WriteAsync(files.Writer, token), CancellationToken.None);
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

    private async Task WriteAsync(ChannelWriter<StoreEntry> writer, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var file in Files())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (file.Name.StartsWith(settings.Prefix, StringComparison.Ordinal))
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
            if (current.Name.Length > 0 && File.Exists(Path.Combine(current.Folder.FullName, "toc.dat")))
            {
                yield return DirectoryBackup(current.Folder, current.Name);
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
                    yield return new StoreEntry(current.Name + item.Name, file.Length, Modified(file));
                }
            }
        }
    }

    private static StoreEntry DirectoryBackup(DirectoryInfo folder, string name)
    {
        var (size, modified) = (0L, DateTimeOffset.MinValue);
        foreach (var file in folder.EnumerateFiles("*", Everything))
        {
            size += file.Length;
            modified = Modified(file) > modified ? Modified(file) : modified;
        }

        return new StoreEntry(name + "toc.dat", size, modified);
    }

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
