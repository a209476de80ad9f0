using System.Globalization;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Inspect;

/// <summary>What is worth attention in how the log is shipped and kept. Pure.</summary>
internal sealed class ReplicationFindings(MaintenanceTarget target, ReplicationFacts facts, DbReplication result)
{
    public IEnumerable<Finding> All() =>
        Standbys().Concat(Synchronous()).Concat(result.Slots.SelectMany(Slot)).Concat(Archiver()).Concat(Disk()).Concat(Receiver()).Concat(Hidden())
            .Concat(facts.Gaps.Select(gap => New(gap.Id, FindingSeverity.Medium, gap.Subject, gap.Message, gap.Recommendation) with { Outcome = gap.Outcome }));

    private IEnumerable<Finding> Standbys()
    {
        foreach (var standby in result.Standbys)
        {
            var severity = Worst(Judge("replication_lag_bytes", standby.ReplayLagBytes), Judge("replication_lag_seconds", standby.ReplayLag?.TotalSeconds));
            if (severity is { } level)
            {
                yield return New(
                    "REPL-LAG", level, standby.Name,
                    Text($"It is {Size(standby.ReplayLagBytes)} behind{(standby.ReplayLag is { } lag ? Text($", {lag.TotalSeconds:0.0} s") : "")}: {Size(standby.SendLagBytes)} not sent, {Size(standby.ReplayLagBytes - standby.FlushLagBytes)} there but not applied."),
                    "Not sent: look at the network and the load here. Not applied: look for long queries there, and its disk.",
                    ("ReplayLagBytes", standby.ReplayLagBytes), ("SendLagBytes", standby.SendLagBytes), ("ReplayLag", standby.ReplayLag), ("State", standby.State));
            }
        }
    }

    private IEnumerable<Finding> Synchronous()
    {
        if (facts.WaitsForStandbys && !facts.IsStandby && facts.SeesOthers && facts.Standbys is { } standbys
            && !standbys.Any(standby => standby.SyncState is "sync" or "quorum"))
        {
            yield return New(
                "REPL-SYNC-MISSING", FindingSeverity.Critical, "synchronous_standby_names",
                "No synchronous standby is connected, so every commit waits.",
                "Bring a standby back, or take it out: ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf();");
        }
    }

    private IEnumerable<Finding> Slot(DbReplicationSlot slot)
    {
        if (slot.WalStatus == "lost" || slot.InvalidationReason is not null)
        {
            yield return New(
                "REPL-SLOT-LOST", FindingSeverity.High, slot.Name,
                $"The slot can never be used again: {slot.InvalidationReason ?? "the log that it needs was removed"}.",
                slot.Kind == DbReplicationSlotKind.Logical ? "Drop it, and have its consumer begin anew with a copy of the data." : "Drop it, and build its standby anew.",
                ("WalStatus", slot.WalStatus), ("InvalidationReason", slot.InvalidationReason)) with
            {
                Remedy = Drop(slot),
            };
            yield break;
        }

        if (slot.WalStatus == "unreserved" || Judge("slot_hours_until_lost", slot.HoursUntilLost) is not null)
        {
            var soon = slot.WalStatus == "unreserved" ? FindingSeverity.Critical : Judge("slot_hours_until_lost", slot.HoursUntilLost)!.Value;
            yield return New(
                "REPL-SLOT-IN-DANGER", soon, slot.Name,
                slot.WalStatus == "unreserved"
                    ? "The next checkpoint can remove the log that the slot needs: it is beyond max_slot_wal_keep_size."
                    : Text($"The slot is lost in about {slot.HoursUntilLost:0.0} hours: {Size(slot.SafeWalBytes)} are left, at {Size((long?)slot.GrowthBytesPerSecond)}/s."),
                "Bring its consumer back, or raise max_slot_wal_keep_size while there is disk.",
                ("SafeWalBytes", slot.SafeWalBytes), ("HoursUntilLost", slot.HoursUntilLost), ("WalStatus", slot.WalStatus));
        }

        if (Judge("slot_retained_bytes", slot.RetainedBytes) is { } retaining)
        {
            yield return New(
                "REPL-SLOT-RETAINS-WAL", retaining, slot.Name,
                Text($"The slot keeps {Size(slot.RetainedBytes)} of the log{(slot.SafeWalBytes is null && result.MaxSlotWalKeepBytes is null ? ", and nothing limits that" : "")}."),
                "Bring its consumer back, drop the slot if nobody needs it, and set max_slot_wal_keep_size.",
                ("RetainedBytes", slot.RetainedBytes), ("SafeWalBytes", slot.SafeWalBytes), ("Active", slot.IsActive));
        }

        if (Judge("slot_xmin_age", Math.Max(slot.XminAge ?? 0, slot.CatalogXminAge ?? 0)) is { } old)
        {
            yield return New(
                "REPL-SLOT-HOLDS-XMIN", old, slot.Name,
                Text($"The slot keeps rows from being removed and frozen for {Math.Max(slot.XminAge ?? 0, slot.CatalogXminAge ?? 0)} transactions{(slot.XminAge is null ? ", in the system catalogues" : "")}."),
                "Bring its consumer back, or drop the slot if nobody needs it.",
                ("XminAge", slot.XminAge), ("CatalogXminAge", slot.CatalogXminAge));
        }

        if (!slot.IsActive && !slot.IsTemporary && slot.IsSynced != true)
        {
            // A slot that was made beforehand and has kept nothing yet does no harm.
            yield return New(
                "REPL-SLOT-INACTIVE", slot.RestartLsn is null ? FindingSeverity.Info : FindingSeverity.Medium, slot.Name,
                Text($"Nobody uses the slot{(slot.InactiveSince is { } since ? Text($" since {since.UtcDateTime:u}") : "")}; {(slot.RestartLsn is null ? "it has kept nothing yet" : $"it keeps {Size(slot.RetainedBytes)} of the log{(slot.CatalogXminAge is null ? "" : " and old catalogue rows")}")}."),
                "Bring its consumer back, or drop the slot if nobody needs it.",
                ("RetainedBytes", slot.RetainedBytes), ("InactiveSince", slot.InactiveSince), ("XminAge", slot.XminAge), ("CatalogXminAge", slot.CatalogXminAge));
        }
    }

