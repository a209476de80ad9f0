using System.Diagnostics;
using Maintenance.Engine.History;
using Microsoft.Data.Sqlite;
using static Maintenance.IntegrationTests.History.HistorySamples;

namespace Maintenance.IntegrationTests.History;

public sealed class SqliteHistoryTests : HistoryStoreTests, IDisposable
{
    private const string FileOfChild = "MAINTENANCE_TEST_HISTORY";
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-history-").FullName;

    private string FilePath => Path.Combine(_folder, "state", "history.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Only_the_owner_may_read_the_file_and_its_folder()
    {
        await Store(FilePath).RecordAsync(Run(), Token);

        // Windows has no file modes; there the folder of the user's profile is private.
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.GetDirectoryName(FilePath)!));
        }
    }

    [Fact]
    public async Task Reading_makes_no_file()
    {
        Assert.Empty(await ReadAsync(Store(FilePath)));

        Assert.False(Directory.Exists(Path.GetDirectoryName(FilePath)));
    }

    [Fact]
    public async Task Nothing_stays_open_after_use()
    {
        var store = Store(FilePath);
        await store.RecordAsync(Run(), Token);
        await foreach (var run in store.ReadAsync(new HistoryQuery(), Token))
        {
            break;
        }

        // The last connection to close folds the write-ahead log into the file and removes it.
        Assert.Equal(["history.db"], Directory.GetFiles(Path.GetDirectoryName(FilePath)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Two_processes_that_write_at_once_lose_nothing()
    {
        if (Environment.GetEnvironmentVariable(FileOfChild) is { } shared)
        {
            await WriteAsync(shared, "child");
            return;
        }

        using var child = StartChild(nameof(Two_processes_that_write_at_once_lose_nothing));
        var rounds = 0;
        do
        {
            await WriteAsync(FilePath, "parent");
            rounds++;
        }
        while (!child.HasExited);

        Assert.True(child.ExitCode == 0, await child.StandardOutput.ReadToEndAsync(Token));
        var runs = await ReadAsync(Store(FilePath));
        Assert.Equal(50, runs.Count(run => run.Target == "child"));
        Assert.Equal(50 * rounds, runs.Count(run => run.Target == "parent"));

        static async Task WriteAsync(string path, string target)
        {
            for (var i = 0; i < 50; i++)
            {
                await Store(path).RecordAsync(Run(target: target), Token);
            }
        }
    }

    [Fact]
    public async Task An_older_file_is_upgraded_and_keeps_its_runs_even_if_two_do_it_at_once()
    {
        var run = CompleteRun();
        await Store(FilePath).RecordAsync(run, Token);
        var next = HistoryMigrations.Of("sqlite").Count + 1;
        string[] newer = [.. HistoryMigrations.Of("sqlite"), $"ALTER TABLE runs ADD COLUMN note TEXT; PRAGMA user_version = {next};"];

        var read = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReadAsync(Store(FilePath, newer)), Token)));

        Assert.All(read, runs => AssertSame(run, Assert.Single(runs)));
        Assert.Equal((long)next, Scalar(FilePath, "PRAGMA user_version"));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_file_as_it_was()
    {
        await Store(FilePath).RecordAsync(Run(), Token);
        string[] broken = [.. HistoryMigrations.Of("sqlite"), "ALTER TABLE runs ADD COLUMN note TEXT; SELECT * FROM missing; PRAGMA user_version = 98;"];

        await Assert.ThrowsAsync<MaintenanceException>(() => ReadAsync(Store(FilePath, broken)));

        Assert.Equal((long)HistoryMigrations.Of("sqlite").Count, Scalar(FilePath, "PRAGMA user_version"));
        Assert.Single(await ReadAsync(Store(FilePath)));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_not_touched()
    {
        await Store(FilePath).RecordAsync(Run(), Token);
        Scalar(FilePath, "PRAGMA user_version = 99");
        var before = await File.ReadAllBytesAsync(FilePath, Token);

        await FailsAsync(MaintenanceErrorCode.HistoryTooNew, FilePath);

        Assert.Equal(before, await File.ReadAllBytesAsync(FilePath, Token));
    }

    [Fact]
    public async Task Somebody_elses_SQLite_file_is_not_touched()
    {
        var path = Path.Combine(_folder, "other.db");
        Scalar(path, "CREATE TABLE bookmarks (url TEXT)", SqliteOpenMode.ReadWriteCreate);
        var before = await File.ReadAllBytesAsync(path, Token);

        await FailsAsync(MaintenanceErrorCode.HistoryUnavailable, path);

        Assert.Equal(before, await File.ReadAllBytesAsync(path, Token));
    }

    [Theory]
    [InlineData("no database at all")]
    [InlineData("SQLite format 3\0 and then nothing of the kind, over more than the hundred bytes of a header, so that it is looked at")]
    public async Task A_file_of_something_else_is_corrupt_and_stays_where_it_is(string content)
    {
        var path = Path.Combine(_folder, "history.db");
        await File.WriteAllTextAsync(path, content, Token);

        await FailsAsync(MaintenanceErrorCode.HistoryCorrupt, path);

        Assert.Equal(content, await File.ReadAllTextAsync(path, Token));
    }

    [Fact]
    public async Task A_file_with_damaged_pages_is_corrupt()
    {
        await Store(FilePath).RecordAsync(CompleteRun(), Token);
        await using (var file = new FileStream(FilePath, FileMode.Open, FileAccess.Write))
        {
            file.Position = 4096;
            await file.WriteAsync(Enumerable.Repeat((byte)0xA5, (int)file.Length - 4096).ToArray(), Token);
        }

        await FailsAsync(MaintenanceErrorCode.HistoryCorrupt, FilePath);

        Assert.True(File.Exists(FilePath));
    }

    [Fact]
    public async Task A_file_that_lost_a_table_is_corrupt()
    {
        await Store(FilePath).RecordAsync(CompleteRun(), Token);
        Scalar(FilePath, "DROP TABLE steps");

        await FailsAsync(MaintenanceErrorCode.HistoryCorrupt, FilePath);
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_file_is_unavailable()
    {
        Directory.CreateDirectory(FilePath);

        await FailsAsync(MaintenanceErrorCode.HistoryUnavailable, FilePath);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_unavailable()
    {
        // A file where a folder should be, and on Linux a file system that nobody writes to, not even root.
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", Token);

        await CannotRecordAsync(MaintenanceErrorCode.HistoryUnavailable, Path.Combine(file, "history.db"));
        if (OperatingSystem.IsLinux())
        {
            await CannotRecordAsync(MaintenanceErrorCode.HistoryUnavailable, "/proc/maintenance/history.db");
        }
    }

    // The next two have SQLite report what it reports of a file system; root, as which tests may run, is stopped by neither
    // file modes nor quotas. What is set here belongs to the connection, hence a migration that sets it.
    [Fact]
    public async Task A_file_that_may_not_be_written_is_unavailable()
    {
        await Store(FilePath).RecordAsync(Run(), Token);

        var error = await CannotRecordAsync(MaintenanceErrorCode.HistoryUnavailable, FilePath, "PRAGMA query_only = 1; CREATE TABLE x (a);");

        Assert.Contains("read-only", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_unavailable()
    {
        await Store(FilePath).RecordAsync(Run(), Token);

        var error = await CannotRecordAsync(MaintenanceErrorCode.HistoryUnavailable, FilePath, "PRAGMA max_page_count = 1; CREATE TABLE x (a);");

        Assert.Contains("full", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_that_lasts_is_unavailable_and_one_that_passes_is_waited_for()
    {
        await Store(FilePath).RecordAsync(Run(), Token);
        using var other = Connect(FilePath);
        using (var transaction = other.BeginTransaction(deferred: false))
        {
            var passing = Store(FilePath).RecordAsync(Run(), Token);
            await Task.Delay(TimeSpan.FromSeconds(2.5), Token);
            Assert.False(passing.IsCompleted);
            transaction.Rollback();
            await passing;
        }

        using (other.BeginTransaction(deferred: false))
        {
            var watch = Stopwatch.StartNew();
            var error = await CannotRecordAsync(MaintenanceErrorCode.HistoryUnavailable, FilePath);
            Assert.InRange(watch.Elapsed.TotalSeconds, 5, 30);
            Assert.Contains("locked", error.Message, StringComparison.Ordinal);
            Assert.Equal(2, (await ReadAsync(Store(FilePath))).Count);
        }
    }

    [Fact]
    public async Task A_writer_that_waits_for_a_lock_can_be_cancelled()
    {
        await Store(FilePath).RecordAsync(Run(), Token);
        using var other = Connect(FilePath);
        using var transaction = other.BeginTransaction(deferred: false);
        using var stopping = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        var watch = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() => Store(FilePath).RecordAsync(Run(), stopping.Token), Token));

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 4);
    }

    [Fact]
    public async Task Words_of_a_newer_version_become_the_cautious_ones()
    {
        await Store(FilePath).RecordAsync(CompleteRun(), Token);
        Scalar(FilePath, "UPDATE runs SET status = 'Splendid'; UPDATE steps SET state = '1', error = 'Later'; UPDATE findings SET severity = 'Awful'");

        var run = Assert.Single(await ReadAsync(Store(FilePath)));

        Assert.Equal(HealthStatus.Unknown, run.Status);
        Assert.Equal(MaintenanceErrorCode.Unexpected, run.Steps[0].Error);
        Assert.Equal(FindingSeverity.High, run.Findings[0].Severity);
    }

    [Fact]
    public async Task Ten_thousand_runs_do_not_slow_the_newest_twenty()
    {
        await Store(FilePath).RecordAsync(CompleteRun(), Token);
        Scalar(FilePath, """
            WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
            INSERT INTO runs SELECT printf('%08x-0000-4000-8000-000000000000', n), task, target, status, message, started_at + n * 1000000, duration, machine, module_version, artifacts
            FROM runs, numbers;
            INSERT INTO metrics SELECT r.id, m.ordinal, m.target, m.name, m.value, m.unit, m.status, m.reason, m.labels, r.started_at
            FROM metrics m JOIN runs r ON r.id <> m.run_id;
            """);
        var store = Store(FilePath);
        await ReadAsync(store, new HistoryQuery { First = 1 });

        var watch = Stopwatch.StartNew();
        var newest = await ReadAsync(store, new HistoryQuery { First = 20 });
        var newestTime = watch.Elapsed;
        watch.Restart();
        var series = await store.ReadMetricsAsync("app", "error_rate", newest[^1].StartedAt, Token);
        var seriesTime = watch.Elapsed;

        Assert.Equal(20, newest.Count);
        Assert.Equal(20, series.Count);
        Assert.All(newest, run => Assert.Equal(3, run.Metrics.Count));
        // A scan of all rows takes far longer than this on any machine that runs tests at all slowly; by index it is some 3 ms.
        Assert.InRange(newestTime.TotalMilliseconds, 0, 250);
        Assert.InRange(seriesTime.TotalMilliseconds, 0, 250);
    }

    [Theory]
    [InlineData("ReadRuns", "USING INDEX runs_newest (started_at")]
    [InlineData("ReadSeries", "USING INDEX metrics_series (target=? AND name=? AND observed_at>?)")]
    [InlineData("ReadMetrics", "USING PRIMARY KEY (run_id=?)")]
    public async Task Every_reading_goes_by_index_and_never_sorts(string statement, string expected)
    {
        await Store(FilePath).RecordAsync(Run(), Token);
        using var connection = Connect(FilePath);
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + Engine.Database.SqlText.Read($"History/Sql/sqlite/{statement}.sql");
        for (var i = 1; i <= 7; i++)
        {
            command.Parameters.AddWithValue($"${i}", i is 4 or 5 ? "[\"app\"]" : 0);
        }

        var plan = new List<string>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            plan.Add(reader.GetString(3));
        }

        Assert.Contains(plan, line => line.Contains(expected, StringComparison.Ordinal));
        Assert.DoesNotContain(plan, line => line.Contains("ORDER BY", StringComparison.Ordinal) && statement == "ReadRuns");
    }

    private protected override Task<IReadOnlyList<IHistoryStore>> NewStoresAsync(int count) =>
        Task.FromResult<IReadOnlyList<IHistoryStore>>([.. Enumerable.Range(0, count).Select(_ => Store(FilePath))]);

    private static SqliteHistoryStore Store(string path, IReadOnlyList<string>? migrations = null) =>
        new(path, TimeProvider.System, migrations ?? HistoryMigrations.Of("sqlite"));

    private static SqliteConnection Connect(string path, SqliteOpenMode mode = SqliteOpenMode.ReadWrite)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static object? Scalar(string path, string sql, SqliteOpenMode mode = SqliteOpenMode.ReadWrite)
    {
        using var connection = Connect(path, mode);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>Neither writing nor reading works, and the error names the file and says what to do.</summary>
    private static async Task FailsAsync(MaintenanceErrorCode code, string path)
    {
        await CannotRecordAsync(code, path);
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => ReadAsync(Store(path)));
        Assert.Equal(code, error.Code);
    }

    private static async Task<MaintenanceException> CannotRecordAsync(MaintenanceErrorCode code, string path, params string[] migrations)
    {
        var store = Store(path, [.. HistoryMigrations.Of("sqlite"), .. migrations]);
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => store.RecordAsync(CompleteRun(), Token));
        Assert.Equal(code, error.Code);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Recommendation);
        return error;
    }

    private Process StartChild(string test)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(SqliteHistoryTests).Assembly.Location);
        }

        foreach (var argument in new[] { "--filter-method", $"{typeof(SqliteHistoryTests).FullName}.{test}", "--progress", "off" })
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[FileOfChild] = FilePath;
        return Process.Start(start)!;
    }
}
