namespace Maintenance.Engine.Backup.Restore;

/// <summary>The version of pg_dump's archive format, and the oldest pg_restore that reads it. Pure.</summary>
internal static class ArchiveVersion
{
    private const int VersionOffset = 5;

    /// <summary>The oldest major version of pg_restore that reads an archive; the oldest that is supported where that cannot be told.</summary>
    /// <param name="head">The archive's first bytes; those of its table of contents.</param>
    public static int OldestReader(ReadOnlySpan<byte> head) =>
        !head.StartsWith("PGDMP"u8) || head.Length < VersionOffset + 2 ? Database.DatabaseConnector.OldestMajorVersion
        : (head[VersionOffset], head[VersionOffset + 1]) switch
        {
            ( < 1, _) or (1, <= 14) => Database.DatabaseConnector.OldestMajorVersion,
            (1, 15) => 16,
            _ => 17,
        };

    /// <summary>The same for a dump on this machine.</summary>
    public static async Task<int> OldestReaderAsync(LocalDump dump, CancellationToken cancellationToken)
    {
        var path = dump.Kind == BackupKind.Directory ? Path.Combine(dump.Path, "toc.dat") : dump.Path;
        // In a tar archive the table of contents is the first member.
        var offset = dump.Kind == BackupKind.Tar ? 512 : 0;
        var head = new byte[8];
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = offset;
        var read = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        return OldestReader(head.AsSpan(0, read));
    }
}
