using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Maintenance.Engine.Backup.Testing;
using Compression = Maintenance.Engine.Backup.Testing.Compression;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>One tar archive of a base backup.</summary>
/// <param name="Name">Its name in the store.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Below">Where in the data folder its files belong; empty for the data folder itself.</param>
/// <param name="Compression">What it is compressed with.</param>
internal sealed record TarPart(string Name, long SizeBytes, string Below, Compression Compression);

/// <summary>
/// A base backup as tar archives: <c>base.tar</c> with those of its tablespaces, its log and its manifest beside it; or one archive that
/// was streamed, which has its log inside and its manifest at the very end.
/// </summary>
internal sealed partial class TarSource : BaseBackupSource
{
    private const string Tablespaces = "pg_tblspc/";
    private const int HeadBytes = 256 * 1024;

    private readonly BackupFile _file;
    private readonly IReadOnlyList<TarPart> _parts;
    private readonly string? _manifest;
    private readonly long _manifestBytes;
    private string? _sha256;

    private TarSource(BackupFile file, IReadOnlyList<TarPart> parts, (string Name, long Bytes)? manifest)
    {
        (_file, _parts) = (file, parts);
        (_manifest, _manifestBytes) = manifest is { } found ? (found.Name, found.Bytes) : (null, 0);
    }

    public override string Form => _parts.Count == 1
        ? $"one archive{Compressed(_parts[0])}"
        : FormattableString.Invariant($"{_parts.Count} archives{Compressed(_parts[0])}");

    public override bool CanLook => _parts.All(part => part.Compression == Compression.None);

    public override bool HasOwnChecksums => _parts.All(part => part.Compression == Compression.Gzip);

    public override string? Sha256 => _sha256;

    /// <summary>True for the name that pg_basebackup gives to the archive of the data folder.</summary>
    public static bool IsMain(string name) => Main().IsMatch(name);

    /// <summary>Looks for the archives that belong to a backup.</summary>
    /// <param name="file">The backup.</param>
    /// <param name="main">Name of the archive of its data folder.</param>
    /// <param name="size">Size of that.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public static async Task<TarSource> OpenAsync(BackupFile file, string main, long size, CancellationToken cancellationToken)
    {
        var parts = new List<TarPart> { await PartAsync(file, main, size, "", cancellationToken) };
        (string, long)? manifest = null;
        var folder = main[..(main.LastIndexOf('/') + 1)];
        if (IsMain(main[folder.Length..]))
        {
            foreach (var (name, bytes) in await BesideAsync(file, folder, cancellationToken))
            {
                if (name == ManifestName)
                {
                    manifest = (folder + name, bytes);
                }
                else if (Beside().Match(name) is { Success: true } match)
                {
                    var below = match.Groups["oid"] is { Success: true } tablespace ? $"{Tablespaces}{tablespace.Value}/" : "pg_wal/";
                    parts.Add(await PartAsync(file, folder + name, bytes, below, cancellationToken));
                }
            }
        }

        return new TarSource(file, parts, manifest);
    }

    public override async Task<byte[]?> FindManifestAsync(CancellationToken cancellationToken)
    {
        if (_manifest is not null)
        {
            return _manifestBytes > PhysicalManifest.Largest
                ? throw PlainSource.TooLarge(_manifest, _manifestBytes)
                : await _file.ReadAsync(_manifest, 0, (int)_manifestBytes, cancellationToken);
        }

        return _parts[0].Compression == Compression.None ? await AtEndAsync(_parts[0], cancellationToken) : null;
    }

    public override async Task<string?> FindTextAsync(string path, CancellationToken cancellationToken)
    {
        var part = _parts[0];
        var head = await _file.ReadAsync(part.Name, 0, (int)Math.Min(HeadBytes, part.SizeBytes), cancellationToken);
        try
        {
            await using var content = Inflate(new MemoryStream(head), part.Compression);
            await foreach (var member in new TarMembers(content, part.Name).ReadAsync(cancellationToken))
            {
                if (member.Path == path && member.SizeBytes <= BackupLabel.Longest)
                {
                    var bytes = new byte[member.SizeBytes];
                    await member.Content.ReadExactlyAsync(bytes, cancellationToken);
                    return Encoding.UTF8.GetString(bytes);
                }
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or BackupFaultException { Fault: BackupFault.Truncated })
        {
            // The head of an archive is cut off somewhere: what comes behind is not looked for.
        }

        return null;
    }

    // The map of tablespaces stands at the beginning of the archive of the data folder.
    public override async Task<IReadOnlyList<string>> TablespacesAsync(CancellationToken cancellationToken)
    {
        var there = _parts.Where(part => part.Below.StartsWith(Tablespaces, StringComparison.Ordinal)).Select(part => part.Below[Tablespaces.Length..^1]).ToHashSet(StringComparer.Ordinal);
        var map = await FindTextAsync("tablespace_map", cancellationToken) ?? "";
        foreach (var line in map.Split('\n').Where(line => line.IndexOf(' ', StringComparison.Ordinal) > 0))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (there.Add(line[..space]) && _parts.Count > 1)
            {
                throw WithoutTablespace(_file.Name, $"{line[..space]}, which lay at {line[(space + 1)..]}");
            }
        }

        return [.. there];
    }

