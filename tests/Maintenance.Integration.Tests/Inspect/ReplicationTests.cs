using Maintenance.Engine;
using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Maintenance.IntegrationTests.Analytics;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Inspect;

/// <summary>A real primary with a real standby.</summary>
[Collection(ReplicatedServers.Name)]
public sealed class ReplicationTests(ReplicatedServers servers) : IAsyncDisposable
{
    private readonly ShiftedTime _time = new();
    private readonly TemporaryFolder _folder = new();
    private MaintenanceEngine? _engine;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Both_sides_of_a_healthy_pair_see_how_far_the_standby_is(int major)
    {
        var (primary, standby) = await servers.PairAsync(major);
        var followed = await UntilAsync(primary, result => result.Standbys is [{ State: "streaming", ReplayLagBytes: 0 }]);
        var following = await UntilAsync(standby, result => result.Receiver is { State: DbWalReceiverState.Streaming, LagBytes: 0 });

        var seen = Assert.Single(followed.Standbys);
        Assert.Equal(("standby", "standby", "async"), (seen.Name, seen.Slot, seen.SyncState));
        Assert.Equal(TimeSpan.Zero, seen.ReplayLag);
        Assert.Equal(HealthStatus.Ok, followed.Status);
        Assert.Equal((true, 0L), (Assert.Single(followed.Slots).IsActive, followed.LagBytes));
        Assert.True(followed.WalBytes > 0);
        Assert.True(followed.FreeDiskBytes > 0, followed.FreeDiskReason);
        Assert.Null(followed.HoursUntilFull);
        Assert.True(following.IsStandby);
        Assert.Equal(HealthStatus.Ok, following.Status);
        Assert.Equal(TimeSpan.Zero, following.Receiver!.Lag);
        Assert.Equal("standby", following.Receiver.Slot);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_standby_that_does_not_apply_is_behind_on_both_sides(int major)
    {
        var (primary, standby) = await servers.PairAsync(major);
        await UntilAsync(primary, result => result.Standbys is [{ State: "streaming" }]);
        await ExecuteAsync(standby, "SELECT pg_wal_replay_pause()");
        try
        {
            await WriteLogAsync(primary);
            var followed = await UntilAsync(primary, result => result.Standbys is [{ ReplayLagBytes: > 1_000_000, FlushLagBytes: 0 }]);
            Assert.True(followed.LagBytes > 1_000_000);
            var following = await UntilAsync(standby, result => result.Receiver is { LagBytes: > 1_000_000, BacklogBytes: > 1_000_000 });
            Assert.True(following.Receiver!.Lag > TimeSpan.Zero);
            Assert.Contains(following.Findings, finding => finding.Id == "REPL-REPLAY-PAUSED");
        }
        finally
        {
            await ExecuteAsync(standby, "SELECT pg_wal_replay_resume()");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_standby_without_a_receiver_does_not_claim_to_be_up_to_date(int major)
    {
        var (primary, standby) = await servers.PairAsync(major);
        await UntilAsync(standby, result => result.Receiver is { State: DbWalReceiverState.Streaming, LagBytes: 0 });
        var address = await ScalarAsync<string>(standby, "SELECT current_setting('primary_conninfo')");
        await ExecuteAsync(standby, "ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'", "SELECT pg_reload_conf()");
        try
        {
            var alone = await UntilAsync(standby, result => result.Receiver?.State == DbWalReceiverState.Down);

            Assert.Null(alone.LagBytes);
            Assert.Null(alone.Receiver!.Lag);
            Assert.Equal(0, alone.Receiver.BacklogBytes);
            Assert.Equal(HealthStatus.Critical, alone.Status);
            Assert.Contains(alone.Findings, finding => finding.Id == "REPL-RECEIVER-DOWN");
            Assert.Equal(HealthStatus.Unknown, alone.Metrics.Single(metric => metric.Name == "replication_lag_bytes").Status);
            Assert.Contains("does not receive", alone.WalRateReason, StringComparison.Ordinal);

            var left = await UntilAsync(primary, result => result.Standbys.Count == 0);
            var slot = Assert.Single(left.Slots, slot => slot.Name == "standby");
            Assert.False(slot.IsActive);
            Assert.Equal(major >= 17, slot.InactiveSince is not null);
            Assert.Contains(left.Findings, finding => finding is { Id: "REPL-SLOT-INACTIVE", Subject: "standby" });

            await ExecuteAsync(standby, "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
            var fromArchive = await UntilAsync(standby, result => result.Receiver?.State == DbWalReceiverState.FromArchive);
            Assert.Equal((HealthStatus.Unknown, (long?)null), (fromArchive.Status, fromArchive.LagBytes));
        }
        finally
        {
            await ExecuteAsync(standby, $"ALTER SYSTEM SET primary_conninfo = '{address}'", "SELECT pg_reload_conf()");
        }

        await UntilAsync(primary, result => result.Standbys is [{ State: "streaming" }]);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_logical_slot_that_nobody_reads_keeps_log_and_catalogue_rows(int major)
    {
        var (primary, _) = await servers.PairAsync(major);
        await ExecuteAsync(primary, "SELECT pg_create_logical_replication_slot('forgotten', 'pgoutput')");
        try
        {
            await WriteLogAsync(primary);
            await ExecuteAsync(primary, "DO $$ BEGIN FOR i IN 1..5 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$");
            var result = await MeasureAsync(primary);

            var slot = Assert.Single(result.Slots, slot => slot.Name == "forgotten");
            Assert.Equal((DbReplicationSlotKind.Logical, "pgoutput", "postgres"), (slot.Kind, slot.Plugin, slot.Database));
            Assert.True(slot.RetainedBytes > 1_000_000);
            Assert.True(slot.CatalogXminAge >= 5);
            Assert.Null(slot.SafeWalBytes);
            Assert.Equal(major >= 17 ? false : null, slot.IsFailover);
            var finding = Assert.Single(result.Findings, finding => finding.Subject == "forgotten");
            Assert.Equal("REPL-SLOT-INACTIVE", finding.Id);
            Assert.Contains("catalogue", finding.Message, StringComparison.Ordinal);

            // The same slot is what keeps the catalogues from being frozen.
            var ages = await Engine.Wraparound.GetAsync(Target(primary), 0, Calls.Silent(), Token);
            Assert.All(ages, age => Assert.Equal((XminHolderKind.ReplicationSlot, "forgotten", true), (age.Blocker!.Kind, age.Blocker.Name, age.Blocker.CatalogOnly)));
        }
        finally
        {
            await ExecuteAsync(primary, "SELECT pg_drop_replication_slot('forgotten')");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_slot_with_a_limit_has_hours_left_until_it_is_lost(int major)
    {
        var (primary, _) = await servers.PairAsync(major);
        await ExecuteAsync(primary, "ALTER SYSTEM SET max_slot_wal_keep_size = '512MB'", "SELECT pg_reload_conf()", "SELECT pg_create_physical_replication_slot('limited', true)");
        try
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var writing = WriteAllTheTimeAsync(primary, stopping.Token);
            var result = await Engine.Replication.GetAsync(Target(primary), TimeSpan.FromSeconds(1), Calls.Silent(), Token);
            await stopping.CancelAsync();
            await writing;

            var slot = Assert.Single(result.Slots, slot => slot.Name == "limited");
            Assert.Equal(512L << 20, result.MaxSlotWalKeepBytes);
            Assert.True(result.WalBytesPerSecond > 0, result.WalRateReason);
            Assert.Equal(result.WalBytesPerSecond, slot.GrowthBytesPerSecond);
            Assert.Equal(slot.SafeWalBytes!.Value / slot.GrowthBytesPerSecond!.Value / 3600, slot.HoursUntilLost!.Value, 6);
            // It would be lost before the disk is full.
            Assert.Null(result.HoursUntilFull);
            Assert.Contains(result.Findings, finding => finding is { Id: "REPL-SLOT-IN-DANGER", Subject: "limited", Severity: FindingSeverity.Critical });

            await ExecuteAsync(primary, "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()");
            for (var i = 0; i < 4; i++)
            {
                await WriteLogAsync(primary);
                await ExecuteAsync(primary, "SELECT pg_switch_wal()");
            }

            await ExecuteAsync(primary, "CHECKPOINT");
            var after = await UntilAsync(primary, result => result.Slots.Any(slot => slot is { Name: "limited", WalStatus: "lost" }));
            var lost = after.Slots.Single(slot => slot.Name == "limited");
            Assert.Null(lost.HoursUntilLost);
            Assert.Equal("It is lost already.", lost.HoursUntilLostReason);
            Assert.Equal(major >= 17 ? "wal_removed" : null, lost.InvalidationReason);
            Assert.Contains(after.Findings, finding => finding is { Id: "REPL-SLOT-LOST", Subject: "limited", Status: HealthStatus.Critical });
            Assert.Equal(["limited"], (await GuardAsync(primary)).SlotsInDanger);
        }
        finally
        {
            await ExecuteAsync(primary, "ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()", "SELECT pg_drop_replication_slot('limited')");
        }

        Assert.Empty((await GuardAsync(primary)).SlotsInDanger);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task An_archiver_that_fails_is_found_and_keeps_the_log_until_the_disk_is_full(int major)
    {
        var (primary, _) = await servers.PairAsync(major);
        await ExecuteAsync(primary, "ALTER SYSTEM SET archive_command = 'false'", "SELECT pg_reload_conf()");
        try
        {
            await WriteLogAsync(primary);
            await ExecuteAsync(primary, "SELECT pg_switch_wal()");
            var failing = await UntilAsync(primary, result => result.Archiver is { IsFailing: true, ReadyFiles: > 0 });

            Assert.Equal("on", failing.Archiver!.Mode);
            Assert.True(failing.Archiver.FailedCount > 0);
            Assert.Contains(failing.Findings, finding => finding is { Id: "REPL-ARCHIVER-FAILING", Status: HealthStatus.Critical });
            Assert.True((await GuardAsync(primary)).ArchiverFailing);

            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var writing = WriteAllTheTimeAsync(primary, stopping.Token);
            var measured = await Engine.Replication.GetAsync(Target(primary), TimeSpan.FromSeconds(1), Calls.Silent(), Token);
            await stopping.CancelAsync();
            await writing;
            Assert.Equal(measured.FreeDiskBytes!.Value / measured.WalBytesPerSecond!.Value / 3600, measured.HoursUntilFull!.Value, 6);
        }
        finally
        {
            await ExecuteAsync(primary, "ALTER SYSTEM SET archive_command = 'true'", "SELECT pg_reload_conf()", "SELECT pg_switch_wal()");
        }

        await UntilAsync(primary, result => result.Archiver is { IsFailing: false });
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task The_rate_of_the_log_comes_from_the_history_once_there_is_enough(int major)
    {
        var (primary, _) = await servers.PairAsync(major);
        var first = await MeasureAsync(primary);
        Assert.Null(first.WalBytesPerSecond);
        Assert.Contains("too little history", first.WalRateReason, StringComparison.Ordinal);

        await WriteLogAsync(primary);
        _time.Shift += TimeSpan.FromMinutes(10);
        // The server writes its log a moment after a commit, and the standby follows later still: a slot that follows does not grow.
        var second = await UntilAsync(primary, result =>
            result.WalBytesPerSecond > 1_000_000 / 600.0 / 1.1 && Assert.Single(result.Slots).GrowthBytesPerSecond < result.WalBytesPerSecond);
        Assert.InRange(second.WalRateWindow!.Value.TotalMinutes, 10, 12);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_with_pg_monitor_alone_sees_everything(int major)
    {
        var (primary, standby) = await servers.PairAsync(major);
        await UntilAsync(primary, result => result.Standbys is [{ State: "streaming" }]);
        foreach (var server in new[] { primary, standby })
        {
            var result = await Engine.Replication.GetAsync(Target(server).As(user: "maintenance_monitor"), null, Calls.Silent(), Token);
            Assert.DoesNotContain(result.Findings, finding => finding.Status == HealthStatus.Unknown);
            Assert.NotNull(result.WalBytes);
            Assert.NotNull(result.LagBytes);
            Assert.NotNull(result.Archiver!.ReadyFiles);
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_with_nothing_is_told_what_to_grant_and_claims_nothing(int major)
    {
        var (primary, standby) = await servers.PairAsync(major);
        await UntilAsync(primary, result => result.Standbys is [{ State: "streaming", ReplayLagBytes: 0 }]);
        await ExecuteAsync(primary, "DO $$ BEGIN IF to_regrole('plain') IS NULL THEN CREATE ROLE plain LOGIN PASSWORD 'plain'; END IF; END $$");
        while (!await ScalarAsync<bool>(standby, "SELECT to_regrole('plain') IS NOT NULL"))
        {
            await Task.Delay(20, Token);
        }

        foreach (var server in new[] { primary, standby })
        {
            var result = await Engine.Replication.GetAsync(Target(server).As("plain", "plain"), null, Calls.Silent(), Token);
            Assert.Equal(HealthStatus.Unknown, result.Status);
            Assert.Null(result.LagBytes);
            Assert.Contains(result.Findings, finding => finding.Id == "REPL-NOT-PERMITTED" && finding.Recommendation!.Contains("GRANT pg_monitor TO plain;", StringComparison.Ordinal));
            if (server.Port == standby.Port)
            {
                Assert.Equal(DbWalReceiverState.Unknown, result.Receiver!.State);
            }
        }

        Assert.Null((await GuardAsync(primary, "plain", "plain")).MaxLagBytes);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task The_guard_of_heavy_work_reads_lag_slots_and_archiver(int major)
    {
        var (primary, standby) = await servers.PairAsync(major);
        await UntilAsync(primary, result => result.Standbys is [{ ReplayLagBytes: 0 }]);
        var calm = await GuardAsync(primary);
        Assert.Equal((0L, false), (calm.MaxLagBytes, calm.ArchiverFailing));
        Assert.Empty(calm.SlotsInDanger);
        Assert.Empty(calm.Unknown);

        await ExecuteAsync(standby, "SELECT pg_wal_replay_pause()");
        try
        {
            await WriteLogAsync(primary);
            Assert.True((await GuardAsync(primary)).MaxLagBytes > 0);
        }
        finally
        {
            await ExecuteAsync(standby, "SELECT pg_wal_replay_resume()");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(90_000)]
    public async Task A_sample_of_no_time_or_of_days_is_refused(int seconds) => Assert.Equal(
        MaintenanceErrorCode.InvalidArgument,
        (await Assert.ThrowsAsync<MaintenanceException>(() => Engine.Replication.GetAsync(new MaintenanceTarget { Name = "any" }, TimeSpan.FromSeconds(seconds), Calls.Silent(), Token))).Code);

    private MaintenanceEngine Engine => _engine ??= new MaintenanceEngine(_time);

    private MaintenanceTarget Target(OwnServer server) =>
        server.Target with { Name = $"port{server.Port}", History = new HistorySettings { Kind = HistoryKind.Sqlite, Path = Path.Combine(_folder.Path, "history.db") } };

    private Task<DbReplication> MeasureAsync(OwnServer server) => Engine.Replication.GetAsync(Target(server), null, Calls.Silent(), Token);

    private static async Task<ReplicationGuard> GuardAsync(OwnServer server, string? user = null, string? password = null)
    {
        await using var connector = new DatabaseConnector(TimeProvider.System);
        await using var session = await connector.OpenAsync(server.Target.As(user, password), new SessionOptions("test"), Calls.Silent(), Token);
        return await new ReplicationReader(session).ReadGuardAsync(Token);
    }

    private async Task<DbReplication> UntilAsync(OwnServer server, Func<DbReplication, bool> reached)
    {
        var began = TimeProvider.System.GetTimestamp();
        DbReplication result;
        while (!reached(result = await MeasureAsync(server)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), $"It never came to it; at last: {result}");
            await Task.Delay(50, Token);
        }

        return result;
    }

    private static async Task WriteAllTheTimeAsync(OwnServer server, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await WriteLogAsync(server);
        }
    }

    /// <summary>Two megabytes or so.</summary>
    private static Task WriteLogAsync(OwnServer server) =>
        ExecuteAsync(server, "CREATE TABLE IF NOT EXISTS written (text text)", "INSERT INTO written SELECT repeat('x', 1000) FROM generate_series(1, 2000)");

    private static async Task ExecuteAsync(OwnServer server, params string[] statements)
    {
        await using var connection = await SandboxDatabase.OpenAsync(server.Sandbox with { Port = server.Port });
        foreach (var statement in statements)
        {
            await connection.ExecuteAsync(statement);
        }
    }

    private static async Task<T> ScalarAsync<T>(OwnServer server, string sql)
    {
        await using var connection = await SandboxDatabase.OpenAsync(server.Sandbox with { Port = server.Port });
        return await connection.ScalarAsync<T>(sql);
    }
}
