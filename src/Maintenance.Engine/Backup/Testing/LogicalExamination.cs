namespace Maintenance.Engine.Backup.Testing;

/// <summary>Reads what pg_dump and pg_dumpall make: the levels Header, Toc and Checksum. What it finds is noted in the work.</summary>
internal static class LogicalExamination
{
    private static readonly string[] EncryptedEndings = [".gpg", ".pgp", ".age", ".enc", ".aes"];

    /// <summary>Looks at a backup as deep as the level asks for, without reading its data.</summary>
    /// <returns>What was seen. Of a base backup, no more than its first bytes.</returns>
    /// <exception cref="BackupFaultException">What makes further checks pointless.</exception>
    /// <exception cref="MaintenanceException">The store cannot be read.</exception>
    public static async Task<Examination> LookAsync(TestWork work, CancellationToken cancellationToken)
    {
        var head = await work.File.ReadAsync(0, BackupHeader.Length, cancellationToken);
        var look = Recognise(work, head);
        work.Format = look.Kind;
        if (work.Backup.Kind == BackupKind.Directory && look is not { Kind: BackupKind.Directory, Compression: Compression.None })
        {
            throw new BackupFaultException(
                "Header", BackupLevel.Header, BackupFault.HeaderDamaged, $"The table of contents of the folder {work.Backup.Name} is that of another format.", "Use another backup.");
        }

        if (look.Kind == BackupKind.BaseBackup)
        {
            return new Examination(look, null);
        }

        var header = look is { Compression: Compression.None, Kind: BackupKind.Custom or BackupKind.Directory }
            ? await new ArchiveReader(new ByteReader(new MemoryStream(head)), head.Length).ReadHeaderAsync(cancellationToken)
            : null;
        work.Pass("Header", BackupLevel.Header, Describe(look, header));
        CheckSize(work);

        return work.Options.Level < BackupLevel.Toc
            ? new Examination(look, null)
            : await work.PhaseAsync("Read the table of contents", countsAsRecovery: false, () => new ContentsExamination(work, head, look).RunAsync(cancellationToken));
    }

    /// <summary>Reads all of a backup: the level Checksum.</summary>
    /// <param name="work">The test.</param>
    /// <param name="seen">What was seen before.</param>
    /// <param name="copy">The copy to read, where there is one, so that nothing comes over the network twice; else null.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BackupFaultException">What makes further checks pointless.</exception>
    /// <exception cref="MaintenanceException">The store cannot be read.</exception>
    public static Task ReadAllAsync(TestWork work, Examination seen, BackupCopy? copy, CancellationToken cancellationToken) =>
        work.PhaseAsync("Read all of it", countsAsRecovery: false, () => new ChecksumExamination(work, seen, copy).RunAsync(cancellationToken));

    private static HeaderLook Recognise(TestWork work, byte[] head)
    {
        var look = BackupHeader.Look(head);
        var encryption = look.Encryption
            ?? (look.Kind == BackupKind.Unknown && Array.Exists(EncryptedEndings, ending => work.Backup.Name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) ? "something, by its name" : null);
        if (encryption is not null)
        {
            throw new BackupFaultException(
                "Header", BackupLevel.Header, BackupFault.Encrypted, $"{work.Backup.Name} is encrypted ({encryption}): what is inside cannot be seen.",
                "Decrypt a copy into a folder, and test it there: Test-BackupRestore -Path.");
        }

        if (look.Kind != BackupKind.Unknown)
        {
            return look;
        }

        if (head.Length == 0)
        {
            throw new BackupFaultException("Header", BackupLevel.Header, BackupFault.Empty, $"{work.Backup.Name} has no bytes.", "Look at what writes it.");
        }

        var kind = head.AsSpan().ContainsAny((byte)0, (byte)0xFF) ? "bytes that no backup begins with"
            : TarHeader.IsOne(head) ? "a tar archive whose first files are those of no backup"
            : "text, but not that of pg_dump";
        throw new BackupFaultException(
            "Header", BackupLevel.Header, BackupFault.UnknownFormat, $"{work.Backup.Name} is no backup that is known: it begins with {kind}.",
            "Look at what writes it; keep other files out of the store, or under names that are no backup's.");
    }

    private static string Describe(HeaderLook look, ArchiveHeader? header)
    {
        var format = look.Compression == Compression.None ? $"{look.Kind} format" : look.IsSeen ? $"{look.Kind} format in {look.Compression}" : $"Compressed with {look.Compression}";
        return header is null ? $"{format}." : FormattableString.Invariant(
            $"{format} {header.Version}, made {header.CreatedAt:yyyy-MM-dd HH:mm:ss} (local time there) by pg_dump {header.DumpVersion} of database {header.Database} on PostgreSQL {header.ServerVersion}.");
    }

    private static void CheckSize(TestWork work)
    {
        if (work.Manifest is not { } manifest)
        {
            return;
        }

        if (manifest.SizeBytes == work.Backup.SizeBytes)
        {
            work.Pass("Size", BackupLevel.Header, $"It has the {manifest.SizeBytes} bytes that were noted.");
            return;
        }

        throw new BackupFaultException(
            "Size", BackupLevel.Header, manifest.SizeBytes > work.Backup.SizeBytes ? BackupFault.Truncated : BackupFault.ChecksumMismatch,
            $"It has {work.Backup.SizeBytes} bytes, and {manifest.SizeBytes} were noted when it was made.", "Make the backup again, or copy it again from where it is whole.");
    }
}
