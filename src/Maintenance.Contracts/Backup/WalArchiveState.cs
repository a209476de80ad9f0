namespace Maintenance;

/// <summary>What an archive of write-ahead log holds, and what it lacks.</summary>
public sealed record WalArchiveState
{
    /// <summary>The newest timeline that the archive knows; 0 where it holds no segment.</summary>
    public long Timeline { get; init; }

    /// <summary>The oldest segment of the newest timeline's history.</summary>
    public string? FirstSegment { get; init; }

    /// <summary>The newest segment of the newest timeline's history.</summary>
    public string? LastSegment { get; init; }

    /// <summary>Up to where the log is archived, as a position in it.</summary>
    public string? ArchivedUpTo { get; init; }

    /// <summary>When the archive received its newest segment (UTC).</summary>
    public DateTimeOffset? NewestAt { get; init; }

    /// <summary>How many segments there are, of all timelines.</summary>
    public long SegmentCount { get; init; }

    /// <summary>What they take, in bytes as they are stored.</summary>
    public long Bytes { get; init; }

    /// <summary>Size of a segment in bytes.</summary>
    public long SegmentSizeBytes { get; init; }

    /// <summary>True if that size is PostgreSQL's usual one and was not read from a segment, because all of them are compressed.</summary>
    public bool SegmentSizeAssumed { get; init; }

    /// <summary>The server that wrote it, by its identifier; null where no segment could be read.</summary>
    public string? SystemIdentifier { get; init; }

    /// <summary>The segment from which the log is needed: where the oldest base backup whose log is still there begins, or else the oldest segment.</summary>
    public string? NeededFrom { get; init; }

    /// <summary>The segment from which nothing is missing up to the newest: a base backup that begins here or later can be recovered to the end.</summary>
    public string? ContinuousFrom { get; init; }

    /// <summary>What is missing between <see cref="NeededFrom"/> and the newest segment.</summary>
    public IReadOnlyList<WalGap> Gaps { get; init => field = Readable.Copy(value); } = Readable.List<WalGap>.Empty;

    /// <summary>Segments that are there, and are not whole. At most 100 are listed.</summary>
    public IReadOnlyList<WalSegmentFault> Damaged { get; init => field = Readable.Copy(value); } = Readable.List<WalSegmentFault>.Empty;

    /// <summary>How many segments are not whole.</summary>
    public long DamagedCount { get; init; }

    /// <summary>How many files hold a segment that another file holds too.</summary>
    public long DuplicateCount { get; init; }

    /// <summary>How many segments were left half written at the end of a timeline (<c>.partial</c>).</summary>
    public long PartialCount { get; init; }

    /// <summary>How many files are neither segments nor what belongs to them.</summary>
    public long OtherFileCount { get; init; }

    /// <summary>How the timelines came from each other, as far as the archive tells.</summary>
    public IReadOnlyList<WalTimelineSwitch> Timelines { get; init => field = Readable.Copy(value); } = Readable.List<WalTimelineSwitch>.Empty;

    /// <summary>How many base backups have left their label in the archive.</summary>
    public long BaseBackupCount { get; init; }

    /// <summary>What the server says; null where it was not asked, for <see cref="ServerReason"/>.</summary>
    public WalArchiveServer? Server { get; init; }

    /// <summary>Why the server says nothing.</summary>
    public string? ServerReason { get; init; }

    /// <inheritdoc/>
    public override string ToString() => LastSegment is null
        ? "no segment"
        : FormattableString.Invariant($"{FirstSegment} to {LastSegment}, {Gaps.Count} {(Gaps.Count == 1 ? "gap" : "gaps")}");
}

/// <summary>Segments that are missing, one after the other.</summary>
/// <param name="Timeline">The timeline they are of.</param>
/// <param name="FirstMissing">The first that is missing.</param>
/// <param name="LastMissing">The last that is missing.</param>
/// <param name="Count">How many.</param>
public sealed record WalGap(long Timeline, string FirstMissing, string LastMissing, long Count)
{
    /// <inheritdoc/>
    public override string ToString() => Count == 1 ? FirstMissing : FormattableString.Invariant($"{FirstMissing} to {LastMissing} ({Count})");
}

/// <summary>A segment that is not whole.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="SizeBytes">Its size in bytes.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record WalSegmentFault(string Name, long SizeBytes, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Message}";
}

/// <summary>Where a timeline left another one.</summary>
/// <param name="Timeline">The newer timeline.</param>
/// <param name="Parent">The one it came from.</param>
/// <param name="SwitchLsn">Where it left it, as a position in the log.</param>
/// <param name="Reason">What the server noted about it.</param>
public sealed record WalTimelineSwitch(long Timeline, long Parent, string SwitchLsn, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Timeline} from {Parent} at {SwitchLsn}{(Reason.Length == 0 ? "" : $": {Reason}")}");
}

/// <summary>What the server says about its log and the archiving of it.</summary>
public sealed record WalArchiveServer
{
    /// <summary>The timeline it writes.</summary>
    public long? Timeline { get; init; }

    /// <summary>Where its log ends.</summary>
    public required string CurrentLsn { get; init; }

    /// <summary>How many bytes of the log are not archived yet, those of the segment that is being written among them.</summary>
    public long? NotArchivedBytes { get; init; }

    /// <summary>How many of these lie in segments that are complete.</summary>
    public long? WaitingBytes { get; init; }

    /// <summary>How long ago the newest segment was archived, where something is not archived yet.</summary>
    public TimeSpan? NotArchivedFor { get; init; }

    /// <summary>After how long the server completes a segment that is not full; null where it never does.</summary>
    public TimeSpan? ArchiveTimeout { get; init; }

    /// <summary>The archiver.</summary>
    public DbWalArchiver? Archiver { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{CurrentLsn}, archiver {Archiver}";
}
