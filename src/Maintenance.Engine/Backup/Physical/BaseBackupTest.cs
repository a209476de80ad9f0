using Maintenance.Engine.Backup.Testing;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>Tests a base backup: from its label to a recovery from it.</summary>
/// <param name="work">The test.</param>
internal sealed class BaseBackupTest(TestWork work)
{
    private readonly Dictionary<string, long> _ownLog = new(StringComparer.Ordinal);
    private BackupLabel? _label;
    private PhysicalManifest? _manifest;
    private int? _major;

    /// <summary>Does the checks of the level that is asked for, and of those before it.</summary>
    /// <exception cref="BackupFaultException">A fault that makes further checks pointless.</exception>
    /// <exception cref="MaintenanceException">Store…, what keeps it from being tested.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        work.Format = BackupKind.BaseBackup;
        var source = await BaseBackupSource.OpenAsync(work.File, cancellationToken);
        await HeaderAsync(source, cancellationToken);
        if (work.Options.Level >= BackupLevel.Toc)
        {
            await ManifestAsync(source, cancellationToken);
            await ContentsAsync(source, cancellationToken);
        }

        WalSource? wal = null;
        if (work.Options.Level >= BackupLevel.Toc)
        {
            wal = await WalSource.OpenAsync(work, cancellationToken);
        }

        if (work.Options.Level >= BackupLevel.Checksum)
        {
            await ChecksumsAsync(source, cancellationToken);
        }

        var isLogMissing = work.Options.Level >= BackupLevel.Toc && !CheckLog(source, wal);

        if (work.Options.Level == BackupLevel.Sample)
        {
            work.Unknown("Sample", BackupLevel.Sample, "A base backup can only be restored whole: the level Full does.");
        }

