using System.Runtime.CompilerServices;
using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>A stream that can pass over bytes without reading them, where its source can.</summary>
internal interface ISkippable
{
    /// <summary>Passes over so many bytes.</summary>
    Task SkipAsync(long count, CancellationToken cancellationToken);
}

/// <summary>Walks through the members of a tar archive of pg_basebackup.</summary>
/// <param name="archive">The archive; stays open.</param>
/// <param name="name">Its name, for messages.</param>
internal sealed class TarMembers(Stream archive, string name)
{
    private const char RegularFile = '0';
    private const char OldRegularFile = '\0';
    private const char Link = '2';
    private const char Folder = '5';

    /// <summary>The files, in their order. What is not read of one is passed over.</summary>
    /// <exception cref="BackupFaultException">It ends before it should, or makes no sense.</exception>
    public async IAsyncEnumerable<PhysicalFile> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var block = new byte[TarHeader.Size];
        while (true)
        {
            await FillAsync(block, cancellationToken);
            if (TarHeader.IsEnd(block))
            {
                await FillAsync(block, cancellationToken);
                if (!TarHeader.IsEnd(block))
                {
                    throw Damaged("has something behind its end");
                }

                yield break;
            }

            if (TarHeader.Read(block) is not { } header)
            {
                throw Damaged("makes no sense where a file should begin");
            }

            if (header.Type is Folder or Link)
            {
                continue;
            }

            if (header.Type is not (RegularFile or OldRegularFile))
            {
                throw Damaged($"holds '{header.Name}' in a form that pg_basebackup does not write");
            }

            var content = new Member(this, header.Bytes);
            yield return new PhysicalFile(header.Name.StartsWith("./", StringComparison.Ordinal) ? header.Name[2..] : header.Name, header.Bytes, content);
            await SkipAsync(content.Left + header.PaddedBytes - header.Bytes, cancellationToken);
        }
    }

    private async Task FillAsync(byte[] block, CancellationToken cancellationToken)
    {
        if (await archive.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, cancellationToken) < block.Length)
        {
            throw Truncated();
        }
    }

    private async Task SkipAsync(long count, CancellationToken cancellationToken)
    {
        if (archive is ISkippable skippable)
        {
            await skippable.SkipAsync(count, cancellationToken);
            return;
        }

        var buffer = new byte[(int)Math.Min(count, 128 * 1024)];
        while (count > 0)
        {
            var read = await archive.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), cancellationToken);
            count -= read > 0 ? read : throw Truncated();
        }
    }

    private BackupFaultException Truncated() => new(
        "Structure", BackupLevel.Toc, BackupFault.Truncated, $"{name} ends before it should.", "Make a new base backup, and look at what sends it to the store.");

    private BackupFaultException Damaged(string what) => new(
        "Structure", BackupLevel.Toc, BackupFault.DataDamaged, $"{name} {what}.", "Make a new base backup, and look at what sends it to the store.");

    /// <summary>The content of one member.</summary>
    private sealed class Member(TarMembers members, long length) : ReadingStream
    {
        public long Left { get; private set; } = length;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var wanted = (int)Math.Min(buffer.Length, Left);
            if (wanted == 0)
            {
                return 0;
            }

            var read = await members.Archive.ReadAsync(buffer[..wanted], cancellationToken);
            Left -= read > 0 ? read : throw members.Truncated();
            return read;
        }
    }

    private Stream Archive => archive;
}
