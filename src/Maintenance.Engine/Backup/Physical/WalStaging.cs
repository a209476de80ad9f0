using System.ComponentModel;
using System.IO.Compression;
using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>What of an archive a recovery is given.</summary>
/// <param name="Timeline">The timeline to recover along.</param>
/// <param name="Segments">The segments to fetch, in their order, by the names they must have.</param>
/// <param name="Histories">History files to fetch.</param>
/// <param name="FirstMissing">The first segment that is missing although later ones are there; null if none is.</param>
/// <param name="Behind">How many segments lie behind it.</param>
/// <param name="Way">The way through the log.</param>
internal sealed record WalPlan(
    uint Timeline, IReadOnlyList<(string Name, StoreEntry Entry)> Segments, IReadOnlyList<(string Name, StoreEntry Entry)> Histories, string? FirstMissing, long Behind,
    IReadOnlyList<WalStretch> Way);

/// <summary>
/// Brings the write-ahead log that a recovery needs into the folder where the server looks for it. So the server runs no command to get
/// it, and no name of a file or folder comes near a shell.
/// </summary>
/// <param name="source">The archive.</param>
internal sealed class WalStaging(WalSource source)
{
    private static readonly Dictionary<string, (string Program, string[] Arguments)> Programs = new()
    {
        [".zst"] = ("zstd", ["-d", "-q", "-c", "--"]),
        [".lz4"] = ("lz4", ["-d", "-q", "-c", "--"]),
        [".xz"] = ("xz", ["-d", "-q", "-c", "--"]),
        [".bz2"] = ("bzip2", ["-d", "-q", "-c", "--"]),
    };

    /// <summary>Chooses what is needed.</summary>
    /// <param name="timeline">The timeline of the backup.</param>
    /// <param name="start">Where the log that it needs begins.</param>
    /// <param name="own">Segments that are in the backup itself.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<WalPlan> PlanAsync(uint timeline, ulong start, IReadOnlySet<string> own, CancellationToken cancellationToken)
    {
        var (size, first) = (source.SegmentSize, WalPosition.NumberAt(start, source.SegmentSize));
        var segments = new Dictionary<(uint Timeline, ulong Number), StoreEntry>();
        var histories = new SortedDictionary<uint, StoreEntry>();
        await foreach (var entry in source.Listing.ListAsync(StoreRange.All, cancellationToken))
        {
            if (WalFileName.Parse(entry.Name) is not { } name)
            {
                continue;
            }

            var number = WalPosition.NumberOf(name.High, name.Low, size);
            if (name.Kind == WalFileKind.History)
            {
                histories[name.Timeline] = entry;
            }
            else if (name.Kind == WalFileKind.Segment && number >= first && name.Timeline >= timeline && IsWhole(name, entry, size)
                && (!segments.TryGetValue((name.Timeline, number), out var other) || WalFileName.Parse(other.Name)!.Value.IsCompressed))
            {
                segments[(name.Timeline, number)] = entry;
            }
        }

        var (newest, way) = await WayAsync(timeline, start, histories, size, cancellationToken);
        var chosen = new List<(string, StoreEntry)>();
        string? missing = null;
        for (var (number, at) = (first, 0); missing is null; number++)
        {
            while (at + 1 < way.Count && number >= way[at].End)
            {
                at++;
            }

            var name = WalPosition.NameOf(way[at].Timeline, number, size);
            if (segments.TryGetValue((way[at].Timeline, number), out var entry))
            {
                chosen.Add((name, entry));
            }
            else if (!own.Contains(name))
            {
                missing = name;
                var behind = segments.Keys.LongCount(key => key.Number > number && way.Any(stretch => stretch.Timeline == key.Timeline && key.Number >= stretch.First && !(key.Number >= stretch.End)));
                return new WalPlan(newest, chosen, Names(histories, timeline), behind > 0 ? missing : null, behind, way);
            }
        }

        throw new InvalidOperationException();
    }

    /// <summary>How many bytes segments take once they are fetched and decompressed.</summary>
    /// <param name="segments">The segments.</param>
    /// <param name="own">Those that are there already.</param>
    public long BytesOf(IEnumerable<(string Name, StoreEntry Entry)> segments, IReadOnlySet<string> own) => segments.LongCount(segment => !own.Contains(segment.Name)) * source.SegmentSize;

