namespace Maintenance.Engine.Backup.Testing;

/// <summary>Walks through a tar archive of pg_dump: each header fits its sum, each file of the table of contents is there, and the end is the end.</summary>
/// <param name="stream">The archive from its first byte.</param>
/// <param name="size">Its size; <see cref="long.MaxValue"/> where it is not known.</param>
internal sealed class TarWalk(Stream stream, long size)
{
    private const string Check = "Data";

    /// <summary>Walks to the end.</summary>
    /// <returns>How many members there are, and how many bytes they hold.</returns>
    /// <exception cref="BackupFaultException">Truncated, HeaderDamaged, ContentsDamaged, DataDamaged.</exception>
    public async Task<(ArchiveContents Contents, int Members, long Bytes)> RunAsync(CancellationToken cancellationToken)
    {
        var bytes = new ByteReader(stream);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var (held, contents) = (0L, (ArchiveContents?)null);
        try
        {
            while (true)
            {
                await bytes.EnsureAsync(TarHeader.Size, cancellationToken);
                var header = bytes.Take(TarHeader.Size).ToArray();
                if (TarHeader.IsEnd(header))
                {
                    await EndAsync(bytes, cancellationToken);
                    break;
                }

                if (TarHeader.Read(header) is not { } member)
                {
                    throw Damaged($"at {bytes.Position - TarHeader.Size} there should be the header of a file, and is none that fits its sum");
                }

                var end = bytes.Position + member.PaddedBytes;
                if (contents is null)
                {
                    contents = await ContentsAsync(bytes, member, cancellationToken);
                }

                names.Add(member.Name);
                held += member.Bytes;
                await bytes.SkipAsync(end - bytes.Position, cancellationToken);
            }
        }
        catch (EndOfStreamException)
        {
            throw Truncated("The file ends before the mark at the end of a tar archive.");
        }

        // Large objects have files of their own, and a list of these instead of the file that the table of contents names.
        var missing = contents!.Entries.FirstOrDefault(entry => entry is { HasData: true, FileName: { } file } && !names.Contains(file) && !(entry.Description == "BLOBS" && names.Any(IsList)));
        return missing is null ? (contents, names.Count, held) : throw Truncated($"The file {missing.FileName} with the data of {missing.Schema}.{missing.Name} is not in the archive.");
    }

    private static bool IsList(string name) => name.StartsWith("blobs", StringComparison.Ordinal) && name.EndsWith(".toc", StringComparison.Ordinal);

    private async Task<ArchiveContents> ContentsAsync(ByteReader bytes, TarHeader first, CancellationToken cancellationToken)
    {
        if (first.Name != "toc.dat")
        {
            throw Damaged($"it begins with another file than its table of contents");
        }

        var end = bytes.Position + first.Bytes;
        var reader = new ArchiveReader(bytes, Math.Min(size, end));
        var contents = await reader.ReadContentsAsync(await reader.ReadHeaderAsync(cancellationToken), cancellationToken);
        return contents.EndsAt <= end ? contents : throw Damaged("its table of contents is longer than its file");
    }

    // A second empty record; what fills the last block up may follow.
    private static async Task EndAsync(ByteReader bytes, CancellationToken cancellationToken)
    {
        await bytes.EnsureAsync(TarHeader.Size, cancellationToken);
        while (await bytes.TryEnsureAsync(1, cancellationToken))
        {
            if (bytes.Take(bytes.Ready.Length).ContainsAnyExcept((byte)0))
            {
                throw Damaged("something follows the mark at its end");
            }
        }
    }

    private static BackupFaultException Damaged(string why) => new(
        Check, BackupLevel.Checksum, BackupFault.DataDamaged, $"The tar archive is damaged: {why}.", "Use another backup, and look at the disk or network this one came over.");

    private static BackupFaultException Truncated(string what) => new(
        Check, BackupLevel.Checksum, BackupFault.Truncated, what, "Make the backup again, and look at why it was cut off: a full disk, or a connection that was lost.");
}