    private IEnumerable<Finding> Archiver()
    {
        if (facts.Archiver is not { } archiver)
        {
            yield break;
        }

        if (archiver.IsFailing)
        {
            yield return New(
                "REPL-ARCHIVER-FAILING", FindingSeverity.High, archiver.LastFailedFile,
                Text($"Archiving fails: {archiver.LastFailedFile} at {archiver.LastFailedAt?.UtcDateTime:u}, {(archiver.LastArchivedAt is { } last ? Text($"the last success was at {last.UtcDateTime:u}") : "and it has never succeeded")}. The log is kept until it works, and backups cannot be brought up to date."),
                "See the server's log for what archive_command or archive_library says.",
                ("FailedCount", archiver.FailedCount), ("LastFailedAt", archiver.LastFailedAt), ("LastArchivedAt", archiver.LastArchivedAt), ("ReadyFiles", archiver.ReadyFiles));
        }

        if (ReplicationEvaluator.Archives(archiver.Mode, facts.IsStandby) && Judge("archive_ready_files", archiver.ReadyFiles) is { } backlog)
        {
            yield return New(
                "REPL-ARCHIVE-BACKLOG", backlog, "archiver",
                Text($"{archiver.ReadyFiles} files wait to be archived."),
                "The archive is slower than the log, or archive_command is not set: speed it up, or set it.",
                ("ReadyFiles", archiver.ReadyFiles));
        }
    }

    private IEnumerable<Finding> Disk()
    {
        if (Judge("wal_hours_until_full", result.HoursUntilFull) is { } severity)
        {
            yield return New(
                "WAL-DISK-FULL", severity, "pg_wal",
                Text($"The log fills the disk in about {result.HoursUntilFull:0.0} hours: {Size(result.FreeDiskBytes)} are free. Then the server stops."),
                "Bring back what keeps the log (slots, archiver), or let it go; get more disk.",
                ("HoursUntilFull", result.HoursUntilFull), ("FreeDiskBytes", result.FreeDiskBytes), ("WalBytesPerSecond", result.WalBytesPerSecond));
        }
    }

