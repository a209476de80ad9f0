using System.Security.Cryptography;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Stores;
using Microsoft.Win32.SafeHandles;

namespace Maintenance.Engine.Rotation;

/// <summary>Logs in a folder.</summary>
/// <param name="root">The folder, from which names count.</param>
/// <param name="below">The folder below it where the looking begins, with a slash at its end; empty for the root itself.</param>
/// <param name="filter">Which names are meant.</param>
/// <param name="recurse">The folders below it too.</param>
/// <param name="time">The clock.</param>
internal sealed class FolderRotationStore(string root, string below, RotationFilter filter, bool recurse, TimeProvider time) : IRotationStore
{
    /// <summary>So many compressed files of one name can lie beside each other.</summary>
    private const int MostNames = 100;

    private const string Replaced = "Another file has taken its place.";
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly OpenFiles _open = new(time);

    public string Place => root;

    // The file system has no asynchronous listing, and a dead network share blocks whoever asks it.
    public Task<RotationListing> ListAsync(CancellationToken cancellationToken) => Task.Run(() => List(cancellationToken), cancellationToken).WaitAsync(cancellationToken);

    public Task<RotationOutcome> CompressAsync(RotationEntry entry, LogTier? tier, CancellationToken cancellationToken) =>
        GuardAsync(entry, path => CompressAsync(entry, path, cancellationToken));

    public Task<RotationOutcome> TierAsync(RotationEntry entry, LogTier tier, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A folder has no tiers.");

    public Task<RotationOutcome> DeleteAsync(RotationEntry entry, CancellationToken cancellationToken) =>
        GuardAsync(entry, path =>
        {
            Delete(path);
            return Task.FromResult(new RotationOutcome(StepState.Done, $"Deleted {Say.Size(entry.SizeBytes)}.") { SizeAfter = 0 });
        });

    private RotationListing List(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(root))
        {
            throw StoreErrors.FolderNotFound(root, File.Exists(root), "");
        }

        var start = PathOf(below);
        if (below.Length > 0)
        {
            if (!Directory.Exists(start))
            {
                return new RotationListing([], []);
            }

            FolderArtifactStore.RefuseLinks(root, start.TrimEnd(Path.DirectorySeparatorChar));
        }

        try
        {
            return new FolderScan(root, filter, recurse, _open).List(below, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Translate(exception, root, "");
        }
    }

    private string PathOf(string name) => Path.Combine([root, .. name.Split('/', StringSplitOptions.RemoveEmptyEntries)]);

    private async Task<RotationOutcome> GuardAsync(RotationEntry entry, Func<string, Task<RotationOutcome>> work)
    {
        var path = PathOf(entry.Name);
        try
        {
            return WhyNot(entry, path) is { } reason ? RotationOutcome.Skipped(reason) : await work(path);
        }
        catch (IOException exception) when (exception.HResult == SharingViolation)
        {
            return RotationOutcome.Skipped("Somebody has it open.");
        }
        catch (FileNotFoundException)
        {
            return RotationOutcome.Skipped("It is no longer there.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return RotationOutcome.Failed(new MaintenanceException(
                exception is UnauthorizedAccessException ? MaintenanceErrorCode.PermissionDenied : MaintenanceErrorCode.FileUnavailable,
                $"It stays as it was: {exception.Message}",
                "Check the space on the disk, and that the account that runs this may write to the folder."));
        }
    }

    /// <summary>Why a file must be left alone now: it is not the one that was listed, or somebody writes to it.</summary>
    private string? WhyNot(RotationEntry entry, string path)
    {
        var file = new FileInfo(path);
        return !file.Exists ? "It is no longer there."
            : !FileIdentity.IsRegularFile(file) ? "It is no file any more."
            // Size and time can be made the same; that it is the same file cannot.
            : FileIdentity.Of(path)?.ToString() != entry.Version ? Replaced
            : file.Length != entry.SizeBytes || file.LastWriteTimeUtc != entry.Written.UtcDateTime ? "It was written to meanwhile."
            : _open.WhyBusy(path);
    }

    private static void Delete(string path)
    {
        // The file first: without its metadata nobody would know what it was kept for.
        var side = FolderScan.SideFileOf(path);
        File.Delete(path);
        if (side is not null)
        {
            File.Delete(side);
        }
    }

