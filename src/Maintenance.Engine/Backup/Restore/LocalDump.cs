using System.IO.Compression;
using System.Security.Cryptography;
using Maintenance.Engine.Backup.Testing;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>A dump where PostgreSQL's programs can read it: in its folder, or copied out of a container.</summary>
/// <param name="Path">The file, or the folder of the directory format.</param>
/// <param name="Kind">Its format.</param>
internal sealed record LocalDump(string Path, BackupKind Kind)
{
    private const int BufferBytes = 1 << 20;

    /// <summary>True for archives, which pg_restore reads; false for SQL text.</summary>
    public bool IsArchive => Kind is BackupKind.Custom or BackupKind.Directory or BackupKind.Tar;

    /// <summary>True if several tables can be restored at once.</summary>
    public bool IsParallel => Kind is BackupKind.Custom or BackupKind.Directory;

    /// <summary>Whether a backup has to be copied before it can be restored.</summary>
    public static bool NeedsCopy(TestWork work) => !System.IO.Path.IsPathFullyQualified(work.Backup.Store);

    /// <summary>A backup that lies in a folder: it stays where it is.</summary>
    public static LocalDump InPlace(TestWork work) =>
        new(System.IO.Path.Combine(work.Backup.Store, System.IO.Path.Combine(work.Backup.Name.Split('/'))), work.Format);

    /// <summary>A backup that was copied.</summary>
    public static LocalDump Of(BackupCopy copy, BackupKind format) => new(System.IO.Path.Combine(copy.Folder, copy.Name), format);

    /// <summary>Copies a backup into a folder, hashed on the way.</summary>
    /// <param name="work">The test.</param>
    /// <param name="files">The files of a backup that is a folder, by their names in it.</param>
    /// <param name="folder">The folder, which only we can enter.</param>
    /// <param name="cancellationToken">Ends the copying.</param>
    /// <exception cref="MaintenanceException">The store cannot be read.</exception>
    public static async Task<BackupCopy> FetchAsync(
        TestWork work, IReadOnlyDictionary<string, Stores.StoreEntry> files, string folder, CancellationToken cancellationToken)
    {
        const string Name = "dump";
        var path = System.IO.Path.Combine(folder, Name);
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        if (work.Format != BackupKind.Directory)
        {
            sums[Name] = await CopyAsync(work, work.Backup.Name, work.Backup.SizeBytes, path, cancellationToken);
            return new BackupCopy(folder, Name, sums);
        }

        PrivateFiles.CreateFolder(path);
        foreach (var (name, file) in files)
        {
            // pg_dump's directories are flat. A name that leads elsewhere is none of its.
            if (name.Length > 0 && name is not (".." or ".") && !name.AsSpan().ContainsAny('/', '\\'))
            {
                sums[name] = await CopyAsync(work, file.Name, file.SizeBytes, System.IO.Path.Combine(path, name), cancellationToken);
            }
        }

        return new BackupCopy(folder, Name, sums);
    }

    /// <summary>What its first bytes show; of a folder, nothing.</summary>
    public async Task<HeaderLook> LookAsync(CancellationToken cancellationToken)
    {
        if (Kind == BackupKind.Directory)
        {
            return new HeaderLook(Kind, Compression.None, null);
        }

        return BackupHeader.Look(await HeadAsync(cancellationToken));
    }

    /// <summary>Whether it is SQL text of pg_dumpall: of several databases.</summary>
    public async Task<bool> IsClusterAsync(CancellationToken cancellationToken)
    {
        var head = new byte[BackupHeader.Length];
        await using var text = OpenText();
        var read = await text.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        return BackupHeader.SqlText.IsCluster(head.AsSpan(0, read));
    }

    /// <summary>Unpacks an archive that was compressed as a whole, which pg_restore cannot read.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="cancellationToken">Ends the unpacking.</param>
    public async Task<LocalDump> UnpackAsync(string folder, CancellationToken cancellationToken)
    {
        var path = System.IO.Path.Combine(folder, "unpacked");
        await using var packed = new GZipStream(Open(), CompressionMode.Decompress);
        await using var unpacked = PrivateFiles.CreateNew(path);
        await packed.CopyToAsync(unpacked, cancellationToken);
        return this with { Path = path };
    }

    /// <summary>Opens SQL text, uncompressed.</summary>
    public Stream OpenText() => Kind == BackupKind.PlainCompressed ? new GZipStream(Open(), CompressionMode.Decompress) : Open();

    private FileStream Open() => new(Path, new FileStreamOptions
    {
        Access = FileAccess.Read,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = BufferBytes,
        Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
    });

    private async Task<byte[]> HeadAsync(CancellationToken cancellationToken)
    {
        var head = new byte[BackupHeader.Length];
        await using var file = Open();
        return head[..await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken)];
    }

    private static async Task<string> CopyAsync(TestWork work, string name, long size, string path, CancellationToken cancellationToken)
    {
        await using var source = await work.File.OpenAsync(name, 0, size, cancellationToken);
        await using var destination = PrivateFiles.CreateNew(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await work.File.RunAsync(() => source.ReadAsync(buffer, cancellationToken).AsTask(), cancellationToken)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