        if (work.Options.Level == BackupLevel.Full && isLogMissing && wal is null)
        {
            work.Unknown("Replay", BackupLevel.Full, "Nothing was restored: a server cannot begin without that log.", BackupFault.WalMissing);
        }
        else if (work.Options.Level == BackupLevel.Full)
        {
            await new PointInTimeDrill(work, source, wal, new RecoveryStart(_label!, _manifest, _major, _ownLog.Keys.ToHashSet(StringComparer.Ordinal))).RunAsync(cancellationToken);
        }
    }

    private async Task HeaderAsync(BaseBackupSource source, CancellationToken cancellationToken)
    {
        if (await source.FindTextAsync("backup_label", cancellationToken) is not { } text)
        {
            throw new BackupFaultException(
                "Label", BackupLevel.Header, BackupFault.HeaderDamaged,
                $"{work.Backup.Name} has no backup_label: it is a copy of a data folder, and from where on it needs write-ahead log is not known. A copy of a running server's folder is no backup.",
                "Make base backups with pg_basebackup.");
        }

        _label = BackupLabel.Parse(text) ?? throw new BackupFaultException(
            "Label", BackupLevel.Header, BackupFault.HeaderDamaged, $"The backup_label of {work.Backup.Name} makes no sense.", "Make a new base backup.");
        _major = int.TryParse((await source.FindTextAsync("PG_VERSION", cancellationToken))?.Trim(), System.Globalization.CultureInfo.InvariantCulture, out var major) ? major : null;
        work.StateOf ??= _label.StartedAt;
        work.Pass(
            "Label",
            BackupLevel.Header,
            FormattableString.Invariant($"A base backup of PostgreSQL {_major?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "of a version that its beginning does not tell"} as {source.Form}, begun {(_label.StartedAt is { } at ? at.ToString("u") : "at an unknown time")} at {WalPosition.Format(_label.Start)} on timeline {_label.Timeline} (\"{_label.Label}\")."));
    }

    private async Task ManifestAsync(BaseBackupSource source, CancellationToken cancellationToken)
    {
        if (await source.FindManifestAsync(cancellationToken) is { } bytes)
        {
            Read(bytes);
        }
    }

    private void Read(byte[] bytes)
    {
        try
        {
            _manifest = PhysicalManifest.Parse(bytes);
            work.Pass("Manifest", BackupLevel.Toc, FormattableString.Invariant($"The manifest names {_manifest.Files.Count} files of {_manifest.Files.Values.Sum(file => file.SizeBytes)} bytes, and its own checksum fits."));
        }
        catch (InvalidDataException exception)
        {
            throw new BackupFaultException(
                "Manifest", BackupLevel.Toc, BackupFault.ContentsDamaged, $"The manifest of {work.Backup.Name} cannot be believed. {exception.Message}", "Make a new base backup.");
        }
    }

    // Names and sizes; at the level Checksum they are compared while everything is read.
    private async Task ContentsAsync(BaseBackupSource source, CancellationToken cancellationToken)
    {
        if (work.Options.Level >= BackupLevel.Checksum)
        {
            return;
        }

        if (_manifest is null)
        {
            work.Manual("Manifest", BackupLevel.Toc, source.CanLook
                ? "It has no manifest (pg_basebackup --no-manifest): there is nothing to compare its files with."
                : "No manifest lies beside it, and what is inside is read at the level Checksum only.");
            return;
        }

        if (!source.CanLook)
        {
            work.Manual("Files", BackupLevel.Toc, "It is compressed: its files are compared with the manifest at the level Checksum.");
            return;
        }

        var comparison = new ManifestComparison(_manifest);
        await foreach (var file in source.LookAsync(cancellationToken))
        {
            comparison.Add(file.Path, file.SizeBytes, checksum: null);
            Note(file);
        }

        comparison.Complete();
        Tell(comparison, "Files", BackupLevel.Toc, FormattableString.Invariant($"All {comparison.Files} files are there, with their sizes."));
    }

    private async Task ChecksumsAsync(BaseBackupSource source, CancellationToken cancellationToken)
    {
        var (comparison, sums) = await work.PhaseAsync("Checksum", countsAsRecovery: false, () => SumAsync(source, cancellationToken));
        if (comparison is null && _manifest is { } late)
        {
            // The manifest came last, and names other checksums than the usual ones.
            comparison = late.Files.Values.All(file => file.Algorithm is null or FileChecksum.Usual)
                ? Compare(late, sums)
                : (await work.PhaseAsync("Checksum again", countsAsRecovery: false, () => SumAsync(source, cancellationToken))).Comparison;
        }

        work.Sha256 = source.Sha256;
        if (comparison is null)
        {
            const string None = "It has no manifest (pg_basebackup --no-manifest): there is nothing to compare its files with.";
            if (work.Options.Level == BackupLevel.Full)
            {
                work.Manual("Checksums", BackupLevel.Checksum, $"{None} The restore and the checks of what came of it have to tell.");
            }
            else if (source.HasOwnChecksums)
            {
                work.Pass("Structure", BackupLevel.Checksum, FormattableString.Invariant($"All {sums.Count} files were read, and the checksums of the compression fit."));
                work.Manual("Checksums", BackupLevel.Checksum, None);
            }
            else
            {
                work.Advice = "Make base backups with a manifest, as pg_basebackup does unless it is told otherwise.";
                work.Unknown("Checksums", BackupLevel.Checksum, $"{None} Whether its data are whole cannot be known without a restore.");
            }

            return;
        }

        var without = _manifest!.Files.Values.Count(file => file.Checksum is null);
        if (without > 0 && work.Options.Level == BackupLevel.Full)
        {
            work.Manual("Checksums", BackupLevel.Checksum, FormattableString.Invariant($"The manifest has no checksums of {without} files. The restore and the checks of what came of it have to tell."));
        }
        else if (without > 0)
        {
            work.Unknown("Checksums", BackupLevel.Checksum, FormattableString.Invariant($"The manifest has no checksums of {without} files: whether their data are whole cannot be known without a restore."));
        }

        Tell(comparison, "Checksums", BackupLevel.Checksum, FormattableString.Invariant($"All {comparison.Files} files were read, and have their sizes and checksums."));
        if (source.Folder is { } folder)
        {
            await new VerifyProgram(work).CompareAsync(folder, _major, comparison, cancellationToken);
        }
    }

    private async Task<(ManifestComparison? Comparison, Dictionary<string, (long Size, byte[] Sum)> Sums)> SumAsync(BaseBackupSource source, CancellationToken cancellationToken)
    {
        var comparison = _manifest is { } known ? new ManifestComparison(known) : null;
        var sums = new Dictionary<string, (long, byte[])>(StringComparer.Ordinal);
        var buffer = new byte[256 * 1024];
        var total = Math.Max(1, work.File.Size);
        await foreach (var file in source.ReadAsync(cancellationToken))
        {
            Note(file);
            if (file.Path == BaseBackupSource.ManifestName && _manifest is null && file.SizeBytes <= PhysicalManifest.Largest)
            {
                var bytes = new byte[file.SizeBytes];
                await file.Content.ReadExactlyAsync(bytes, cancellationToken);
                Read(bytes);
                continue;
            }

            using var checksum = (comparison is null ? FileChecksum.Usual : comparison.AlgorithmOf(file.Path)) is { } algorithm ? FileChecksum.Begin(algorithm) : null;
            for (int read; (read = await work.File.RunAsync(() => file.Content.ReadAsync(buffer, cancellationToken).AsTask(), cancellationToken)) > 0;)
            {
                checksum?.Append(buffer.AsSpan(0, read));
            }

            var sum = checksum?.Finish();
            comparison?.Add(file.Path, file.SizeBytes, sum);
            if (comparison is null)
            {
                sums[file.Path] = (file.SizeBytes, sum!);
            }

            work.Call.Sink.Progress(new ProgressUpdate($"Testing {work.Backup.Name}", file.Path, (int)Math.Min(100, 100 * work.File.BytesRead / total)));
        }

        comparison?.Complete();
        return (comparison, sums);
    }

    private static ManifestComparison Compare(PhysicalManifest manifest, Dictionary<string, (long Size, byte[] Sum)> sums)
    {
        var comparison = new ManifestComparison(manifest);
        foreach (var (path, (size, sum)) in sums)
        {
            comparison.Add(path, size, sum);
        }

        comparison.Complete();
        return comparison;
    }

    private void Tell(ManifestComparison comparison, string check, BackupLevel level, string allWell)
    {
        if (comparison.FaultCount == 0)
        {
            work.Pass(check, level, allWell);
            return;
        }

        work.Advice = "Do not rely on this backup: make a new one, and look at the disk or the transfer that damaged it.";
        work.Fail(check, level, comparison.Fault, comparison.Message);
    }

    private void Note(PhysicalFile file)
    {
        if (file.Path.StartsWith("pg_wal/", StringComparison.Ordinal) && WalFileName.Parse(file.Path) is { Kind: WalFileKind.Segment })
        {
            _ownLog[file.Path["pg_wal/".Length..]] = file.SizeBytes;
        }
    }

    // The log that it needs to be consistent: inside, or in the archive. False if some is in neither, as far as is known.
    private bool CheckLog(BaseBackupSource source, WalSource? archive)
    {
        if (_manifest is null)
        {
            return true;
        }

        var size = _ownLog.Values.FirstOrDefault(WalPosition.IsSegmentSize) is > 0 and var own ? own : archive?.SegmentSize ?? WalPosition.UsualSegmentSize;
        var needed = _manifest.Wal.SelectMany(range => WalSource.Names(range.Timeline, range.Start, range.End, size)).ToList();
        var missing = needed.Where(name => !(_ownLog.TryGetValue(name.Name, out var bytes) && bytes == size) && archive?.Has(name.Timeline, name.Number) != true).ToList();
        if (missing.Count == 0)
        {
            work.Pass("Log", BackupLevel.Toc, FormattableString.Invariant($"The {needed.Count} segments of write-ahead log that it needs are there, {needed.Count(name => _ownLog.ContainsKey(name.Name))} of them inside."));
        }
        else if (archive is not null)
        {
            work.Advice = "Without them this backup cannot be recovered. Copy them from the server or a standby if they are still there, and make a new base backup.";
            work.Fail("Log", BackupLevel.Toc, BackupFault.WalMissing, FormattableString.Invariant($"{missing.Count} of the {needed.Count} segments of write-ahead log that it needs are neither inside nor in the archive {archive.Place}: {missing[0].Name} is the first."));
        }
        else if (!source.CanLook && work.Options.Level < BackupLevel.Checksum)
        {
            work.Manual("Log", BackupLevel.Toc, "It is compressed: whether the log that it needs is inside is seen at the level Checksum.");
        }
        else
        {
            work.Advice = "Name the archive with -WalPath (walArchive in maintenance.json), or make base backups with -X stream or -X fetch.";
            work.Unknown("Log", BackupLevel.Toc, FormattableString.Invariant($"{missing.Count} of the {needed.Count} segments of write-ahead log that it needs are not inside, and no archive is known: {missing[0].Name} is the first."), BackupFault.WalMissing);
        }

        return missing.Count == 0;
    }
}
