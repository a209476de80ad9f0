using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>The level Checksum: every byte is read once, and gives the hash and the structure to its very end.</summary>
/// <param name="work">The test.</param>
/// <param name="examination">What was seen before.</param>
/// <param name="copy">The copy to read; null to read what is in the store.</param>
internal sealed class ChecksumExamination(TestWork work, Examination examination, BackupCopy? copy)
{
    private const string Check = "Data";
    private const BackupLevel Level = BackupLevel.Checksum;

    private readonly BackupFile _file = copy?.Open(work.Backup) ?? work.File;
    private long _read;
    private int _percent;

    /// <summary>Reads it.</summary>
    /// <exception cref="BackupFaultException">Truncated, DataDamaged, ChecksumMismatch.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (examination.Look.Kind == BackupKind.Directory && examination.Look.Compression == Compression.None)
        {
            await DirectoryAsync(cancellationToken);
            return;
        }

        var noted = work.Manifest?.Sha256 ?? work.Backup.Sha256;
        // The store's own sum, for those who noted none.
        var md5 = noted is null ? await work.File.FindMd5Async(cancellationToken) : null;
        await using var content = Watched(await _file.OpenAsync(_file.Name, 0, _file.Size, cancellationToken));
        string? structure = null;
        var hashes = await ContentReading.ReadAsync(content, async (stream, token) => structure = await StructureAsync(stream, token), md5 is not null, cancellationToken);
        CheckCopy(_file.Name, hashes);
        work.Sha256 = hashes.Sha256;
        if (hashes.Bytes != _file.Size)
        {
            throw Fault(BackupFault.Truncated, $"{hashes.Bytes} bytes came, and it should have {_file.Size}.");
        }

        // What is wrong inside says more than that the hash is another one; both are noted.
        if (hashes.Found is { } found)
        {
            Note(ToFault(found));
        }
        else if (structure is not null)
        {
            work.Pass(Check, Level, structure);
        }

