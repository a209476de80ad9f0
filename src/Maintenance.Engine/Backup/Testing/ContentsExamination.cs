using System.Text;
using Maintenance.Engine.Backup.Restore;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>The level Toc: what a backup holds, and that nothing that it names is missing, as far as that is seen without its data.</summary>
/// <param name="work">The test.</param>
/// <param name="head">The first bytes.</param>
/// <param name="look">What they show.</param>
internal sealed class ContentsExamination(TestWork work, byte[] head, HeaderLook look)
{
    private const string Check = "Contents";
    private const BackupLevel Level = BackupLevel.Toc;
    private const int LargestList = 16 << 20;
    private static readonly string[] Compressions = ["", ".gz", ".lz4", ".zst"];

    /// <summary>Reads it.</summary>
    /// <exception cref="BackupFaultException">HeaderDamaged, ContentsDamaged, Truncated, NewerVersion.</exception>
    public async Task<Examination> RunAsync(CancellationToken cancellationToken)
    {
        var examination = look switch
        {
            { IsSeen: false, Compression: not Compression.Gzip } => Unseen(),
            { Compression: Compression.Gzip } => await GzipAsync(cancellationToken),
            { Kind: BackupKind.Plain } => await PlainAsync(cancellationToken),
            { Kind: BackupKind.Tar } => await TarAsync(cancellationToken),
            { Kind: BackupKind.Directory } => await DirectoryAsync(cancellationToken),
            _ => await CustomAsync(cancellationToken),
        };
        if (examination.Contents is { } contents)
        {
            CheckRows(contents);
            CheckTime(contents.Header);
            await CheckProgramAsync(contents.Header, cancellationToken);
        }

        return examination;
    }

    // Of a table without rows there is an entry for its rows too.
    private static void CheckRows(ArchiveContents contents)
    {
        var tables = contents.Entries.Count(entry => entry.Description == "TABLE");
        if (tables > 0 && !contents.Entries.Any(entry => entry.Description == "TABLE DATA"))
        {
            throw SqlWalk.NoRows(Level, Inspect.Say.Count(tables, "table", "tables"));
        }
    }

    private Examination Unseen()
    {
        work.Unknown(Check, Level, $"What is inside {look.Compression} cannot be seen here.");
        work.Advice = "Decompress a copy into a folder and test it there (Test-BackupRestore -Path), or let pg_dump compress.";
        return new Examination(look, null);
    }

    // The last four bytes say how long the content is, modulo 4 GB. Deflate makes nothing larger by more than a thousandth, nor
    // smaller than a thousandth. But there may be several members, of which the last is small or empty, or zeros behind them: where the
    // length does not fit, it is inflated to be sure.
    private async Task<Examination> GzipAsync(CancellationToken cancellationToken)
    {
        var (size, tail) = (work.File.Size, await TailAsync(8, cancellationToken));
        var length = tail.Length < 8 ? 0 : BitConverter.ToUInt32(tail, 4);
        if (size < 18 || (size < 1 << 22 && (length < (size - 64) / 1.01 || length > size * 1040) && await EndsEarlyAsync(cancellationToken)))
        {
            throw Truncated($"The file ends with what no compressed file of {size} bytes ends with.");
        }

        work.Manual(Check, Level, "It is compressed as a whole: whether its end is there only the level Checksum can tell.");
        return new Examination(look, null);
    }

    private async Task<bool> EndsEarlyAsync(CancellationToken cancellationToken)
    {
        await using var file = await work.File.OpenAsync(work.File.HeadName, 0, work.File.Size, cancellationToken);
        await using var content = new GzipContent(file);
        var buffer = new byte[128 * 1024];
        try
        {
            while (await content.ReadAsync(buffer, cancellationToken) > 0)
            {
            }

            return false;
        }
        catch (EndOfStreamException)
        {
            return true;
        }
        catch (InvalidDataException)
        {
            // Damaged it may be. What at, the level Checksum tells.
            return false;
        }
    }

    private async Task<Examination> PlainAsync(CancellationToken cancellationToken)
    {
        var cluster = BackupHeader.SqlText.IsCluster(head);
        var tail = work.File.Size <= head.Length ? head : await TailAsync(SqlWalk.TailBytes, cancellationToken);
        if (!BackupHeader.SqlText.Closes(tail, cluster))
        {
            throw SqlWalk.Truncated(Level);
        }

        work.Pass("End", Level, "The text ends with the words that a complete dump ends with.");
        return new Examination(look, null);
    }

