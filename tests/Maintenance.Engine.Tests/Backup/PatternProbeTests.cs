using Maintenance.Engine.Backup;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Tests.Backup;

public sealed class PatternProbeTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    [Theory]
    [InlineData("{database}-{yyyyMMddHH}.dump", 1)]
    [InlineData("{database}/{yyyy}/{MM}/{dd}/{HH}.dump", 1)]
    [InlineData("{yyyy}/{MM}/{dd}/{HH}/{database}.dump", 1)]
    [InlineData("{dd}-{MM}-{yyyy}/{database}_{HH}.dump", 12)]
    public async Task The_newest_of_twelve_thousand_of_two_databases_is_found_with_a_few_requests(string pattern, int requests)
    {
        var parsed = NamePattern.Parse(pattern);
        var store = new MemoryStore(Enumerable.Range(0, 6_000).SelectMany(hour => new[] { "app", "billing" }, (hour, database) => Entry(parsed, database, hour)));
        var record = Assert.Single(await JudgeAsync(store, pattern, "app"));
        Assert.Equal((BackupRecencyState.Fresh, parsed.Write("app", Now)), (record.State, record.Newest!.Name));
        Assert.Equal(("app", (long?)1000), (record.Database, record.MedianSizeBytes));
        Assert.InRange(store.Requests, 1, requests);
        Assert.InRange(store.EntriesRead, 1, 2 * 24 * 12);
    }

    [Fact]
    public async Task What_is_not_fresh_is_confirmed_by_reading_everything()
    {
        const string Pattern = "{database}-{yyyyMMddHH}.dump";
        var parsed = NamePattern.Parse(Pattern);
        var store = new MemoryStore(Enumerable.Range(30, 500).Select(hour => Entry(parsed, "app", hour)).Append(Entry(parsed, "billing", 1)));
        var records = await JudgeAsync(store, Pattern, "app", "billing", "crm");
        Assert.Equal([BackupRecencyState.Stale, BackupRecencyState.Fresh, BackupRecencyState.None], records.Select(record => record.State));
        Assert.Equal(500, records[0].BackupCount);
    }

    [Fact]
    public async Task Names_outside_the_pattern_count_only_for_kinds_that_are_asked_for()
    {
        const string Pattern = "{database}-{yyyyMMddHH}.dump";
        StoreEntry[] entries = [Entry(NamePattern.Parse(Pattern), "app", 1), Named("base-2025061010/backup_manifest"), Named("manual.dump")];
        Assert.Equal(BackupKind.Custom, Assert.Single(await JudgeAsync(new MemoryStore(entries), Pattern, "app")).Kind);
        Assert.Equal(
            [BackupKind.BaseBackup, BackupKind.Custom],
            (await JudgeAsync(new MemoryStore(entries), Pattern, [BackupKind.BaseBackup, BackupKind.Custom], "app")).Select(record => record.Kind!.Value).Order().Reverse());

        var misnamed = Assert.Single(await JudgeAsync(new MemoryStore([Named("app.dump"), Named("README")]), "{yyyyMMdd}.dump"));
        Assert.Equal(BackupRecencyState.None, misnamed.State);
        Assert.Contains("1 of them look like backups", misnamed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Looking_by_pattern_and_reading_everything_agree_on_random_stores()
    {
        string[] patterns = ["{database}-{yyyyMMddHH}.dump", "{database}/{yyyy}/{MM}/{dd}/x_{HHmm}.sql.gz", "{yyyy}-{MM}-{dd}/{database}.dump", "{dd}{MM}{yyyy}_{database}.dump", "n/{database}_{yyyyMMdd}.*"];
        var fewer = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var pattern = patterns[random.Next(patterns.Length)];
            var entries = RandomStore(random, pattern);
            string[] databases = random.Next(2) == 0 ? ["app"] : ["app", "app-2"];
            var (probing, whole) = (new MemoryStore(entries), new MemoryStore(entries, MemoryStore.Behaviour.RefusesToSeek) { CanSeek = false });
            var expected = await JudgeAsync(whole, pattern, databases);
            var found = await JudgeAsync(probing, pattern, databases);
            Assert.True(
                expected.Select(Essence).SequenceEqual(found.Select(Essence)),
                $"Seed {seed}: expected {string.Join(", ", expected.Select(Essence))}, found {string.Join(", ", found.Select(Essence))}");
            fewer += probing.EntriesRead < whole.EntriesRead ? 1 : 0;
        }

        Assert.InRange(fewer, 40, int.MaxValue);
    }

    private static (string?, BackupKind?, BackupRecencyState, string?, TimeSpan?, long?) Essence(BackupRecency recency) =>
        (recency.Database, recency.Kind, recency.State, recency.Newest?.Name, recency.Age, recency.MedianSizeBytes);

    private static List<StoreEntry> RandomStore(Random random, string pattern)
    {
        var writable = NamePattern.Parse(pattern.Replace("*", "dump", StringComparison.Ordinal));
        var entries = new Dictionary<string, StoreEntry>(StringComparer.Ordinal);
        foreach (var database in new[] { "app", "app-2", "billing" }.Where(_ => random.Next(5) > 0))
        {
            var (from, until, every) = (random.Next(100, 5000), random.Next(5) == 0 ? random.Next(0, 300) : random.Next(0, 20), random.Next(3, 48));
            for (var hours = from; hours >= until; hours -= every)
            {
                var time = Now.AddHours(-hours);
                var name = writable.Write(database, time)!;
                entries[name] = new StoreEntry(name, random.Next(60) == 0 ? 0 : random.Next(500, 1000), random.Next(60) == 0 ? Now : time.AddMinutes(random.Next(0, 59)));
            }
        }

        entries["README"] = Named("README");
        return [.. entries.Values];
    }

    private static StoreEntry Entry(NamePattern pattern, string database, int hoursAgo) =>
        new(pattern.Write(database, Now.AddHours(-hoursAgo))!, 1000, Now.AddHours(-hoursAgo));

    private static StoreEntry Named(string name) => new(name, 1000, Now.AddHours(-2));

    private static Task<IReadOnlyList<BackupRecency>> JudgeAsync(MemoryStore store, string pattern, params string[] databases) => JudgeAsync(store, pattern, [], databases);

    private static Task<IReadOnlyList<BackupRecency>> JudgeAsync(MemoryStore store, string pattern, BackupKind[] kinds, params string[] databases)
    {
        var target = new MaintenanceTarget { Name = "t", Backups = new BackupSettings { NamePattern = pattern, Databases = databases, Kinds = kinds } };
        var rules = RecencyRules.Of(new StoreSettings(), target, Day, null);
        return new RecencyJudge(new BackupPlace(store, null, rules.Naming, "t", Now, new RecordingSink()), rules).JudgeAsync(TestContext.Current.CancellationToken);
    }
}