        CompareHash(noted, hashes, md5);
    }

    // A bad disk under the copy is not the backup's fault.
    private void CheckCopy(string name, ContentHashes hashes)
    {
        if (copy?.Sums.GetValueOrDefault(name) is { } came && came != hashes.Sha256)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.FileUnavailable,
                $"The copy of {work.Backup.Name} in {copy.Folder} is not what came from the store. That says nothing about the backup.",
                "Look at the disk of the scratch folder, or name another folder with -ScratchPath (recovery.scratchPath in maintenance.json).");
        }
    }

    private void CompareHash(string? noted, ContentHashes hashes, byte[]? md5)
    {
        if (noted is not null)
        {
            if (!string.Equals(noted, hashes.Sha256, StringComparison.OrdinalIgnoreCase))
            {
                Note(Fault(BackupFault.ChecksumMismatch, $"Its SHA-256 is {hashes.Sha256}, and {noted.ToLowerInvariant()} was noted when it was made.", "Hash"));
                return;
            }

            work.Pass("Hash", Level, $"Its SHA-256 is the one that was noted when it was made: {hashes.Sha256}.");
        }
        else if (md5 is not null)
        {
            if (!md5.AsSpan().SequenceEqual(hashes.Md5))
            {
                Note(Fault(BackupFault.ChecksumMismatch, "Its MD5 is not the one that the store keeps with it.", "Hash"));
                return;
            }

            work.Pass("Hash", Level, "Its MD5 is the one that the store keeps with it.");
        }
        else
        {
            work.Manual("Hash", Level, $"No hash was noted when it was made. It is {hashes.Sha256} now.");
        }
    }

    private void Note(BackupFaultException fault)
    {
        work.Add(fault.ToCheck());
        work.Advice ??= fault.Recommendation;
    }

    // What is inside, to its end; the sentence says what that proves.
    private async Task<string?> StructureAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (examination.Look.Compression == Compression.None)
        {
            return await StructureAsync(stream, examination.Look.Kind, _file.Size, cancellationToken);
        }

        if (examination.Look.Compression != Compression.Gzip)
        {
            return null;
        }

        await using var content = new GzipContent(stream);
        var inside = examination.Look.IsSeen && examination.Look.Kind != BackupKind.PlainCompressed ? examination.Look.Kind : BackupKind.Plain;
        var text = await StructureAsync(content, inside, long.MaxValue, cancellationToken);
        return $"The gzip fits its sum, and inside: {text}";
    }

    private static async Task<string> StructureAsync(Stream stream, BackupKind kind, long size, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case BackupKind.Plain:
                var text = await SqlWalk.RunAsync(stream, cancellationToken);
                return $"{text} bytes of SQL, with the words that a complete dump ends with. Only a hash could tell a byte that was changed in between.";
            case BackupKind.Tar:
                var tar = await new TarWalk(stream, size).RunAsync(cancellationToken);
                return $"{tar.Members} files of {tar.Bytes} bytes, all headers fit their sums. Only a hash could tell a byte that was changed in between.";
            default:
                var bytes = new ByteReader(stream);
                var reader = new ArchiveReader(bytes, size);
                var contents = await reader.ReadContentsAsync(await reader.ReadHeaderAsync(cancellationToken), cancellationToken);
                var (blocks, held) = await new ArchiveWalk(bytes, contents).RunAsync(cancellationToken);
                return contents.Header.Compression == Compression.Gzip
                    ? $"{blocks} blocks of data to the very end of the file, {held} bytes inflated, all fit their sums."
                    : $"{blocks} blocks of data to the very end of the file, {held} bytes. They are {(contents.Header.Compression == Compression.None ? "not compressed" : $"compressed with {contents.Header.Compression}")}: only a hash could tell a byte that was changed in them.";
        }
    }

    private async Task DirectoryAsync(CancellationToken cancellationToken)
    {
        var noted = (work.Manifest?.Files ?? []).ToDictionary(file => file.Name, StringComparer.Ordinal);
        var (compared, inflated, plain) = (0, 0, 0);
        // What does not belong to a dump was not fetched.
        foreach (var (name, entry) in examination.Files.Where(file => copy?.Sums.ContainsKey(file.Key) != false).OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            await using var content = Watched(await _file.OpenAsync($"{_file.Name}/{name}", 0, entry.SizeBytes, cancellationToken));
            var isGzip = name.EndsWith(".gz", StringComparison.Ordinal);
            var hashes = await ContentReading.ReadAsync(content, isGzip ? DrainGzipAsync : null, withMd5: false, cancellationToken);
            CheckCopy(name, hashes);
            if (hashes.Found is { } found)
            {
                throw ToFault(found, $"of the file {name} ");
            }

            if (hashes.Bytes != entry.SizeBytes)
            {
                throw Fault(BackupFault.Truncated, $"{hashes.Bytes} bytes came of the file {name}, and it should have {entry.SizeBytes}.");
            }

            if (noted.TryGetValue(name, out var expected))
            {
                compared++;
                if (!string.Equals(expected.Sha256, hashes.Sha256, StringComparison.OrdinalIgnoreCase))
                {
                    throw Fault(BackupFault.ChecksumMismatch, $"The SHA-256 of the file {name} is {hashes.Sha256}, and {expected.Sha256} was noted when it was made.", "Hash");
                }
            }

            (inflated, plain) = (inflated + (isGzip ? 1 : 0), plain + (isGzip ? 0 : 1));
        }

        work.Pass(Check, Level, $"{inflated + plain} files were read; the {inflated} that are compressed with gzip fit their sums.");
        if (noted.Count > 0)
        {
            work.Pass("Hash", Level, $"The hashes of all {compared} files are those that were noted.");
        }
        else
        {
            work.Manual("Hash", Level, "No hashes were noted when it was made.");
        }
    }

    private static async Task DrainGzipAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[128 * 1024];
        await using var content = new GzipContent(stream);
        while (await content.ReadAsync(buffer, cancellationToken) > 0)
        {
        }
    }

    private static BackupFaultException ToFault(Exception found, string where = "") => found switch
    {
        BackupFaultException fault => fault,
        EndOfStreamException => Fault(BackupFault.Truncated, $"The compressed data {where}end before their end.".Replace("  ", " ", StringComparison.Ordinal)),
        _ => Fault(BackupFault.DataDamaged, $"The compressed data {where}are damaged: they do not fit their own sum."),
    };

    private static BackupFaultException Fault(BackupFault fault, string message, string check = Check) => new(
        check, Level, fault, message, "Use another backup, and look at the disk or network this one came over.");

    private CountingStream Watched(Stream stream) => new(stream, count =>
    {
        _read += count;
        var percent = (int)(100 * _read / Math.Max(1, _file.Size));
        if (percent != _percent && percent <= 100)
        {
            _percent = percent;
            work.Call.Sink.Progress(new ProgressUpdate($"Testing {work.Backup.Name}", "Reading all of it", percent));
        }
    });
}