    private async Task<Examination> TarAsync(CancellationToken cancellationToken)
    {
        var size = work.File.Size;
        var tail = await TailAsync(2 * TarHeader.Size, cancellationToken);
        if (size % TarHeader.Size != 0 || tail.AsSpan().ContainsAnyExcept((byte)0))
        {
            throw Truncated("The file ends before the mark at the end of a tar archive.");
        }

        await using var stream = new GrowingStream(work.File, work.File.HeadName, head);
        var bytes = new ByteReader(stream);
        await bytes.EnsureAsync(TarHeader.Size, cancellationToken);
        var length = TarHeader.Read(bytes.Take(TarHeader.Size))?.Bytes ?? 0;
        var contents = await ReadAsync(bytes, TarHeader.Size + length, cancellationToken);
        if (contents.EndsAt > TarHeader.Size + length)
        {
            throw new BackupFaultException(
                Check, Level, BackupFault.ContentsDamaged, "The table of contents is longer than its file in the archive.", "Use another backup.");
        }

        work.Pass(Check, Level, Describe(contents));
        return new Examination(look, contents);
    }

    private async Task<Examination> CustomAsync(CancellationToken cancellationToken)
    {
        var size = work.File.Size;
        await using var stream = new GrowingStream(work.File, work.File.HeadName, head);
        var contents = await ReadAsync(new ByteReader(stream), size, cancellationToken);
        var noted = contents.Entries.Where(entry => entry.Offset is not null).ToList();
        var beyond = noted.FirstOrDefault(entry => entry.Offset >= size);
        if (beyond is not null)
        {
            throw Truncated(
                $"The file ends at {size}, and the data of {beyond.Schema}.{beyond.Name} begin at {beyond.Offset}.");
        }

        if (noted.Find(entry => entry.Offset < contents.EndsAt) is { } before)
        {
            throw new BackupFaultException(
                Check, Level, BackupFault.ContentsDamaged, $"The data of {before.Schema}.{before.Name} are said to begin within the table of contents.", "Use another backup.");
        }

        await CheckLastAsync(contents, noted.MaxBy(entry => entry.Offset), cancellationToken);
        var unnoted = contents.Entries.Count(entry => entry is { HasData: true, Offset: null });
        if (unnoted > 0 && noted.Count == 0 && contents.EndsAt >= size)
        {
            throw Truncated("The file ends with its table of contents, and has no data.");
        }

        work.Pass(Check, Level, Describe(contents));
        if (unnoted > 0)
        {
            work.Manual("Offsets", Level, "The dump was streamed, and says nowhere where its data are: whether they are whole only the level Checksum can tell.");
        }

        return new Examination(look, contents);
    }

    // Where the last block begins, there is one, and it is the right one: what was overwritten or put together wrongly shows here.
    private async Task CheckLastAsync(ArchiveContents contents, ArchiveEntry? last, CancellationToken cancellationToken)
    {
        if (last is null)
        {
            return;
        }

        var start = await work.File.ReadAsync(last.Offset!.Value, contents.Header.NumberBytes + 2, cancellationToken);
        if (start.Length < contents.Header.NumberBytes + 2 || ByteReader.Number(start.AsSpan(1, contents.Header.NumberBytes + 1)) != last.Id)
        {
            throw new BackupFaultException(
                Check, Level, BackupFault.DataDamaged, $"Where the data of {last.Schema}.{last.Name} should begin, at {last.Offset}, there is something else.",
                "Use another backup, and look at the disk or network this one came over.");
        }
    }

    private async Task<Examination> DirectoryAsync(CancellationToken cancellationToken)
    {
        await using var stream = new GrowingStream(work.File, work.File.HeadName, head);
        var files = await work.File.ListAsync(cancellationToken);
        var size = files.TryGetValue("toc.dat", out var toc) ? toc.SizeBytes : head.Length;
        var contents = await ReadAsync(new ByteReader(stream), size, cancellationToken);
        foreach (var entry in contents.Entries.Where(entry => entry is { HasData: true, FileName: not null }))
        {
            var file = Present(files, entry.FileName!, $"the data of {entry.Schema}.{entry.Name}");
            if (entry.Description is "BLOBS")
            {
                await CheckListAsync(files, file, cancellationToken);
            }
        }

        CheckNoted(files);
        work.Pass(Check, Level, Describe(contents));
        return new Examination(look, contents) { Files = files };
    }

