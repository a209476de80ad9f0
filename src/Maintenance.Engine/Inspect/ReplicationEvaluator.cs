using Maintenance.Engine.Health;

namespace Maintenance.Engine.Inspect;

/// <summary>Turns facts about the log into a record with metrics, findings and a verdict. Pure.</summary>
internal static class ReplicationEvaluator
{
    public static DbReplication Evaluate(
        MaintenanceTarget target, ReplicationFacts facts, WalForecast forecast, (long? Bytes, string? Reason) free, DateTimeOffset now)
    {
        var receiver = facts.Receiver is { } seen ? ReceiverJudgement.Judge(seen, facts.SeesOthers, facts.ServerTime) : null;
        var slots = (facts.Slots ?? []).Select(slot => forecast.Of(slot.Slot)).ToList();
        var (hours, reason) = forecast.UntilFull(free.Bytes, free.Reason, slots, facts.Archiver);
        var result = new DbReplication
        {
            Target = target.Name,
            Status = HealthStatus.Unknown,
            CollectedAt = now,
            ServerVersion = facts.ServerVersion,
            IsStandby = facts.IsStandby,
            CurrentLsn = facts.CurrentLsn,
            Standbys = facts.Standbys ?? [],
            LagBytes = Greatest((facts.Standbys ?? []).Select(standby => standby.ReplayLagBytes).Append(receiver?.LagBytes)),
            Slots = slots,
            Receiver = receiver,
            Archiver = facts.Archiver,
            WalBytesPerSecond = forecast.Rate.PerSecond,
            WalRateWindow = now - forecast.Rate.Since,
            WalRateReason = forecast.Rate.Reason,
            WalBytes = facts.WalBytes,
            MaxSlotWalKeepBytes = facts.MaxSlotWalKeepBytes,
            FreeDiskBytes = free.Bytes,
            FreeDiskReason = free.Reason,
            HoursUntilFull = hours,
            HoursUntilFullReason = reason,
        };
        var metrics = Metrics(target, facts, result, now);
        var findings = new ReplicationFindings(target, facts, result).All()
            .Select(finding => finding with { Target = target.Name, CollectedAt = now })
            .OrderByDescending(finding => finding.Status)
            .ThenByDescending(finding => finding.Severity)
            .ToList();
        return result with
        {
            Metrics = metrics,
            Findings = findings,
            Status = findings.Select(finding => finding.Status).Concat(metrics.Select(metric => metric.Status)).DefaultIfEmpty(HealthStatus.Ok).Max(),
        };
    }

    /// <summary>Whether a server archives: a standby does only if told to do so always.</summary>
    public static bool Archives(string mode, bool isStandby) => mode == "always" || (mode == "on" && !isStandby);

    // What there is none of has no metric; what there is and cannot be read is Unknown.
    private static List<Metric> Metrics(MaintenanceTarget target, ReplicationFacts facts, DbReplication result, DateTimeOffset now)
    {
        var factory = new MetricFactory(target, now);
        var metrics = new List<Metric>();
        if (result.Receiver is { } receiver)
        {
            metrics.Add(factory.Create("replication_lag_bytes", receiver.LagBytes, receiver.Reason));
            metrics.Add(factory.Create("replication_lag_seconds", receiver.Lag?.TotalSeconds, receiver.Reason ?? "No transaction was replayed yet."));
        }
        else if (result.Standbys.Any(standby => standby.State != "backup"))
        {
            var told = result.Standbys.Where(standby => standby.State != "backup").ToList();
            metrics.Add(factory.Create("replication_lag_bytes", told.Any(standby => standby.ReplayLagBytes is null) ? null : result.LagBytes, "The position of a standby cannot be seen: it is starting, or the role needs pg_monitor."));
            // A standby that is behind and has not confirmed anything lately has no time; its bytes are judged.
            if (told.Select(standby => standby.ReplayLag?.TotalSeconds).Max() is { } seconds)
            {
                metrics.Add(factory.Create("replication_lag_seconds", seconds));
            }
        }

        if (result.Slots.Count > 0)
        {
            metrics.Add(factory.Create("slot_retained_bytes", Greatest(result.Slots.Select(slot => slot.RetainedBytes)) ?? 0));
            AddKnown("slot_hours_until_lost", result.Slots.Min(slot => slot.HoursUntilLost));
            AddKnown("slot_xmin_age", Greatest(result.Slots.SelectMany(slot => new[] { slot.XminAge, slot.CatalogXminAge })));
        }

        if (facts.Archiver is { } archiver && Archives(archiver.Mode, facts.IsStandby))
        {
            metrics.Add(factory.Create("archive_ready_files", archiver.ReadyFiles, "The role may not list the archiver's files: GRANT pg_monitor."));
        }

        AddKnown("wal_bytes_per_second", result.WalBytesPerSecond, MetricUnit.PerSecond);
        AddKnown("wal_hours_until_full", result.HoursUntilFull);
        return metrics;

        void AddKnown(string name, double? value, MetricUnit unit = MetricUnit.None)
        {
            if (value is not null)
            {
                metrics.Add(factory.Create(name, value, unit: unit));
            }
        }
    }

    private static long? Greatest(IEnumerable<long?> values) => values.Max();
}