    // Whatever comes between two of these steps, the content is in one whole file at least, and the next run goes on from there.
    private async Task<RotationOutcome> CompressAsync(RotationEntry entry, string path, CancellationToken cancellationToken)
    {
        var temporary = FolderScan.NewTemporary(Path.GetDirectoryName(path)!);
        try
        {
            if (!await TryWriteAsync(entry, path, temporary, cancellationToken))
            {
                return RotationOutcome.Skipped(Replaced);
            }

            if (WhyNot(entry, path) is { } reason)
            {
                return RotationOutcome.Skipped(reason);
            }

            var size = new FileInfo(temporary).Length;
            if (await MoveAsync(path, temporary, cancellationToken) is not { } compressed)
            {
                return RotationOutcome.Failed(new MaintenanceException(
                    MaintenanceErrorCode.FileExists, "It stays as it was: too many compressed files of its name hold something else.", "Look at them, and move them elsewhere."));
            }

            if (WhyNot(entry, path) is { } changed)
            {
                return RotationOutcome.Skipped($"{changed} The original stays beside the compressed file.");
            }

            Delete(path);
            var name = entry.Name[..(entry.Name.LastIndexOf('/') + 1)] + Path.GetFileName(compressed);
            return new RotationOutcome(StepState.Done, $"Compressed {Say.Size(entry.SizeBytes)} to {Say.Size(size)}.") { SizeAfter = size, NewName = name };
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Writes the compressed file, and compares it. All is taken from the open file: its name may lead elsewhere by now.</summary>
    /// <returns>False if it is not the file that was listed.</returns>
    private static async Task<bool> TryWriteAsync(RotationEntry entry, string path, string temporary, CancellationToken cancellationToken)
    {
        byte[] hash;
        await using (var source = Open(path))
        {
            if (FileIdentity.Of(source.SafeFileHandle)?.ToString() != entry.Version)
            {
                return false;
            }

            await using var destination = PrivateFiles.CreateNew(temporary);
            hash = await GzipFile.CompressAsync(source, destination, cancellationToken);
            destination.Flush(flushToDisk: true);
            Resemble(destination.SafeFileHandle, source.SafeFileHandle);
        }

        await using var written = Open(temporary);
        return CryptographicOperations.FixedTimeEquals(await GzipFile.HashAsync(written, cancellationToken), hash)
            ? true
            : throw new InvalidDataException("what was read back of the compressed file is not what was written.");
    }

    // Who could read it before can read it now, and it is as old as it was.
    private static void Resemble(SafeFileHandle file, SafeFileHandle original)
    {
        FileIdentity.TakeOwner(file, original);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(original));
        }

        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(original));
    }

    /// <summary>Gives the compressed file its name: the first that is free, or that holds nothing which the original does not.</summary>
    /// <returns>Its path; null if there is no such name.</returns>
    private static async Task<string?> MoveAsync(string path, string temporary, CancellationToken cancellationToken)
    {
        for (var number = 1; number <= MostNames; number++)
        {
            var name = number == 1 ? Path.GetFileName(path) : ArtifactName.Numbered(Path.GetFileName(path), number);
            var compressed = Path.Combine(Path.GetDirectoryName(path)!, $"{name}.gz");
            var exists = Path.Exists(compressed);
            if (exists && !await IsWorthlessAsync(compressed, path, temporary, cancellationToken))
            {
                continue;
            }

            // Its metadata are there before it is: else nobody would respect them in between.
            if (FolderScan.SideFileOf(path) is { } side && ArtifactSideFile.TryRead(side) is { } kept)
            {
                var metadata = new Dictionary<string, string>(kept.Metadata, StringComparer.OrdinalIgnoreCase) { [CompressedMetadata.Type] = kept.ContentType ?? ArtifactName.ContentType(path) };
                await new ArtifactSideFile("application/gzip", metadata).WriteAsync(compressed, CancellationToken.None);
            }

            try
            {
                File.Move(temporary, compressed, overwrite: exists);
                return compressed;
            }
            catch (IOException) when (Path.Exists(compressed))
            {
                // Somebody else was quicker with this name.
            }
        }

        return null;
    }

    /// <summary>Whether a compressed file holds nothing but what the original holds too: one cut short, or left by an interruption.</summary>
    private static async Task<bool> IsWorthlessAsync(string compressed, string original, string ours, CancellationToken cancellationToken)
    {
        if (!FileIdentity.IsRegularFile(new FileInfo(compressed)))
        {
            return false;
        }

        await using var theirs = Open(compressed);
        await using (var mine = Open(ours))
        {
            if (await GzipFile.IsBeginningOfAsync(theirs, mine, cancellationToken))
            {
                return true;
            }
        }

        theirs.Position = 0;
        await using var whole = Open(original);
        return await GzipFile.HoldsBeginningOfAsync(theirs, whole, cancellationToken);
    }

    // On Windows this fails while anybody has it open for writing, and keeps them from it.
    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);
}
