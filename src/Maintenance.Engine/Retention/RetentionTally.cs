namespace Maintenance.Engine.Retention;

/// <summary>What a policy has done so far. It is there whatever ends the work, so that what was done is told.</summary>
internal sealed class RetentionTally
{
    public long Rows { get; private set; }

    public long? Bytes { get; private set; }

    public long? StoredBytes { get; private set; }

    public int Batches { get; private set; }

    public TimeSpan? WorstBatch { get; private set; }

    public long? WalBytes { get; set; }

    public List<string> Partitions { get; } = [];

    public List<string> Notes { get; } = [];

    public string? Manifest { get; set; }

    public string? Sha256 { get; set; }

    public bool? Verified { get; set; }

    public string? Verification { get; set; }

    /// <summary>Rows that are still due, where they were counted last after everything else; null if somebody has yet to count them.</summary>
    public long? RowsLeft { get; set; }

    /// <summary>Why it ended before everything was done, where that is no failure.</summary>
    public MaintenanceException? PutOff { get; set; }

    /// <summary>Counts a transaction that took rows.</summary>
    public void Add(long rows, long? bytes, TimeSpan held, long? storedBytes = null)
    {
        Rows += rows;
        Bytes = bytes is null ? Bytes : (Bytes ?? 0) + bytes;
        StoredBytes = storedBytes is null ? StoredBytes : (StoredBytes ?? 0) + storedBytes;
        Batches++;
        WorstBatch = WorstBatch > held ? WorstBatch : held;
    }

    /// <summary>Counts WAL; null if it could not be measured.</summary>
    public void AddWal(long? bytes) => WalBytes = bytes is null ? WalBytes : (WalBytes ?? 0) + bytes;

    /// <summary>Adds what one way of moving rows has proved to what others have; null if there was nothing to prove.</summary>
    public void Prove(bool? verified, string? proof)
    {
        Verified = verified is null ? Verified : (Verified ?? true) && verified.Value;
        Verification = Verification is null || proof is null ? Verification ?? proof : $"{Verification} {proof}";
    }

    /// <summary>Counts a partition that moved or went whole.</summary>
    public void AddPartition(string name, long rows)
    {
        Rows += rows;
        Partitions.Add(name);
    }
}
