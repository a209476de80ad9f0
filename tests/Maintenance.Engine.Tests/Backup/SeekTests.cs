using System.Globalization;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Tests.Backup;

public sealed class SeekTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly DateOnly Oldest = new(2025, 6, 8);

    [Theory]
    [InlineData("db-2024072707", "db-2025-06-08")]
    [InlineData("db-2025010100", "db-20250608")]
    [InlineData("backups/app-2024-07-27.dump", "backups/app-2025-06-08")]
    [InlineData("backups/app-2025-01-27.dump", "backups/app-2025-06-08")]
    [InlineData("app_2025_01_27.dump", "app_2025_06_08")]
    [InlineData("app-20240727/toc.dat", "app-2025-06-08")]
    [InlineData("app-20240727/base.tar.gz", "app-2025-06-08")]
    public void Old_names_are_skipped_up_to_the_next_date_that_matters(string last, string next) =>
        Assert.Equal(next, SeekPlanner.Next(last, Oldest));

    [Theory]
    [InlineData("db-2025060800")]
    [InlineData("db-20300101.dump")]
    [InlineData("README")]
    [InlineData("2024/07/27/app.dump")]
    [InlineData("20240727-app.dump")]
    [InlineData("20240727.dump")]
    [InlineData("app-20240727/users.dump")]
    [InlineData("app-20240727/3041.dat.gz")]
    [InlineData("app-20240727.log")]
    public void Nothing_is_skipped_where_a_backup_that_matters_may_follow(string last) => Assert.Null(SeekPlanner.Next(last, Oldest));

    [Fact]
    public async Task The_newest_of_twelve_thousand_is_found_with_a_few_requests()
    {
        var store = Hourly(12_000);
        var recency = Assert.Single(await JudgeAsync(store));
        Assert.Equal(BackupRecencyState.Fresh, recency.State);
        Assert.Equal("database-backups/db-2025061012", recency.Newest!.Name);
        Assert.Null(recency.BackupCount);
        Assert.InRange(recency.Requests, 1, 10);
        Assert.InRange(store.EntriesRead, 1, 2000);
    }

    [Fact]
    public async Task A_store_without_a_fresh_backup_is_read_to_its_end()
    {
        var store = Hourly(12_000, lastHoursAgo: 30);
        var recency = Assert.Single(await JudgeAsync(store));
        Assert.Equal(BackupRecencyState.Stale, recency.State);
        Assert.Equal(12_000, recency.BackupCount);
    }

    [Fact]
    public async Task A_database_that_fell_silent_between_others_is_found()
    {
        // Its backups begin after the first page, and ended long ago, all in the part that could be skipped.
        var entries = Enumerable.Range(0, 500).SelectMany(day => new[] { Daily("app", day) }.Concat(day is > 50 and < 200 ? [Daily("billing", day)] : []));
        var found = await JudgeAsync(new MemoryStore(entries));
        Assert.Equal(["app", "billing"], found.Select(recency => recency.Database));
        Assert.Equal([BackupRecencyState.Fresh, BackupRecencyState.Stale], found.Select(recency => recency.State));
    }

    [Fact]
    public async Task A_silent_database_behind_other_files_of_its_name_is_found()
    {
        // The logs go back further than the backups: no backup of it is among the names that are read.
        var logs = Enumerable.Range(0, 500).Select(day => Entry(FormattableString.Invariant($"app-{Now.AddDays(-day):yyyyMMdd}.log"), day * 24));
        var backups = Enumerable.Range(50, 100).Select(day => Entry(FormattableString.Invariant($"app-{Now.AddDays(-day):yyyyMMdd}.dump"), day * 24));
        var recency = Assert.Single(await JudgeAsync(new MemoryStore(logs.Concat(backups))));
        Assert.Equal(("app", BackupRecencyState.Stale), (recency.Database, recency.State));
    }

    [Fact]
    public async Task A_change_of_the_naming_is_not_missed()
    {
        // Since March the names are written with dashes, which sort before the digits of January.
        var entries = Enumerable.Range(0, 700).Select(day => Entry(
            day < 100 ? FormattableString.Invariant($"app-{Now.AddDays(-day):yyyy-MM-dd}.dump") : FormattableString.Invariant($"app-{Now.AddDays(-day):yyyyMMdd}.dump"), day * 24));
        var store = new MemoryStore(entries);
        Assert.Equal("app-2025-06-10.dump", Assert.Single(await JudgeAsync(store)).Newest!.Name);
        Assert.InRange(store.EntriesRead, 1, 699);
    }

    [Theory]
    [InlineData(MemoryStore.Behaviour.RefusesToSeek)]
    [InlineData(MemoryStore.Behaviour.IgnoresStartFrom)]
    [InlineData(MemoryStore.Behaviour.SortsOtherwise)]
    internal async Task A_store_that_cannot_seek_is_read_whole(MemoryStore.Behaviour behaviour)
    {
        var entries = Enumerable.Range(0, 1000).Select(hour => Hour(hour)).ToArray();
        new Random(7).Shuffle(entries);
        var store = new MemoryStore(entries, behaviour);
        var recency = Assert.Single(await JudgeAsync(store));
        Assert.Equal("database-backups/db-2025061012", recency.Newest!.Name);
        Assert.Equal(1000, recency.BackupCount);

        var since = await ListAsync(new MemoryStore(entries, behaviour), new BackupQuery { Since = Now.AddDays(-2) });
        Assert.Equal(49, since.Count);
        Assert.Equal(49, since.Select(backup => backup.Name).Distinct().Count());
    }

    [Fact]
    public async Task Names_that_tell_nothing_are_all_read_and_each_once()
    {
        var store = new MemoryStore(Enumerable.Range(0, 12_000).Select(number => Entry($"{number * 7919 % 12_000:x8}.dump", number)));
        var recency = Assert.Single(await JudgeAsync(store));
        Assert.Equal(12_000, recency.BackupCount);
        Assert.InRange(store.EntriesRead, 12_000, 12_010);
        Assert.InRange(recency.Requests, 1, 10);
    }

    [Fact]
    public async Task The_data_of_a_backup_in_directory_format_count_as_one()
    {
        var entries = new[] { "app-20250610/3041.dat.gz", "app-20250610/3042.dat.gz", "app-20250610/blobs.toc", "app-20250610/toc.dat" }
            .Select(name => new StoreEntry(name, 10, Now));
        var backup = Assert.Single(await ListAsync(new MemoryStore(entries), new BackupQuery()));
        Assert.Equal((BackupKind.Directory, 40, "app-20250610"), (backup.Kind, backup.SizeBytes, backup.Name));
    }

    [Fact]
    public async Task The_empty_entry_of_a_folder_is_no_backup_but_an_empty_file_is()
    {
        var folder = new[] { new StoreEntry("app-20250609", 0, Now), new StoreEntry("app-20250609/toc.dat", 5, Now), new StoreEntry("db-20250610", 0, Now) };
        var backups = await ListAsync(new MemoryStore(folder), new BackupQuery());
        Assert.Equal([("app-20250609", 5), ("db-20250610", 0)], backups.Select(backup => (backup.Name, backup.SizeBytes)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(10_000)]
    public async Task The_newest_are_given_newest_first(int count)
    {
        var store = Hourly(12_000);
        var newest = await ListAsync(store, new BackupQuery { Newest = count });
        Assert.Equal(count, newest.Count);
        Assert.Equal(newest.Select(backup => backup.TakenAt).OrderDescending(), newest.Select(backup => backup.TakenAt));
        Assert.Equal("database-backups/db-2025061012", newest[0].Name);
        Assert.Equal(count > 1000, store.EntriesRead > 12_000);
    }

    [Fact]
    public async Task Seeking_and_reading_everything_agree_on_random_stores()
    {
        var skipped = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            var entries = RandomStore(new Random(seed));
            var seeking = new MemoryStore(entries);
            var whole = new MemoryStore(entries, MemoryStore.Behaviour.RefusesToSeek);
            var expected = await JudgeAsync(whole);
            var found = await JudgeAsync(seeking);
            Assert.True(
                expected.Select(Essence).SequenceEqual(found.Select(Essence)),
                $"Seed {seed}: expected {string.Join(", ", expected.Select(Essence))}, found {string.Join(", ", found.Select(Essence))}");

            var query = new BackupQuery { Since = Now.AddHours(-new Random(seed).Next(1, 2000)) };
            var listed = (await ListAsync(new MemoryStore(entries), query)).Select(backup => backup.Name).ToList();
            var all = (await ListAsync(whole, query)).Select(backup => backup.Name).ToList();
            Assert.True(
                all.Count == listed.Count && !all.Except(listed, StringComparer.Ordinal).Any(),
                $"Seed {seed}, since {query.Since:u}: {string.Join(", ", all.Except(listed).Take(5))} missing, {string.Join(", ", listed.Except(all).Take(5))} too many.");
            skipped += found.Count(recency => recency.BackupCount is null);
        }

        // The comparison would be empty if nothing were ever skipped.
        Assert.InRange(skipped, 20, int.MaxValue);
    }

    private static (string?, BackupKind?, BackupRecencyState, string?, TimeSpan?, long?) Essence(BackupRecency recency) =>
        (recency.Database, recency.Kind, recency.State, recency.Newest?.Name, recency.Age, recency.MedianSizeBytes);

    // Several databases, folders and ways to write dates, gaps, silent databases, copies, and files that are none of these.
    private static List<StoreEntry> RandomStore(Random random)
    {
        string[] heads = ["app-", "app_", "billing_", "db-", "nightly/app-", "nightly/db-", "zeta/backup-", "a/", "", "app-2-", "2024-app-", "prod/db_"];
        string[] dates = ["yyyyMMdd", "yyyyMMddHH", "yyyy-MM-dd", "yyyy-MM-dd'T'HH-mm-ss'Z'", "yyyy_MM_dd", "yyyyMMdd_HHmmss", "yyyy/MM/dd", "yyyy.MM.dd"];
        string[] tails = [".dump", ".sql.gz", "", ".tar", "-full.dump", "/toc.dat", ".txt", "/app.dump", "_billing.sql"];
        var entries = new Dictionary<string, StoreEntry>(StringComparer.Ordinal);
        for (var series = random.Next(1, 6); series > 0; series--)
        {
            var (head, tail) = (heads[random.Next(heads.Length)], tails[random.Next(tails.Length)]);
            var (first, second) = (dates[random.Next(dates.Length)], dates[random.Next(dates.Length)]);
            var (from, until, every) = (random.Next(100, 20_000), random.Next(4) == 0 ? random.Next(0, 3000) : random.Next(0, 20), random.Next(3, 48));
            var change = random.Next(4) == 0 ? random.Next(0, from) : -1;
            for (var hours = from; hours >= until; hours -= every)
            {
                var time = Now.AddHours(-hours);
                var name = head + time.ToString(hours > change ? first : second, CultureInfo.InvariantCulture) + tail;
                var modified = random.Next(50) == 0 ? Now.AddHours(-random.Next(0, 1000)) : time.AddMinutes(random.Next(0, 59));
                entries[name] = new StoreEntry(name, random.Next(40) == 0 ? 0 : random.Next(1, 1000), modified);
            }
        }

        if (random.Next(3) == 0)
        {
            entries["README"] = new StoreEntry("README", 12, Now);
            entries["zz-latest.dump"] = new StoreEntry("zz-latest.dump", 12, Now.AddHours(-random.Next(0, 48)));
        }

        return [.. entries.Values];
    }

    private static MemoryStore Hourly(int count, int lastHoursAgo = 0) =>
        new(Enumerable.Range(lastHoursAgo, count).Select(Hour));

    private static StoreEntry Hour(int hoursAgo) =>
        Entry(FormattableString.Invariant($"database-backups/db-{Now.AddHours(-hoursAgo):yyyyMMddHH}"), hoursAgo);

    private static StoreEntry Daily(string database, int daysAgo) =>
        Entry(FormattableString.Invariant($"{Now.AddDays(-daysAgo):yyyyMMdd}/{database}.dump"), daysAgo * 24);

    private static StoreEntry Entry(string name, int hoursAgo) => new(name, 1000, Now.AddHours(-hoursAgo));

    private static Task<IReadOnlyList<BackupRecency>> JudgeAsync(MemoryStore store) =>
        new RecencyJudge(Place(store), new RecencyRules(Day)).JudgeAsync(TestContext.Current.CancellationToken);

    private static BackupPlace Place(MemoryStore store) => new(store, null, BackupNaming.ByWords, "target", Now, new RecordingSink());

    private static async Task<List<DatabaseBackup>> ListAsync(MemoryStore store, BackupQuery query)
    {
        var backups = new List<DatabaseBackup>();
        await foreach (var backup in new BackupLister(Place(store), query).ListAsync(TestContext.Current.CancellationToken))
        {
            backups.Add(backup);
        }

        return backups;
    }
}