    // A list of large objects: a number and the name of a file in each line.
    private async Task CheckListAsync(IReadOnlyDictionary<string, StoreEntry> files, StoreEntry list, CancellationToken cancellationToken)
    {
        if (list.SizeBytes > LargestList || !list.Name.EndsWith(".toc", StringComparison.Ordinal))
        {
            work.Manual("Large objects", Level, "The list of large objects is compressed or very long, and was not read.");
            return;
        }

        var text = await work.File.ReadAsync(list.Name, 0, (int)list.SizeBytes, cancellationToken);
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(' ', 2);
            if (parts.Length != 2 || !uint.TryParse(parts[0], out _))
            {
                throw new BackupFaultException(Check, Level, BackupFault.ContentsDamaged, "The list of large objects is damaged.", "Use another backup.");
            }

            Present(files, parts[1], $"the large object {parts[0]}");
        }
    }

    private static StoreEntry Present(IReadOnlyDictionary<string, StoreEntry> files, string name, string what)
    {
        foreach (var ending in Compressions)
        {
            if (files.TryGetValue(name + ending, out var file))
            {
                // Compressed, even nothing has bytes.
                return file.SizeBytes > 0 || ending.Length == 0 ? file : throw Truncated($"The file {name + ending} with {what} has no bytes.");
            }
        }

        throw Truncated($"The file {name} with {what} is missing.");
    }

    private void CheckNoted(IReadOnlyDictionary<string, StoreEntry> files)
    {
        foreach (var noted in work.Manifest?.Files ?? [])
        {
            var size = files.TryGetValue(noted.Name, out var file) ? file.SizeBytes : (long?)null;
            if (size != noted.SizeBytes)
            {
                throw Truncated(size is null
                    ? $"The file {noted.Name} is missing, which was noted when the backup was made."
                    : $"The file {noted.Name} has {size} bytes, and {noted.SizeBytes} were noted when the backup was made.");
            }
        }
    }

    private static async Task<ArchiveContents> ReadAsync(ByteReader bytes, long size, CancellationToken cancellationToken)
    {
        var reader = new ArchiveReader(bytes, size);
        return await reader.ReadContentsAsync(await reader.ReadHeaderAsync(cancellationToken), cancellationToken);
    }

    private async Task<byte[]> TailAsync(int count, CancellationToken cancellationToken)
    {
        var offset = Math.Max(0, work.File.Size - count);
        return await work.File.ReadAsync(offset, (int)(work.File.Size - offset), cancellationToken);
    }

    private static string Describe(ArchiveContents contents) => FormattableString.Invariant(
        $"{contents.Entries.Count} entries, {contents.TablesWithData.Count()} tables with data, {contents.Header.Compression switch { Compression.None => "not compressed", var method => $"compressed with {method}" }}.");

    // Two days of margin: the clock there is in a zone that is not known. A copy of an old dump under a new name is as old as it says.
    private void CheckTime(ArchiveHeader header)
    {
        var apart = work.Backup.TakenAt.UtcDateTime - header.CreatedAt;
        if (work.Manifest is not null || apart.Duration() < TimeSpan.FromHours(36))
        {
            return;
        }

        var created = new DateTimeOffset(header.CreatedAt, TimeSpan.Zero);
        var older = apart > TimeSpan.Zero;
        work.StateOf = older ? created.AddHours(-14) : null;
        work.Manual("Time", Level, FormattableString.Invariant(
            $"The archive says that it was made {header.CreatedAt:yyyy-MM-dd HH:mm} (local time there), the listing {work.Backup.TakenAt:yyyy-MM-dd HH:mm} UTC. The older counts."));
    }

    // Whoever has PostgreSQL's programs here means to restore here.
    private async Task CheckProgramAsync(ArchiveHeader header, CancellationToken cancellationToken)
    {
        var major = ArchiveReader.MajorFor(header.Version);
        var path = work.Options.PostgresPath ?? work.Target?.Recovery.PostgresPath;
        if (header.Version.Minor < 15 || await RestorePrograms.TryFindAsync("pg_restore", major, path, cancellationToken) is not null)
        {
            return;
        }

        if (await RestorePrograms.TryFindAsync("pg_restore", 0, path, cancellationToken) is null)
        {
            work.Manual("Program", Level, $"To restore it, pg_restore of PostgreSQL {major} or later is needed, and none is here.");
            return;
        }

        work.Unknown("Program", Level, $"To restore it, pg_restore of PostgreSQL {major} or later is needed, and only older ones are here.", BackupFault.NewerVersion);
        work.Advice = $"Install PostgreSQL's client programs of version {major} or later where it is to be restored, or name their folder with -PostgresPath.";
    }

    private static BackupFaultException Truncated(string message) => new(
        Check, Level, BackupFault.Truncated, message, "Make the backup again, and look at why it was cut off: a full disk, or a connection that was lost.");
}
