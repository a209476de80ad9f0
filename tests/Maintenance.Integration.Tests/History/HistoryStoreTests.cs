using System.Text.Json;
using Maintenance.Engine.History;
using static Maintenance.IntegrationTests.History.HistorySamples;

namespace Maintenance.IntegrationTests.History;

/// <summary>What every store must do, whichever database is behind it. Each test has a place of its own.</summary>
public abstract partial class HistoryStoreTests
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_comes_back_complete()
    {
        var store = await NewStoreAsync();
        var run = CompleteRun();

        await store.RecordAsync(run, Token);

        AssertSame(run, Assert.Single(await ReadAsync(store)));
    }

    [Fact]
    public async Task Many_runs_are_kept_at_once_or_not_at_all()
    {
        var store = await NewStoreAsync();
        var runs = Enumerable.Range(0, 120).Select(hour => Run() with { Id = Guid.CreateVersion7(Noon.AddHours(hour)), StartedAt = Noon.AddHours(hour) }).ToList();

        await store.RecordAsync(runs, Token);
        await Assert.ThrowsAnyAsync<Exception>(() => store.RecordAsync([Run() with { Id = Guid.CreateVersion7(Noon) }, Run() with { Task = null! }], Token));

        Assert.Equal(runs.Select(run => run.Id).Reverse(), (await ReadAsync(store)).Select(run => run.Id));
    }

    [Fact]
    public async Task Evidence_comes_back_as_plain_values()
    {
        var store = await NewStoreAsync();
        var run = CompleteRun();

        await store.RecordAsync(run, Token);

        var evidence = Assert.Single(await ReadAsync(store)).Findings[0].Evidence;
        Assert.Equal(run.Findings[0].Evidence.Keys, evidence.Keys);
        Assert.IsType<long>(evidence["zLong"]);
        Assert.IsType<double>(evidence["aDouble"]);
        Assert.IsType<double>(evidence["big"]);
        Assert.IsType<List<object?>>(evidence["list"]);
    }

    [Fact]
    public async Task Text_that_databases_refuse_does_not_keep_a_run_out()
    {
        var store = await NewStoreAsync();
        var run = Run() with
        {
            Message = "a\0b\uD800c",
            Metrics = [new Metric { Name = "m", Value = double.NaN, ObservedAt = Noon, Labels = new Dictionary<string, string> { ["k\0"] = "v\0" } }],
            Findings = [new Finding { Id = "F", Area = "A", Severity = FindingSeverity.Low, Message = "x", Evidence = new Dictionary<string, object?> { ["e"] = "\0" } }],
        };

        await store.RecordAsync(run, Token);

        var read = Assert.Single(await ReadAsync(store));
        Assert.Equal("a\uFFFDb\uFFFDc", read.Message);
        Assert.Null(read.Metrics[0].Value);
        Assert.Equal("app", read.Metrics[0].Target);
        Assert.Equal("\uFFFD", read.Findings[0].Evidence["e"]);
    }

    [Fact]
    public async Task A_finding_stands_in_the_ledger_once_and_is_forgotten_long_after_it_was_fixed()
    {
        var store = await NewStoreAsync();
        var finding = CompleteRun().Findings[^1] with { State = FindingState.Untracked, FirstSeenAt = null, Acceptance = null, CollectedAt = Noon };
        var old = finding with { Fingerprint = "f2" };

        await store.RecordAsync("app", [new LedgerEntry(finding, Noon, Noon, null), new LedgerEntry(old, Noon, Noon, Noon.AddDays(1))], Noon, Token);
        await store.RecordAsync("APP", [new LedgerEntry(finding, Noon, Noon.AddDays(2), null)], Noon, Token);

        var ledger = await store.ReadLedgerAsync("app", Noon, Token);
        Assert.Equal(["f1", "f2"], ledger.Select(entry => entry.Finding.Fingerprint));
        Assert.Equal((Noon, Noon.AddDays(2), null), (ledger[0].FirstSeenAt, ledger[0].LastSeenAt, ledger[0].FixedAt));
        Assert.Equal(Serialize(finding with { CollectedAt = Noon.AddDays(2) }), Serialize(ledger[0].Finding));
        Assert.Empty(await store.ReadLedgerAsync("other", Noon, Token));
        Assert.Equal("f1", Assert.Single(await store.ReadLedgerAsync("app", Noon.AddDays(3), Token)).Finding.Fingerprint);

        await store.RecordAsync("app", [], Noon.AddDays(2), Token);
        Assert.Equal("f1", Assert.Single(await store.ReadLedgerAsync("app", Noon, Token)).Finding.Fingerprint);
    }

    [Fact]
    public async Task The_same_run_again_replaces_the_first()
    {
        var store = await NewStoreAsync();
        var run = CompleteRun();
        var changed = run with { Message = "Again.", Steps = [run.Steps[1]], Metrics = [], Findings = [run.Findings[1]] };

        await store.RecordAsync(run, Token);
        await store.RecordAsync(changed, Token);

        AssertSame(changed, Assert.Single(await ReadAsync(store)));
        Assert.Empty(await store.ReadMetricsAsync("app", "storage_usage_percent", DateTimeOffset.MinValue, Token));
    }

    [Fact]
    public async Task Runs_come_newest_first_over_many_pages_also_those_of_the_same_moment()
    {
        var store = await NewStoreAsync();
        var runs = Enumerable.Range(0, 120).Select(i => Run(Noon.AddMinutes(i / 7)) with { Message = $"{i}", Steps = CompleteRun().Steps }).ToList();
        foreach (var run in runs)
        {
            await store.RecordAsync(run, Token);
        }

        var read = await ReadAsync(store);

        Assert.Equal(runs.Select(run => run.Id).Order(), read.Select(run => run.Id).Order());
        Assert.Equal(read.OrderByDescending(run => run.StartedAt).Select(run => run.StartedAt), read.Select(run => run.StartedAt));
        Assert.All(read, run => Assert.Equal(2, run.Steps.Count));
    }

    [Fact]
    public async Task Each_condition_selects()
    {
        var store = await NewStoreAsync();
        await store.RecordAsync(Run(Noon, "Daily", "app") with { Message = "1" }, Token);
        await store.RecordAsync(Run(Noon.AddHours(1), "Weekly", "app", HealthStatus.Critical) with { Message = "2" }, Token);
        await store.RecordAsync(Run(Noon.AddHours(2), "Daily", "Other", HealthStatus.Unknown) with { Message = "3" }, Token);
        await store.RecordAsync(Run(Noon.AddHours(3), "Monthly", "third", HealthStatus.Warning) with { Message = "4" }, Token);

        Assert.Equal("4321", await MessagesAsync(store, new HistoryQuery()));
        Assert.Equal("21", await MessagesAsync(store, new HistoryQuery { Targets = ["APP"] }));
        Assert.Equal("432", await MessagesAsync(store, new HistoryQuery { Targets = ["third", "other", "app"], Since = Noon.AddHours(1) }));
        Assert.Equal("31", await MessagesAsync(store, new HistoryQuery { Tasks = ["daily"] }));
        Assert.Equal("42", await MessagesAsync(store, new HistoryQuery { Tasks = ["Weekly", "Monthly"] }));
        Assert.Equal("21", await MessagesAsync(store, new HistoryQuery { Until = Noon.AddHours(2) }));
        Assert.Equal("32", await MessagesAsync(store, new HistoryQuery { Since = new DateTimeOffset(Noon.AddHours(2).DateTime, TimeSpan.FromHours(1)), Until = Noon.AddHours(3) }));
        Assert.Equal("2", await MessagesAsync(store, new HistoryQuery { Status = HealthStatus.Critical }));
        Assert.Equal("43", await MessagesAsync(store, new HistoryQuery { First = 2 }));
        Assert.Equal("", await MessagesAsync(store, new HistoryQuery { Targets = ["' OR 1=1 --"] }));
    }

    [Fact]
    public async Task A_metric_is_read_over_time_with_its_gaps()
    {
        var store = await NewStoreAsync();
        for (var hour = 0; hour < 4; hour++)
        {
            await store.RecordAsync(
                Run(Noon.AddHours(hour)) with
                {
                    Metrics =
                    [
                        new Metric { Name = "m", Value = hour == 2 ? null : hour, ObservedAt = Noon.AddHours(hour), Reason = hour == 2 ? "why" : null },
                        new Metric { Name = "other", Value = 99, ObservedAt = Noon.AddHours(hour) },
                        new Metric { Name = "m", Value = 99, ObservedAt = Noon.AddHours(hour), Target = "elsewhere" },
                    ],
                },
                Token);
        }

        var series = await store.ReadMetricsAsync("APP", "m", Noon.AddHours(1), Token);

        Assert.Equal([1.0, null, 3.0], series.Select(metric => metric.Value));
        Assert.Equal("why", series[1].Reason);
        Assert.Empty(await store.ReadMetricsAsync("nobody", "m", DateTimeOffset.MinValue, Token));
    }

    [Fact]
    public async Task The_last_test_of_a_backup_at_each_level_is_kept_and_old_ones_are_forgotten()
    {
        var store = await NewStoreAsync();
        VerificationEntry Entry(string name, BackupLevel level, DateTimeOffset at, string target = "app") => new(
            target,
            new BackupVerification
            {
                Backup = new DatabaseBackup { Name = name, Store = "store", TakenAt = Noon, LastModified = Noon, SizeBytes = 5_000_000_000, ETag = "\"0x8\"" },
                Level = level,
                Verdict = BackupVerdict.Verified,
                Checks = [new BackupCheck("Header", BackupLevel.Header, FindingOutcome.Pass, "a\0b", BackupFault.None)],
                Phases = [new RecoveryPhase("Restore", TimeSpan.FromSeconds(90.5), true)],
                RecoveryTime = TimeSpan.FromMinutes(3),
                Sha256 = "ab",
                VerifiedAt = at,
                Message = "Good.",
            },
            "scope");
        async Task RecordAsync(VerificationEntry entry) => await store.RecordAsync(entry, entry.Verification.VerifiedAt.AddDays(-400), Token);

        await RecordAsync(Entry("a", BackupLevel.Header, Noon));
        await RecordAsync(Entry("a", BackupLevel.Full, Noon.AddHours(1)));
        await RecordAsync(Entry("a", BackupLevel.Full, Noon.AddHours(2)));
        await RecordAsync(Entry("b", BackupLevel.Toc, Noon.AddHours(3)));
        await RecordAsync(Entry("a", BackupLevel.Toc, Noon, "other"));

        var read = await store.ReadVerificationsAsync("APP", "store", "a", Token);
        Assert.Equal([(BackupLevel.Full, Noon.AddHours(2)), (BackupLevel.Header, Noon)], read.Select(entry => (entry.Verification.Level, entry.Verification.VerifiedAt)));
        var full = read[0].Verification;
        Assert.Equal(("scope", TimeSpan.FromSeconds(90.5), 5_000_000_000, "\"0x8\""), (read[0].Scope, full.Phases[0].Duration, full.Backup.SizeBytes, full.Backup.ETag));
        Assert.Equal(("ab", "Header", TimeSpan.FromMinutes(3)), (full.Sha256, full.Checks[0].Name, full.RecoveryTime));
        Assert.Equal("baa", string.Concat((await store.ReadVerificationsAsync("app", Token)).Select(entry => entry.Verification.Name)));
        Assert.Empty(await store.ReadVerificationsAsync("app", "elsewhere", "a", Token));

        await RecordAsync(Entry("c", BackupLevel.Toc, Noon.AddDays(401)));
        Assert.Equal("c", string.Concat((await store.ReadVerificationsAsync("app", Token)).Select(entry => entry.Verification.Name)));
        Assert.Single(await store.ReadVerificationsAsync("other", Token));
    }

    [Fact]
    public async Task Where_nothing_was_recorded_reading_finds_nothing()
    {
        var store = await NewStoreAsync();

        Assert.Empty(await ReadAsync(store));
        Assert.Empty(await store.ReadMetricsAsync("app", "m", DateTimeOffset.MinValue, Token));
    }

    [Fact]
    public async Task Many_writers_that_start_at_once_in_a_new_place_lose_nothing()
    {
        var stores = await NewStoresAsync(8);

        await Task.WhenAll(stores.Select(store => Task.Run(
            async () =>
            {
                for (var i = 0; i < 10; i++)
                {
                    await store.RecordAsync(CompleteRun(), Token);
                }
            },
            Token)));

        var read = await ReadAsync(stores[0]);
        Assert.Equal(80, read.Select(run => run.Id).Distinct().Count());
        Assert.All(read, run => Assert.Equal((2, 3, 3), (run.Steps.Count, run.Metrics.Count, run.Findings.Count)));
    }

    [Fact]
    public async Task A_reader_may_stop_early_and_writers_go_on_while_it_reads()
    {
        var stores = await NewStoresAsync(2);
        for (var i = 0; i < 60; i++)
        {
            await stores[0].RecordAsync(Run(Noon.AddMinutes(i)), Token);
        }

        var seen = 0;
        await foreach (var run in stores[0].ReadAsync(new HistoryQuery(), Token))
        {
            await stores[1].RecordAsync(Run(Noon.AddDays(1)), Token);
            if (++seen == 3)
            {
                break;
            }
        }

        Assert.Equal(63, (await ReadAsync(stores[1])).Count);
    }

    [Fact]
    public async Task A_cancelled_call_leaves_as_cancelled()
    {
        var store = await NewStoreAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.RecordAsync(Run(), cancelled.Token));
        Assert.Empty(await ReadAsync(store));
    }

    [Fact]
    public async Task Actions_come_back_whole_and_newest_first_and_old_ones_are_forgotten()
    {
        var store = await NewStoreAsync();
        var plain = new DbAction
        {
            Target = "app", Database = "db", Kind = DbActionKind.Vacuum, Schema = "public", Name = "t", Oid = 4_000_000_000, Sql = "", Lock = "", State = StepState.Skipped, Message = "m", StartedAt = Noon,
        };
        var whole = plain with
        {
            Kind = DbActionKind.Reindex, Schema = "My \"schema", Name = "'; DROP TABLE actions; --", Table = "public.\"T\"", Sql = "REINDEX INDEX CONCURRENTLY public.i", Lock = "SHARE UPDATE EXCLUSIVE",
            State = StepState.Failed, Error = MaintenanceErrorCode.LockTimeout, Recommendation = "Again.", Attempts = 3, SizeBytes = 5_000_000_000, SizeBytesAfter = 4, PredictedDuration = TimeSpan.FromSeconds(1.5), PredictedFrom = "its size",
            Duration = TimeSpan.FromMilliseconds(12.345), StartedAt = Noon.AddMinutes(1), Effect = new Dictionary<string, object?> { ["a"] = 1L, ["b"] = null, ["c"] = "x", ["d"] = 1.5 },
        };
        await store.RecordAsync([plain with { StartedAt = Noon.AddDays(-500) }, plain with { Target = "other" }], Noon.AddDays(-1000), Token);
        await store.RecordAsync([whole, plain], Noon.AddDays(-400), Token);

        var read = await store.ReadActionsAsync("APP", DateTimeOffset.MinValue, 100, Token);

        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(new[] { whole, plain }), System.Text.Json.JsonSerializer.Serialize(read));
        Assert.Equal([whole.Name], (await store.ReadActionsAsync("app", DateTimeOffset.MinValue, 1, Token)).Select(action => action.Name));
        Assert.Equal([whole.Name], (await store.ReadActionsAsync("app", Noon.AddSeconds(1), 100, Token)).Select(action => action.Name));
        Assert.Single(await store.ReadActionsAsync("other", DateTimeOffset.MinValue, 100, Token));
    }

    /// <summary>Several stores of one new place, each with connections of its own.</summary>
    private protected abstract Task<IReadOnlyList<IHistoryStore>> NewStoresAsync(int count);

    private protected static async Task<List<MaintenanceRun>> ReadAsync(IHistoryStore store, HistoryQuery? query = null) =>
        await store.ReadAsync(query ?? new HistoryQuery(), Token).ToListAsync(Token);

    private static async Task<string> MessagesAsync(IHistoryStore store, HistoryQuery query) =>
        string.Concat((await ReadAsync(store, query)).Select(run => run.Message));

    private async Task<IHistoryStore> NewStoreAsync() => (await NewStoresAsync(1))[0];

    private static string Serialize(Finding finding) => JsonSerializer.Serialize(finding);
}