    private IEnumerable<Finding> Receiver()
    {
        if (result.Receiver is not { } receiver)
        {
            yield break;
        }

        var last = Text($"The last transaction applied is {(receiver.LastTransactionAt is { } time ? Text($"of {time.UtcDateTime:u}") : "not known")}{(receiver.LastMessageAt is { } heard ? Text($", the last message of {heard.UtcDateTime:u}") : "")}.");
        switch (receiver.State)
        {
            case DbWalReceiverState.Down:
                yield return New(
                    "REPL-RECEIVER-DOWN", FindingSeverity.Critical, "receiver",
                    $"The standby receives nothing: there is no receiver, so how far it is behind is not known. {last}",
                    "See the server's log for why it does not connect: the primary is down, primary_conninfo is wrong, or the log it needs is gone there.",
                    ("LastTransactionAt", receiver.LastTransactionAt), ("BacklogBytes", receiver.BacklogBytes));
                break;
            case DbWalReceiverState.Stalled:
                yield return New(
                    "REPL-RECEIVER-STALLED", FindingSeverity.Critical, "receiver",
                    $"The standby receives nothing, so how far it is behind is not known. {receiver.Reason} {last}",
                    "Look at the primary and the network between.",
                    ("LastMessageAt", receiver.LastMessageAt), ("LastTransactionAt", receiver.LastTransactionAt));
                break;
            case DbWalReceiverState.FromArchive:
                yield return New(
                    "REPL-LAG-UNKNOWN", FindingSeverity.Medium, "receiver",
                    $"{receiver.Reason} {last}",
                    "Compare the time of the last transaction with that of the primary.",
                    ("LastTransactionAt", receiver.LastTransactionAt)) with { Outcome = FindingOutcome.Unknown };
                break;
            case DbWalReceiverState.Streaming when Worst(Judge("replication_lag_bytes", receiver.LagBytes), Judge("replication_lag_seconds", receiver.Lag?.TotalSeconds)) is { } severity:
                yield return New(
                    "REPL-LAG", severity, "receiver",
                    Text($"The standby is {Size(receiver.LagBytes)} behind{(receiver.Lag is { } lag ? Text($", at most {lag.TotalSeconds:0.0} s") : "")}; {Size(receiver.BacklogBytes)} were received and not yet applied."),
                    "Received and not applied: look for long queries here, and the disk. Not received: look at the network and the primary.",
                    ("LagBytes", receiver.LagBytes), ("BacklogBytes", receiver.BacklogBytes), ("Lag", receiver.Lag));
                break;
        }

        if (receiver.IsReplayPaused)
        {
            yield return New(
                "REPL-REPLAY-PAUSED", FindingSeverity.Medium, "receiver",
                $"Somebody paused the replay: what is received piles up. {last}",
                "Go on with: SELECT pg_wal_replay_resume();",
                ("BacklogBytes", receiver.BacklogBytes));
        }
    }

    private IEnumerable<Finding> Hidden()
    {
        if (!facts.SeesOthers)
        {
            yield return New(
                "REPL-NOT-PERMITTED", FindingSeverity.Medium, "standbys",
                "The role may not see how standbys, receiver and archiver are, so how far they are behind is unknown.",
                $"Run as an administrator: GRANT pg_monitor TO {facts.QuotedUser};") with { Outcome = FindingOutcome.NotPermitted };
        }
    }

    private static Remedy Drop(DbReplicationSlot slot) =>
        new() { Kind = "DropReplicationSlot", Command = $"SELECT pg_drop_replication_slot('{slot.Name.Replace("'", "''", StringComparison.Ordinal)}');" };

    private FindingSeverity? Judge(string metric, double? value) => ThresholdCatalogue.For(target, metric)!.Evaluate(value) switch
    {
        HealthStatus.Critical => FindingSeverity.Critical,
        HealthStatus.Warning => FindingSeverity.Medium,
        _ => null,
    };

    private static FindingSeverity? Worst(FindingSeverity? one, FindingSeverity? other) => one is null ? other : other is null || one > other ? one : other;

    private static string Size(long? bytes) => bytes switch
    {
        null => "?",
        < 1L << 20 => Text($"{bytes.Value / 1024.0:0.#} kB"),
        < 1L << 30 => Text($"{bytes.Value / (double)(1L << 20):0.#} MB"),
        _ => Text($"{bytes.Value / (double)(1L << 30):0.#} GB"),
    };

    private static Finding New(
        string id, FindingSeverity severity, string? subject, string message, string recommendation, params (string Key, object? Value)[] evidence) => new()
        {
            Id = id,
            Area = "Replication",
            Severity = severity,
            Subject = subject,
            Message = message,
            Recommendation = recommendation,
            Evidence = evidence.ToDictionary(pair => pair.Key, pair => pair.Value),
        };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