    public override async IAsyncEnumerable<PhysicalFile> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var part in _parts)
        {
            await using var hashed = new HashedStream(await _file.OpenAsync(part.Name, 0, part.SizeBytes, cancellationToken));
            await using var content = Inflate(hashed, part.Compression);
            await foreach (var member in MembersAsync(content, part, cancellationToken))
            {
                yield return member;
            }

            await DrainAsync(content, part, cancellationToken);
            await DrainAsync(hashed, part, cancellationToken);
            _sha256 ??= hashed.Finish();
        }
    }

    public override async IAsyncEnumerable<PhysicalFile> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var part in _parts)
        {
            await using var content = new LookStream(part.SizeBytes, (offset, length, token) => _file.ReadAsync(part.Name, offset, length, token));
            await foreach (var member in MembersAsync(content, part, cancellationToken))
            {
                yield return member;
            }
        }
    }

    private static string Compressed(TarPart part) => part.Compression == Compression.None ? "" : $", compressed ({part.Compression})";

    private static async IAsyncEnumerable<PhysicalFile> MembersAsync(Stream content, TarPart part, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var members = new TarMembers(content, part.Name).ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(members, part))
        {
            yield return members.Current with { Path = part.Below + members.Current.Path };
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<PhysicalFile> members, TarPart part)
    {
        try
        {
            return await members.MoveNextAsync();
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw Undone(part, exception);
        }
    }

    // Checksums of the compression stand at the end; and what follows the end of the archive is padding, if it is anything.
    private static async Task DrainAsync(Stream stream, TarPart part, CancellationToken cancellationToken)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            while (await stream.ReadAsync(buffer, cancellationToken) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw Undone(part, exception);
        }
    }

    private static BackupFaultException Undone(TarPart part, Exception exception) => exception is EndOfStreamException
        ? new("Structure", BackupLevel.Checksum, BackupFault.Truncated, $"{part.Name} ends before it should.", "Make a new base backup, and look at what sends it to the store.")
        : new("Structure", BackupLevel.Checksum, BackupFault.DataDamaged, $"{part.Name} cannot be decompressed: {exception.Message}", "Make a new base backup, and look at what sends it to the store.");

    private static Stream Inflate(Stream stream, Compression compression) => compression == Compression.Gzip ? new GzipContent(stream) : stream;

    private static async Task<TarPart> PartAsync(BackupFile file, string name, long size, string below, CancellationToken cancellationToken)
    {
        var look = BackupHeader.Look(await file.ReadAsync(name, 0, (int)Math.Min(BackupHeader.Length, size), cancellationToken));
        var trouble = size == 0 ? (BackupFault.Empty, "is empty", "Make a new base backup.")
            : look.Encryption is { } encryption ? (BackupFault.Encrypted, $"is encrypted ({encryption})", "Decrypt it to test it.")
            : look.Compression is not (Compression.None or Compression.Gzip) ? (BackupFault.None, $"is compressed with {look.Compression}, which cannot be read here", "Decompress it to test it, or compress base backups with gzip.")
            : below.Length == 0 && look.Kind != BackupKind.BaseBackup ? (BackupFault.UnknownFormat, "does not begin like a base backup", "Look at what writes it.")
            : ((BackupFault Fault, string What, string Advice)?)null;
        return trouble is { } found
            ? throw new BackupFaultException("Header", BackupLevel.Header, found.Fault, $"{name} {found.What}.", found.Advice)
            : new TarPart(name, size, below, look.Compression);
    }

    private static Task<List<(string Name, long SizeBytes)>> BesideAsync(BackupFile file, string folder, CancellationToken cancellationToken) => file.RunAsync(
        async () =>
        {
            var found = new List<(string, long)>();
            await foreach (var entry in file.Store.ListAsync(folder, cancellationToken))
            {
                if (!entry.Name.AsSpan(folder.Length).Contains('/'))
                {
                    found.Add((entry.Name[folder.Length..], entry.SizeBytes));
                }
            }

            return found;
        },
        cancellationToken);

    // An archive that is not compressed begins each member at a multiple of 512 bytes: the last of them is looked for from behind.
    private async Task<byte[]?> AtEndAsync(TarPart part, CancellationToken cancellationToken)
    {
        for (var length = 256L * 1024; ; length *= 16)
        {
            length = Math.Min(Math.Min(length, PhysicalManifest.Largest), part.SizeBytes / TarHeader.Size * TarHeader.Size);
            var start = (part.SizeBytes / TarHeader.Size * TarHeader.Size) - length;
            var tail = await _file.ReadAsync(part.Name, start, (int)length, cancellationToken);
            for (var at = 0; at + TarHeader.Size <= tail.Length; at += TarHeader.Size)
            {
                var block = tail.AsSpan(at);
                if (block.StartsWith("backup_manifest\0"u8) && TarHeader.Read(block) is { } header)
                {
                    return header.Bytes <= tail.Length - at - TarHeader.Size ? tail.AsSpan(at + TarHeader.Size, (int)header.Bytes).ToArray() : null;
                }
            }

            if (start == 0 || length == PhysicalManifest.Largest)
            {
                return null;
            }
        }
    }

    [GeneratedRegex(@"^base\.tar(\.(gz|zst|lz4))?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Main();

    [GeneratedRegex(@"^((?<oid>\d+)|pg_wal)\.tar(\.gz|\.zst|\.lz4)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Beside();
}
