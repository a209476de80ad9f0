namespace Maintenance.Engine.Backup.Physical;

/// <summary>Compares the files of a base backup with its manifest, one by one. Pure.</summary>
/// <param name="manifest">The manifest.</param>
internal sealed class ManifestComparison(PhysicalManifest manifest)
{
    private const int Told = 5;

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<(BackupFault Fault, string Message)> _faults = [];

    /// <summary>How many files were compared.</summary>
    public int Files { get; private set; }

    /// <summary>How many files are not as they should be.</summary>
    public int FaultCount { get; private set; }

    /// <summary>The worst of it; None if all is well.</summary>
    public BackupFault Fault => _faults.Count == 0 ? BackupFault.None : _faults[0].Fault;

    /// <summary>What is wrong with the first few files.</summary>
    public string Message => string.Join(" ", _faults.Take(Told).Select(fault => fault.Message)) + (FaultCount > Told ? FormattableString.Invariant($" And {FaultCount - Told} more.") : "");

    /// <summary>How the checksum of a file is to be made; null for none.</summary>
    public string? AlgorithmOf(string path) => IsIgnored(path) ? null : manifest.Files.GetValueOrDefault(path)?.Algorithm;

    /// <summary>
    /// What the manifest does not speak for, as pg_verifybackup has it: itself, the log, and what is written to recover from the backup.
    /// </summary>
    public static bool IsIgnored(string path) =>
        path is "backup_manifest" or "postgresql.auto.conf" or "recovery.signal" or "standby.signal" || path.StartsWith("pg_wal/", StringComparison.Ordinal);

    /// <summary>Compares a file.</summary>
    /// <param name="path">Its path in the backup.</param>
    /// <param name="size">Its size.</param>
    /// <param name="checksum">Its checksum; null where it was not made.</param>
    public void Add(string path, long size, byte[]? checksum)
    {
        if (IsIgnored(path))
        {
            return;
        }

        if (!manifest.Files.TryGetValue(path, out var noted))
        {
            Fail(BackupFault.DataDamaged, $"{path} is not in the manifest.");
            return;
        }

        Files++;
        if (!_seen.Add(path))
        {
            Fail(BackupFault.DataDamaged, $"{path} is there twice.");
        }
        else if (size != noted.SizeBytes)
        {
            Fail(size < noted.SizeBytes ? BackupFault.Truncated : BackupFault.DataDamaged, FormattableString.Invariant($"{path} has {size} bytes instead of {noted.SizeBytes}."));
        }
        else if (checksum is not null && noted.Checksum is not null && !checksum.AsSpan().SequenceEqual(noted.Checksum))
        {
            Fail(BackupFault.ChecksumMismatch, $"{path} has another checksum ({noted.Algorithm}) than when it was backed up.");
        }
    }

    /// <summary>Looks for what is missing, when all files were compared.</summary>
    public void Complete()
    {
        foreach (var path in manifest.Files.Keys.Where(path => !IsIgnored(path) && !_seen.Contains(path)))
        {
            Fail(BackupFault.Truncated, $"{path} is missing.");
        }
    }

    private void Fail(BackupFault fault, string message)
    {
        FaultCount++;
        if (_faults.Count < Told)
        {
            _faults.Add((fault, message));
        }
    }
}
