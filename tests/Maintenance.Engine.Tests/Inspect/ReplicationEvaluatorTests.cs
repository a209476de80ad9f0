using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tests.Inspect;

public sealed class ReplicationEvaluatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly MaintenanceTarget Target = new() { Name = "system" };
    private static readonly (long?, string?) NoDisk = (null, "The server runs on another machine.");

    private static readonly ReplicationFacts Facts = new()
    {
        ServerVersion = "18.4",
        IsStandby = false,
        ServerTime = Now,
        CurrentLsn = "0/5000000",
        CurrentPosition = 0x5000000,
        SeesOthers = true,
        WalBytes = 1 << 26,
        Standbys = [],
        Slots = [],
        Archiver = new DbWalArchiver { Mode = "off", IsFailing = false },
        QuotedUser = "someone",
    };

    private static readonly DbWalReceiver Received = new()
    {
        State = DbWalReceiverState.Unknown,
        ProcessId = 99,
        ReceivedLsn = "0/5000000",
        ReplayedLsn = "0/5000000",
        SenderLsn = "0/5000000",
        LastMessageAt = Now.AddSeconds(-1),
        LastTransactionAt = Now.AddMinutes(-3),
        BacklogBytes = 0,
    };

    private static readonly ReceiverFacts Streaming = new(Received, "streaming", true, 0, TimeSpan.FromSeconds(60));

    private static DbReplicationSlot Slot(string name = "s", bool active = false, long retained = 1000, long? safe = null, string status = "reserved") => new()
    {
        Name = name,
        Kind = DbReplicationSlotKind.Physical,
        IsActive = active,
        RestartLsn = status == "lost" ? null : "0/4000000",
        RetainedBytes = status == "lost" ? null : retained,
        SafeWalBytes = safe,
        WalStatus = status,
    };

    private static DbStandby Standby(long? lag, TimeSpan? time = null, string? state = "streaming", string? sync = "async") => new()
    {
        Name = "replica",
        ProcessId = 5,
        State = state,
        SyncState = sync,
        SendLagBytes = 0,
        FlushLagBytes = lag,
        ReplayLagBytes = lag,
        ReplayLag = time,
    };

    /// <summary>A megabyte of log in each second of an hour; the slot s moved by as much as is said.</summary>
    private static WalForecast Forecast(double? slotMoved = null)
    {
        Snapshot At(DateTimeOffset time, double log, double slot) => new()
        {
            Target = "system",
            Kind = "wal",
            TakenAt = time,
            Values = slotMoved is null ? new Dictionary<string, double> { ["lsn"] = log } : new() { ["lsn"] = log, ["slot:s"] = slot },
        };
        return new WalForecast([At(Now.AddHours(-1), 0, 0), At(Now, 3600.0 * (1 << 20), slotMoved ?? 0)], TimeSpan.FromMinutes(5));
    }

    private static DbReplication Evaluate(ReplicationFacts facts, WalForecast? forecast = null, (long?, string?)? free = null) =>
        ReplicationEvaluator.Evaluate(Target, facts, forecast ?? new WalForecast([], TimeSpan.FromMinutes(5), "There is too little history."), free ?? NoDisk, Now);

    [Fact]
    public void A_server_alone_is_healthy()
    {
        var result = Evaluate(Facts);
        Assert.Equal(HealthStatus.Ok, result.Status);
        Assert.Null(result.LagBytes);
        Assert.Equal("There is too little history.", result.WalRateReason);
    }

    [Theory]
    [InlineData(0L, 0.0, HealthStatus.Ok)]
    [InlineData(200L << 20, 1.0, HealthStatus.Warning)]
    [InlineData(1L << 20, 90.0, HealthStatus.Warning)]
    [InlineData(2L << 30, 5.0, HealthStatus.Critical)]
    public void A_standby_is_judged_by_bytes_and_by_time(long bytes, double seconds, HealthStatus status)
    {
        var result = Evaluate(Facts with { Standbys = [Standby(bytes, TimeSpan.FromSeconds(seconds))] });
        Assert.Equal((status, (long?)bytes), (result.Status, result.LagBytes));
        Assert.Equal(status != HealthStatus.Ok, result.Findings.Any(finding => finding.Id == "REPL-LAG"));
    }

    [Fact]
    public void A_standby_whose_position_is_hidden_is_unknown()
    {
        var result = Evaluate(Facts with { Standbys = [Standby(null, state: null)], SeesOthers = false });
        Assert.Equal(HealthStatus.Unknown, result.Status);
        Assert.Contains(result.Findings, finding => finding.Id == "REPL-NOT-PERMITTED" && finding.Recommendation!.Contains("GRANT pg_monitor TO someone;", StringComparison.Ordinal));
    }

    [Fact]
    public void A_base_backup_that_is_running_is_no_standby_that_lags() => Assert.Equal(HealthStatus.Ok, Evaluate(Facts with { Standbys = [Standby(null, state: "backup")] }).Status);

    [Fact]
    public void Commits_that_wait_for_nobody_are_critical()
    {
        Assert.Contains(Evaluate(Facts with { WaitsForStandbys = true, Standbys = [Standby(0)] }).Findings, finding => finding is { Id: "REPL-SYNC-MISSING", Severity: FindingSeverity.Critical });
        Assert.DoesNotContain(Evaluate(Facts with { WaitsForStandbys = true, Standbys = [Standby(0, sync: "sync")] }).Findings, finding => finding.Id == "REPL-SYNC-MISSING");
    }

    [Fact]
    public void An_inactive_slot_is_a_warning_and_one_that_keeps_nothing_is_none()
    {
        Assert.Equal("REPL-SLOT-INACTIVE", Assert.Single(Evaluate(Facts with { Slots = [(Slot(), 5)] }).Findings).Id);
        Assert.Equal(HealthStatus.Ok, Evaluate(Facts with { Slots = [(Slot() with { RestartLsn = null, RetainedBytes = null }, null)] }).Status);
        Assert.Empty(Evaluate(Facts with { Slots = [(Slot() with { IsSynced = true }, 5)] }).Findings);
    }

    [Theory]
    [InlineData(2L << 30, FindingSeverity.Medium)]
    [InlineData(20L << 30, FindingSeverity.Critical)]
    public void A_slot_that_keeps_much_is_found(long retained, FindingSeverity severity) => Assert.Contains(
        Evaluate(Facts with { Slots = [(Slot(active: true, retained: retained), 5)] }).Findings,
        finding => finding.Id == "REPL-SLOT-RETAINS-WAL" && finding.Severity == severity && finding.Message.Contains("nothing limits that", StringComparison.Ordinal));

    [Fact]
    public void A_lost_slot_is_critical_and_nothing_else_is_said_of_it()
    {
        var result = Evaluate(Facts with { Slots = [(Slot(status: "lost") with { InvalidationReason = "wal_removed" }, null)] }, Forecast());
        var finding = Assert.Single(result.Findings);
        Assert.Equal(("REPL-SLOT-LOST", HealthStatus.Critical), (finding.Id, finding.Status));
        Assert.Equal("It is lost already.", result.Slots[0].HoursUntilLostReason);
    }

    [Fact]
    public void A_slot_about_to_be_lost_is_critical() =>
        Assert.Contains(Evaluate(Facts with { Slots = [(Slot(status: "unreserved", safe: -5), 5)] }).Findings, finding => finding is { Id: "REPL-SLOT-IN-DANGER", Severity: FindingSeverity.Critical });

    [Fact]
    public void A_slot_that_holds_old_rows_is_found() => Assert.Contains(
        Evaluate(Facts with { Slots = [(Slot(active: true) with { CatalogXminAge = 150_000_000 }, 5)] }).Findings, finding => finding.Id == "REPL-SLOT-HOLDS-XMIN");

    [Fact]
    public void An_inactive_slot_falls_behind_as_fast_as_the_log_grows()
    {
        var slot = Forecast().Of(Slot(safe: 36_000L << 20));
        Assert.Equal((1 << 20, 10.0), (slot.GrowthBytesPerSecond, slot.HoursUntilLost));
        Assert.Null(slot.HoursUntilLostReason);
    }

    [Fact]
    public void An_active_slot_falls_behind_by_what_it_does_not_follow()
    {
        Assert.Equal(20.0, Forecast(slotMoved: 1800.0 * (1 << 20)).Of(Slot(active: true, safe: 36_000L << 20)).HoursUntilLost);
        var follows = Forecast(slotMoved: 3600.0 * (1 << 20)).Of(Slot(active: true, safe: 36_000L << 20));
        Assert.Equal("What it keeps does not grow.", follows.HoursUntilLostReason);
        Assert.Contains("too little history", Forecast().Of(Slot(active: true, safe: 1)).HoursUntilLostReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_limit_a_slot_is_not_lost_but_fills_the_disk()
    {
        var result = Evaluate(Facts with { Slots = [(Slot(), 5)] }, Forecast(), (7200L << 20, null));
        Assert.Contains("no limit", result.Slots[0].HoursUntilLostReason, StringComparison.Ordinal);
        Assert.Equal(2.0, result.HoursUntilFull);
        Assert.Contains(result.Findings, finding => finding is { Id: "WAL-DISK-FULL", Severity: FindingSeverity.Critical });
    }

    [Fact]
    public void A_slot_whose_limit_is_less_than_the_disk_cannot_fill_it() =>
        Assert.Equal("Nothing keeps more and more of the log.", Evaluate(Facts with { Slots = [(Slot(safe: 1 << 20), 5)] }, Forecast(), (7200L << 20, null)).HoursUntilFullReason);

    [Fact]
    public void What_is_not_known_is_no_number()
    {
        var noDisk = Evaluate(Facts with { Slots = [(Slot(), 5)] }, Forecast());
        Assert.Equal((null, "The server runs on another machine."), (noDisk.HoursUntilFull, noDisk.HoursUntilFullReason));
        var noRate = Evaluate(Facts with { Slots = [(Slot(), 5)] }, free: (1L << 30, null));
        Assert.Equal((null, "There is too little history."), (noRate.HoursUntilFull, noRate.HoursUntilFullReason));
    }

    [Fact]
    public void An_archiver_that_fails_keeps_the_log_and_is_critical()
    {
        var failing = new DbWalArchiver { Mode = "on", IsFailing = true, LastFailedFile = "000000010000000000000004", LastFailedAt = Now, FailedCount = 3, ReadyFiles = 40 };
        var result = Evaluate(Facts with { Archiver = failing }, Forecast(), (36_000L << 20, null));
        Assert.Equal(HealthStatus.Critical, result.Status);
        Assert.Equal(10.0, result.HoursUntilFull);
        Assert.Contains("never succeeded", result.Findings.Single(finding => finding.Id == "REPL-ARCHIVER-FAILING").Message, StringComparison.Ordinal);
        Assert.Contains(result.Findings, finding => finding.Id == "REPL-ARCHIVE-BACKLOG");
    }

    [Theory]
    [InlineData("off", false, false)]
    [InlineData("on", false, true)]
    [InlineData("on", true, false)]
    [InlineData("always", true, true)]
    public void A_standby_archives_only_if_told_to_do_so_always(string mode, bool standby, bool archives) => Assert.Equal(archives, ReplicationEvaluator.Archives(mode, standby));

    [Fact]
    public void A_standby_that_hears_from_its_sender_has_a_lag()
    {
        var even = Evaluate(Facts with { IsStandby = true, Receiver = Streaming });
        Assert.Equal((HealthStatus.Ok, 0L, TimeSpan.Zero), (even.Status, even.LagBytes!.Value, even.Receiver!.Lag!.Value));
        var behind = Evaluate(Facts with { IsStandby = true, Receiver = Streaming with { SenderAhead = 5000 } });
        Assert.Equal((5000L, TimeSpan.FromMinutes(3)), (behind.LagBytes!.Value, behind.Receiver!.Lag!.Value));
        Assert.Equal(HealthStatus.Warning, behind.Status);
    }

    [Theory]
    [InlineData("down", DbWalReceiverState.Down, HealthStatus.Critical, "REPL-RECEIVER-DOWN")]
    [InlineData("archive", DbWalReceiverState.FromArchive, HealthStatus.Unknown, "REPL-LAG-UNKNOWN")]
    [InlineData("waiting", DbWalReceiverState.Stalled, HealthStatus.Critical, "REPL-RECEIVER-STALLED")]
    [InlineData("silent", DbWalReceiverState.Stalled, HealthStatus.Critical, "REPL-RECEIVER-STALLED")]
    public void A_standby_that_does_not_has_none_although_everything_received_is_applied(string how, DbWalReceiverState state, HealthStatus status, string id)
    {
        var facts = how switch
        {
            "down" => Streaming with { View = Received with { ProcessId = null }, Status = null, HasConnection = null },
            "archive" => Streaming with { View = Received with { ProcessId = null }, Status = null, HasConnection = false },
            "waiting" => Streaming with { Status = "waiting" },
            _ => Streaming with { View = Received with { LastMessageAt = Now.AddSeconds(-61) } },
        };
        var result = Evaluate(Facts with { IsStandby = true, Receiver = facts });

        Assert.Equal((state, status), (result.Receiver!.State, result.Status));
        Assert.Null(result.LagBytes);
        Assert.Null(result.Receiver.Lag);
        Assert.NotNull(result.Receiver.Reason);
        Assert.Contains("2026-03-01 11:57:00Z", Assert.Single(result.Findings).Message, StringComparison.Ordinal);
        Assert.Equal(id, result.Findings[0].Id);
        Assert.All(result.Metrics.Where(metric => metric.Name.StartsWith("replication_lag", StringComparison.Ordinal)), metric => Assert.Null(metric.Value));
    }

    [Fact]
    public void The_guard_knows_what_it_does_not_know()
    {
        var guard = ReplicationGuard.Of(Facts with { Standbys = [Standby(7), Standby(9), Standby(null, state: "backup")], Slots = [(Slot("gone", status: "lost"), null), (Slot("fine"), 5)] });
        Assert.Equal((9L, false), (guard.MaxLagBytes, guard.ArchiverFailing));
        Assert.Equal(["gone"], guard.SlotsInDanger);
        Assert.Equal(0, ReplicationGuard.Of(Facts).MaxLagBytes);
        Assert.Null(ReplicationGuard.Of(Facts with { Standbys = [Standby(null, state: null)] }).MaxLagBytes);
        Assert.Null(ReplicationGuard.Of(Facts with { Standbys = null, Archiver = null }).ArchiverFailing);
    }

    [Theory]
    [InlineData("db.example.org", "another machine")]
    [InlineData("203.0.113.9", "another machine")]
    [InlineData("127.0.0.1", "not on this machine")]
    public void The_disk_of_a_server_elsewhere_is_not_known(string host, string reason)
    {
        // This process is no server, as one behind a tunnel is not.
        var (bytes, why) = DiskSpace.OfLog(host, Environment.ProcessId, "/nowhere");
        Assert.Null(bytes);
        Assert.Contains(reason, why, StringComparison.Ordinal);
    }
}