    /// <summary>Fetches files into a folder, whole and decompressed.</summary>
    /// <exception cref="BackupFaultException">One cannot be decompressed, or not here.</exception>
    public async Task FetchAsync(IEnumerable<(string Name, StoreEntry Entry)> files, string folder, Action<string> told, CancellationToken cancellationToken)
    {
        foreach (var (name, entry) in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            told(name);
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                continue;
            }

            var compression = WalFileName.Parse(entry.Name)!.Value.Compression;
            try
            {
                await using var content = await source.Files.OpenAsync(entry.Name, 0, Math.Max(1, entry.SizeBytes), etag: null, cancellationToken);
                await WriteAsync(content, compression, path, cancellationToken);
            }
            catch (InvalidDataException exception)
            {
                throw new BackupFaultException(
                    "Log", BackupLevel.Full, BackupFault.WalMissing, $"The segment {entry.Name} cannot be decompressed: {exception.Message}", "Without it nothing behind it can be recovered: make a new base backup.");
            }
            catch (Exception exception) when (exception is not (MaintenanceException or BackupFaultException))
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw StoreErrors.Translate(exception, source.Place, "That says nothing about the backup.");
            }
        }
    }

    private static bool IsWhole(WalFileName name, StoreEntry entry, long size) => name.IsCompressed ? entry.SizeBytes > 0 : entry.SizeBytes == size;

    private static IReadOnlyList<(string, StoreEntry)> Names(SortedDictionary<uint, StoreEntry> histories, uint timeline) =>
        [.. histories.Where(history => history.Key > 1).Select(history => (FormattableString.Invariant($"{history.Key:X8}.history"), history.Value))];

    // The newest timeline that came from the backup's own, behind the backup.
    private async Task<(uint Timeline, IReadOnlyList<WalStretch> Way)> WayAsync(
        uint timeline, ulong start, SortedDictionary<uint, StoreEntry> histories, long size, CancellationToken cancellationToken)
    {
        foreach (var (newer, entry) in histories.Reverse().Where(history => history.Key > timeline))
        {
            if (WalTimeline.Parse(await TextAsync(entry, cancellationToken), newer) is { } history
                && history.Any(left => left.Timeline == timeline && left.SwitchAt >= start))
            {
                return (newer, WalTimeline.Way(newer, history, size));
            }
        }

        return (timeline, [new WalStretch(timeline, 0, null)]);
    }

    private async Task<string> TextAsync(StoreEntry entry, CancellationToken cancellationToken)
    {
        await using var content = await source.Files.OpenAsync(entry.Name, 0, Math.Max(1, Math.Min(entry.SizeBytes, WalTimeline.LongestHistory)), etag: null, cancellationToken);
        using var reader = new StreamReader(WalFileName.Parse(entry.Name)!.Value.Compression == ".gz" ? new GZipStream(content, CompressionMode.Decompress) : content);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    private static async Task WriteAsync(Stream content, string compression, string path, CancellationToken cancellationToken)
    {
        if (compression is "" or ".gz")
        {
            await using var file = PrivateFiles.CreateNew(path);
            await using var plain = compression.Length > 0 ? new GZipStream(content, CompressionMode.Decompress) : content;
            await plain.CopyToAsync(file, cancellationToken);
            return;
        }

        if (!Programs.TryGetValue(compression, out var way) || SearchPath.Find(way.Program) is not { } program)
        {
            throw new BackupFaultException(
                "Log", BackupLevel.Full, BackupFault.None, $"The archived log is compressed ({compression}), and no program that could decompress it is here.", $"Install {way.Program ?? "a program for it"}, and test again.");
        }

        var compressed = path + compression;
        try
        {
            await using (var file = PrivateFiles.CreateNew(compressed))
            {
                await content.CopyToAsync(file, cancellationToken);
            }

            await using var output = PrivateFiles.CreateNew(path);
            await using var running = new ProgramCall(program, [.. way.Arguments, compressed], "/").Start();
            await running.Output.CopyToAsync(output, cancellationToken);
            var result = await running.WaitAsync(cancellationToken);
            if (result.ExitCode != 0)
            {
                throw new InvalidDataException(LastLines.Of(result.Output));
            }
        }
        catch (Win32Exception exception)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
        finally
        {
            File.Delete(compressed);
        }
    }
}
