namespace Maintenance.Engine.Backup.Physical;

/// <summary>Says whether an archive of write-ahead log is whole and young enough. Pure.</summary>
/// <param name="maximumAge">How old its newest segment may be.</param>
/// <param name="now">The time it is judged at (UTC).</param>
internal sealed class WalRecencyEvaluator(TimeSpan maximumAge, DateTimeOffset now)
{
    /// <summary>What an idle server may add to a segment without anybody's having changed anything: checkpoints and the like.</summary>
    private const long Idle = 8192;

    /// <summary>The record for an archive that was read.</summary>
    /// <param name="archive">What was read.</param>
    /// <param name="server">What the server says; null if it was not asked or did not answer.</param>
    /// <param name="serverReason">Why it says nothing.</param>
    /// <param name="reading">What was read, and how.</param>
    public BackupRecency Judge(WalArchive archive, WalServer? server, string? serverReason, StoreReading reading)
    {
        var lag = server is null ? null : Lag(archive, server);
        var state = archive.ToState() with { Server = lag, ServerReason = serverReason };
        var age = state.NewestAt is { } newest ? now > newest ? now - newest : TimeSpan.Zero : (TimeSpan?)null;
        var (verdict, message, recommendation) = Verdict(archive, state, server, age);
        var newestSegment = NewestOf(archive, reading);
        return new BackupRecency
        {
            State = verdict,
            Kind = BackupKind.WalArchive,
            Store = reading.Store,
            Target = reading.Target,
            Newest = newestSegment,
            LastComplete = newestSegment,
            Age = age,
            MaximumAge = maximumAge,
            BackupCount = state.SegmentCount,
            Requests = reading.Requests,
            Wal = state,
            Message = message,
            Recommendation = recommendation,
            CollectedAt = now,
        };
    }

    private DatabaseBackup? NewestOf(WalArchive archive, StoreReading reading) => archive.Newest is not { } entry ? null : new DatabaseBackup
    {
        Name = entry.Name,
        Store = reading.Store ?? "",
        Kind = BackupKind.WalArchive,
        TakenAt = entry.LastModified,
        LastModified = entry.LastModified,
        SizeBytes = entry.SizeBytes,
        Tier = entry.Tier,
        ETag = entry.ETag,
        Target = reading.Target,
        CollectedAt = now,
    };

    private (BackupRecencyState State, string Message, string? Recommendation) Verdict(WalArchive archive, WalArchiveState state, WalServer? server, TimeSpan? age)
    {
        if (state.LastSegment is null)
        {
            return state.DamagedCount > 0
                ? (BackupRecencyState.Incomplete, $"The archive holds no whole segment: {state.Damaged[0]}", "Look at what writes the archive (archive_command): it must write a segment whole, or not at all.")
                : (BackupRecencyState.None, FormattableString.Invariant($"The archive was read to its end: {state.OtherFileCount} files are there, and no segment of write-ahead log is among them."), "Check archive_mode and archive_command of the server, and that the folder or prefix is the one they write to.");
        }

        if (server is { SystemIdentifier: { } own } && state.SystemIdentifier is { } other && own != other)
        {
            return (BackupRecencyState.None, $"The archive is of another server: its segments are of the system {other}, and the server is {own}.", "Name the archive that this server writes to (walArchive).");
        }

        if (archive.HistoryMissing)
        {
            return (BackupRecencyState.Gap, FormattableString.Invariant($"The history of timeline {state.Timeline} ({state.Timeline:X8}.history) is missing or makes no sense: from where its log goes on cannot be known."), "Copy the history file from the pg_wal folder of the server or of a standby into the archive, and make a new base backup.");
        }

        if (state.Gaps.Count > 0)
        {
            var (count, last) = (state.Gaps.Sum(gap => gap.Count), state.Gaps[^1]);
            return (
                BackupRecencyState.Gap,
                FormattableString.Invariant($"{(count == 1 ? "1 segment is" : FormattableString.Invariant($"{count} segments are"))} missing{Because(state)} between {state.NeededFrom} and {state.LastSegment}{(count == 1 ? "" : $", the last of them {last.LastMissing}")}: no base backup from before can be recovered past the first, {state.Gaps[0].FirstMissing}."),
                "Copy them from the server's or a standby's pg_wal folder, if they are still there; if not, make a new base backup now.");
        }

        var (fresh, text, advice) = Freshness(state, server, age ?? TimeSpan.Zero);
        return (fresh ? BackupRecencyState.Fresh : BackupRecencyState.Stale, text, advice);
    }

