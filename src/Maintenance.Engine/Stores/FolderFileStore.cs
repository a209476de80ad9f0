using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Stores;

/// <summary>
/// Files in a folder. One is written under another name, brought to the disk and renamed, and then the rename is brought to the
/// disk: what it was made of may be deleted next, and a power cut must not take the file with it.
/// </summary>
/// <param name="root">The folder.</param>
/// <param name="prefix">What all names begin with.</param>
/// <param name="readLinks">True to read through links, for files that others put there. Nothing is ever written through one.</param>
internal sealed partial class FolderFileStore(string root, string prefix, bool readLinks = false) : IFileStore
{
    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    public string Place => prefix.Length == 0 ? _root : Path.Combine(_root, prefix);

    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        MakeFolder(_root);
        return Task.CompletedTask;
    }

    public Task CheckAsync(CancellationToken cancellationToken) => Directory.Exists(_root)
        ? Task.CompletedTask
        : Task.FromException(new DirectoryNotFoundException($"The folder {_root} does not exist."));

    public Task<IFileUpload> BeginAsync(string name, string contentType, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        MakeFolder(Path.GetDirectoryName(path)!);
        return Task.FromResult<IFileUpload>(new FolderUpload(path));
    }

    public async Task PutAsync(string name, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        MakeFolder(Path.GetDirectoryName(path)!);
        var temporary = TemporaryOf(path);
        try
        {
            await using (var file = PrivateFiles.CreateNew(temporary))
            {
                await file.WriteAsync(content, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            Forsake(temporary);
        }

        DurableFolder.Flush(Path.GetDirectoryName(path)!);
    }

    public Task<Stream> OpenAsync(string name, CancellationToken cancellationToken)
    {
        return Task.FromResult<Stream>(Open(name));
    }

    public Task<Stream> OpenAsync(string name, long offset, long length, string? etag, CancellationToken cancellationToken)
    {
        var file = Open(name);
        file.Position = Math.Min(offset, file.Length);
        return Task.FromResult<Stream>(new LimitedStream(file, length));
    }

    public Task<StoreEntry?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(name));
        return Task.FromResult<StoreEntry?>(file.Exists ? new StoreEntry(name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero)) : null);
    }

    public async IAsyncEnumerable<StoreEntry> ListAsync(string begin, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The folder that all such names lie in; what the file system can tell about others is not asked for.
        var start = PathOf(begin[..(begin.LastIndexOf('/') + 1)]);
        if (!Directory.Exists(start))
        {
            // A disk that is not mounted looks empty, and what is on it is not gone.
            _ = Directory.Exists(_root) ? true : throw new DirectoryNotFoundException($"There is no folder {_root}.");
            yield break;
        }

        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var file in await Task.Run(() => new DirectoryInfo(start).GetFiles("*", options), cancellationToken))
        {
            var name = NameOf(file.FullName);
            if (name is not null && name.StartsWith(begin, StringComparison.Ordinal))
            {
                yield return new StoreEntry(name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));
            }
        }
    }

    public void Forget()
    {
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        if (File.Exists(path))
        {
            File.Delete(path);
        }

        return Task.CompletedTask;
    }

    public Task DeleteFolderAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        if (Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any())
        {
            Directory.Delete(path);
        }

        return Task.CompletedTask;
    }

    public async Task<IReadOnlyList<SweptFile>> SweepAsync(string begin, DateTimeOffset before, CancellationToken cancellationToken)
    {
        // A dead network share blocks whoever asks it: the deadline still ends the wait.
        return await Task.Run(() => Directory.Exists(_root) ? Sweep(begin, before, cancellationToken) : [], cancellationToken).WaitAsync(cancellationToken);
    }

    private List<SweptFile> Sweep(string begin, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var swept = new List<SweptFile>();
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var file in new DirectoryInfo(_root).EnumerateFiles(".*.tmp", options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Temporary().Match(file.Name) is { Success: true } match
                && NameOf(Path.Combine(file.DirectoryName!, match.Groups[1].Value))?.StartsWith(begin, StringComparison.Ordinal) == true
                && TryRemove(file.FullName, before) is { } result)
            {
                swept.Add(result);
            }
        }

        return swept;
    }

    // Whoever writes it holds it open, which keeps others from opening it alone; and what was written lately is not forsaken yet.
    private static SweptFile? TryRemove(string path, DateTimeOffset before)
    {
        try
        {
            // Windows deletes only what is opened so; elsewhere nothing keeps anybody from it.
            using var alone = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None);
            if (File.GetLastWriteTimeUtc(alone.SafeFileHandle) >= before.UtcDateTime)
            {
                return null;
            }
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException exception)
        {
            return File.GetLastWriteTimeUtc(path) < before.UtcDateTime ? new SweptFile(path, exception.Message) : null;
        }

        try
        {
            File.Delete(path);
            return new SweptFile(path, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new SweptFile(path, exception.Message);
        }
    }

    private FileStream Open(string name)
    {
        var path = PathOf(name);
        if (!readLinks)
        {
            RefuseLinks(new FileInfo(path));
        }

        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 256 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);
    }

    // The names that TemporaryOf gives, and no others.
    [GeneratedRegex(@"^\.(.+)\.[0-9a-f]{32}\.tmp$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Temporary();

    private static string TemporaryOf(string path) => Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");

    // Where that fails, something else has failed before, and is what is to be told. The next run deletes it.
    private static void Forsake(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private string PathOf(string name)
    {
        var path = Path.GetFullPath(Path.Combine([_root, .. (prefix + name).Split('/')]));
        return path == _root || path.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path : throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument, $"The name {name} leads out of the store.", "Use a name that the store's own listing shows.");
    }

    private string? NameOf(string path)
    {
        var name = Path.GetRelativePath(_root, path).Replace(Path.DirectorySeparatorChar, '/');
        return name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;
    }

    // The new folders, too, must be there after a power cut.
    private void MakeFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            PrivateFiles.CreateFolder(folder);
            for (var at = folder; at.Length >= _root.Length; at = Path.GetDirectoryName(at)!)
            {
                DurableFolder.Flush(Path.GetDirectoryName(at)!);
            }
        }

        RefuseLinks(new DirectoryInfo(folder));
    }

    // A link below the store could lead anywhere. The store itself may be one: that is the owner's choice.
    private void RefuseLinks(FileSystemInfo item)
    {
        for (var at = item; at is not null && at.FullName.Length > _root.Length; at = at is FileInfo file ? file.Directory : ((DirectoryInfo)at).Parent)
        {
            if (at.LinkTarget is not null)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.StoreError, $"{at.FullName} in the store is a link, and links are not followed.", "Replace it by what it leads to.");
            }
        }
    }

    /// <summary>A file that is being written under another name.</summary>
    private sealed class FolderUpload(string path) : IFileUpload
    {
        private readonly string _temporary = TemporaryOf(path);
        private HashingStream? _content;
        private FileStream? _file;
        private bool _committed;

        public IReadOnlyDictionary<string, string> Metadata { get; set; } = new Dictionary<string, string>();

        public Stream Content => _content ??= new HashingStream(_file = PrivateFiles.CreateNew(_temporary));

        public async Task<(long Bytes, string Sha256)> CommitAsync(Func<ValueTask> staged, CancellationToken cancellationToken)
        {
            _ = Content;
            await _content!.FlushAsync(cancellationToken);
            _file!.Flush(flushToDisk: true);
            await _content.DisposeAsync();
            await staged();
            cancellationToken.ThrowIfCancellationRequested();
            File.Move(_temporary, path, overwrite: false);
            _committed = true;
            DurableFolder.Flush(Path.GetDirectoryName(path)!);
            return new FileInfo(path).Length == _content.Written
                ? (_content.Written, _content.Sha256)
                : throw new IOException($"{path} has another length than was written.");
        }

        public async ValueTask DisposeAsync()
        {
            if (_content is not null)
            {
                await _content.DisposeAsync();
            }

            if (!_committed && _content is not null)
            {
                Forsake(_temporary);
            }
        }
    }
}