    private (bool IsFresh, string Message, string? Recommendation) Freshness(WalArchiveState state, WalServer? server, TimeSpan age)
    {
        var young = age <= maximumAge;
        var facts = $"The newest segment, {state.LastSegment}, was archived {RecencyEvaluator.Text(age)} ago; at most {RecencyEvaluator.Text(maximumAge)} is allowed.";
        if (server is null || state.Server is not { NotArchivedBytes: { } bytes } lag)
        {
            return young ? (true, facts, null) : (false, facts, "Check archive_command and the server's log. A server that writes little completes a segment only after archive_timeout: set it.");
        }

        facts = FormattableString.Invariant($"{facts} {Size(bytes)} of the log are not archived yet, {Size(lag.WaitingBytes ?? 0)} of it in complete segments.");
        if (lag.Archiver is { IsFailing: true } failing)
        {
            return (young, $"{facts} The archiver fails: {failing.LastFailedFile} at {failing.LastFailedAt:u}.", "Read the server's log for what archive_command says. The log is kept until it is archived, and may fill the disk.");
        }

        if (lag.Archiver is { Mode: "off" })
        {
            return (young, $"{facts} The server's archive_mode is off.", "Turn archive_mode on, or name the server that writes to the archive.");
        }

        if (lag.Timeline is { } timeline && timeline > state.Timeline)
        {
            return (false, FormattableString.Invariant($"{facts} The server writes timeline {timeline}, and the archive knows only {state.Timeline}."), "Check archive_command on the server that was promoted.");
        }

        if (young)
        {
            return (true, facts, null);
        }

        if (lag.WaitingBytes > 0)
        {
            return (false, facts, "Check archive_command and the server's log: complete segments wait for it.");
        }

        // Nothing of what is older is missing: either nothing was written, or the server would have completed the segment by now.
        if (bytes <= Idle)
        {
            return (true, $"{facts} The server is idle: everything that it wrote is archived.", null);
        }

        return lag.ArchiveTimeout is { } timeout && timeout <= maximumAge
            ? (true, $"{facts} What is not archived is younger than archive_timeout, {RecencyEvaluator.Text(timeout)}.", null)
            : (false, $"{facts} How old these bytes are cannot be known, since the server does not complete segments by time.", "Set archive_timeout to less than the maximum age: a segment that is not full is then archived too.");
    }

    private WalArchiveServer Lag(WalArchive archive, WalServer server)
    {
        var current = WalPosition.Parse(server.CurrentLsn);
        var bytes = current is { } at && archive.End is { } end ? (long)(at > end ? at - end : 0) : (long?)null;
        return new WalArchiveServer
        {
            Timeline = server.Timeline,
            CurrentLsn = server.CurrentLsn,
            NotArchivedBytes = bytes,
            WaitingBytes = bytes / archive.SegmentSize * archive.SegmentSize,
            NotArchivedFor = bytes > 0 && archive.Newest is { } newest && now > newest.LastModified ? now - newest.LastModified : null,
            ArchiveTimeout = server.ArchiveTimeout,
            Archiver = server.Archiver,
        };
    }

    private static string Because(WalArchiveState state) => state.DamagedCount > 0 ? FormattableString.Invariant($" or not whole ({state.DamagedCount})") : "";

    private static string Size(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:0.0} MB");
}
