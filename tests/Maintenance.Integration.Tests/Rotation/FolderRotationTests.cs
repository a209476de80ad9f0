using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Maintenance.Engine.Rotation;

namespace Maintenance.IntegrationTests.Rotation;

public sealed class FolderRotationTests : IDisposable
{
    private static readonly LogRotationRule Usual = new() { CompressAfter = TimeSpan.FromDays(7), DeleteAfter = TimeSpan.FromDays(90) };

    private readonly string _home = Directory.CreateTempSubdirectory("maintenance-test-").FullName;
    private readonly LogRotationService _service;

    public FolderRotationTests()
    {
        _service = NewService();
        Directory.CreateDirectory(Logs);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private string Logs => Path.Combine(_home, "logs");

    private LogRotationService NewService() => new(TimeProvider.System, Path.Combine(_home, "locks"));

    private string At(string name) => Path.Combine(Logs, name);

    private string Write(string name, double days, string? text = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text ?? Lines(name));
        File.SetLastWriteTimeUtc(At(name), (Now - TimeSpan.FromDays(days)).UtcDateTime);
        return At(name);
    }

    private static string Lines(string name) => string.Concat(Enumerable.Range(0, 500).Select(i => $"{i} {name} was here\n"));

    private async Task<List<LogRotation>> RotateAsync(LogRotationRule? rule = null, LogRotationService? service = null, Func<LogRotation, Task<bool>>? confirm = null)
    {
        var records = new List<LogRotation>();
        await foreach (var record in (service ?? _service).RotateAsync(
            null, (rule ?? Usual) with { Path = rule?.Path ?? Logs }, confirm ?? (_ => Task.FromResult(true)), Calls.Silent(TimeSpan.FromSeconds(60)), Token))
        {
            records.Add(record);
        }

        return records;
    }

    private async Task<string[]> WordsAsync(LogRotationRule? rule = null) => [.. (await RotateAsync(rule)).Select(record => $"{record.State} {record.Action} {record.Name}")];

    private string[] Names() => [.. NamesIn(new DirectoryInfo(Logs), "").Order(StringComparer.Ordinal)];

    private static IEnumerable<string> NamesIn(DirectoryInfo folder, string name) => folder.EnumerateFileSystemInfos().SelectMany(item =>
        item is DirectoryInfo { LinkTarget: null } inner ? NamesIn(inner, $"{name}{inner.Name}/") : [name + item.Name]);

    private string Unpacked(string name)
    {
        using var file = File.OpenRead(At(name));
        using var content = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(content);
        return reader.ReadToEnd();
    }

    [Fact]
    public async Task Logs_are_compressed_and_deleted_by_age_and_a_second_run_finds_nothing()
    {
        Write("young.log", 1);
        var old = Write("old.log", 8);
        Write("ancient.log", 91);
        var time = File.GetLastWriteTimeUtc(old);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(old, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        }

        var records = await RotateAsync();
        Assert.Equal(["Done Delete ancient.log", "Done Compress old.log"], records.Select(record => record.ToString()));
        Assert.Equal(["old.log.gz", "young.log"], Names());
        Assert.Equal(Lines("old.log"), Unpacked("old.log.gz"));
        Assert.Equal(time, File.GetLastWriteTimeUtc(At("old.log.gz")));
        var compressed = records[1];
        Assert.Equal(("old.log.gz", new FileInfo(At("old.log.gz")).Length, "older than 7 days"), (compressed.NewName, compressed.SizeBytesAfter, compressed.Reason));
        Assert.Equal(compressed.SizeBytes - compressed.SizeBytesAfter, compressed.Reclaimed);
        Assert.Equal(0, records[0].SizeBytesAfter);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(At("old.log.gz")));
        }

        Assert.Empty(await RotateAsync());
        // What is compressed grows old as the original would have.
        Assert.Equal(["Done Delete old.log.gz"], await WordsAsync(new LogRotationRule { DeleteAfter = TimeSpan.FromDays(7.5) }));
    }

    [Fact]
    public async Task A_preview_says_the_same_and_changes_nothing()
    {
        Write("old.log", 8);
        Write("ancient.log", 91);
        var planned = new List<LogRotation>();
        await foreach (var record in _service.PreviewAsync(null, Usual with { Path = Logs }, Calls.Silent(), Token))
        {
            planned.Add(record);
        }

        Assert.All(planned, record => Assert.Equal((StepState.Planned, null), (record.State, record.Reclaimed)));
        Assert.Equal(["ancient.log", "old.log"], Names());
        Assert.Equal(planned.Select(record => (record.Action, record.Name)), (await RotateAsync()).Select(record => (record.Action, record.Name)));
    }

    [Fact]
    public async Task What_is_declined_stays()
    {
        Write("old.log", 8);
        Write("ancient.log", 91);
        Assert.Equal(["Done Compress old.log"], (await RotateAsync(confirm: record => Task.FromResult(record.Action != LogRotationAction.Delete))).Select(record => record.ToString()));
        Assert.Equal(["ancient.log", "old.log.gz"], Names());
    }

    [Fact]
    public async Task Folders_below_are_taken_only_where_that_is_said_and_links_never()
    {
        Write("sub/deep/old.log", 91);
        Assert.Empty(await RotateAsync());
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        var outside = Directory.CreateDirectory(Path.Combine(_home, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "theirs.log"), Lines("theirs"), Token);
        File.SetLastWriteTimeUtc(Path.Combine(outside, "theirs.log"), (Now - TimeSpan.FromDays(91)).UtcDateTime);
        Directory.CreateSymbolicLink(At("linked"), outside);
        File.CreateSymbolicLink(At("linked.log"), Path.Combine(outside, "theirs.log"));

        Assert.Equal(["Done Delete sub/deep/old.log"], await WordsAsync(Usual with { Recurse = true }));
        Assert.True(File.Exists(Path.Combine(outside, "theirs.log")));
        Assert.Equal(["linked", "linked.log"], Names());
    }

    [Fact]
    public async Task A_file_that_became_a_link_in_the_meantime_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        Write("old.log", 8);
        var outside = Path.Combine(_home, "secret");
        await File.WriteAllTextAsync(outside, Lines("old.log"), Token);
        File.SetLastWriteTimeUtc(outside, File.GetLastWriteTimeUtc(At("old.log")));
        var records = await RotateAsync(confirm: _ =>
        {
            File.Delete(At("old.log"));
            File.CreateSymbolicLink(At("old.log"), outside);
            return Task.FromResult(true);
        });
        Assert.Equal(StepState.Skipped, Assert.Single(records).State);
        Assert.True(File.Exists(outside));
        Assert.Equal(["old.log"], Names());
    }

    [Fact]
    public async Task A_pipe_is_no_log_and_holds_nothing_up()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There are pipes in folders on Linux.");
        using (var make = Process.Start("mkfifo", [At("pipe.log")]))
        {
            await make.WaitForExitAsync(Token);
        }

        File.SetLastWriteTimeUtc(At("pipe.log"), (Now - TimeSpan.FromDays(91)).UtcDateTime);
        Assert.Empty(await RotateAsync());
        Assert.Equal(["pipe.log"], Names());
    }

    [Fact]
    public async Task A_file_that_a_process_writes_to_is_left_alone_however_old_it_looks()
    {
        Write("held.log", 91);
        Write("read.log", 91);
        await using var writer = new FileStream(At("held.log"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        await using var reader = new FileStream(At("read.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "There the quiet time must do.");
        var records = await RotateAsync();
        var held = records.Single(record => record.Name == "held.log");
        Assert.Equal((StepState.Skipped, HealthStatus.Ok), (held.State, held.Status));
        Assert.Contains("open", held.Message, StringComparison.Ordinal);
        Assert.Equal(StepState.Done, records.Single(record => record.Name == "read.log").State);
        Assert.True(File.Exists(At("held.log")));
    }

    [Fact]
    public async Task Another_file_of_the_same_size_and_time_in_its_place_is_left_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only there files have a number that can be asked for.");
        Write("old.log", 8);
        Write("ancient.log", 91);
        var records = await RotateAsync(confirm: record =>
        {
            File.Copy(At(record.Name), At("copy"));
            File.SetLastWriteTimeUtc(At("copy"), File.GetLastWriteTimeUtc(At(record.Name)));
            File.Move(At("copy"), At(record.Name), overwrite: true);
            return Task.FromResult(true);
        });
        Assert.All(records, record => Assert.Equal("Another file has taken its place.", record.Message));
        Assert.Equal(["ancient.log", "old.log"], Names());
    }

    [Fact]
    public async Task What_would_not_fit_the_time_is_not_begun_and_keeps_nobody_from_his_turn()
    {
        await using (var huge = new FileStream(At("huge.log"), FileMode.CreateNew))
        {
            // Takes no space: nothing is in it.
            huge.SetLength(50L << 30);
        }

        File.SetLastWriteTimeUtc(At("huge.log"), (Now - TimeSpan.FromDays(9)).UtcDateTime);
        Write("old.log", 8);
        var records = await RotateAsync();
        Assert.Equal(["Deferred Compress huge.log", "Done Compress old.log"], records.Select(record => record.ToString()));
        Assert.Equal((MaintenanceErrorCode.DoesNotFit, HealthStatus.Warning), (records[0].Error, records[0].Status));
    }

    [Fact]
    public async Task A_file_that_is_written_to_after_the_look_is_left_alone()
    {
        Write("old.log", 8);
        Write("ancient.log", 91);
        var records = await RotateAsync(confirm: async record =>
        {
            await File.AppendAllTextAsync(At(record.Name), "one more line\n", Token);
            return true;
        });
        Assert.All(records, record => Assert.Equal(StepState.Skipped, record.State));
        Assert.Equal(["ancient.log", "old.log"], Names());
    }

    [Fact]
    public async Task What_was_just_written_to_stays_even_where_there_is_too_much()
    {
        Write("a.log", 0);
        Write("b.log", 0.01);
        Assert.Equal(["Done Delete b.log", "Skipped Delete a.log"], await WordsAsync(new LogRotationRule { MaximumTotalSize = 1 }));
        Assert.Equal(["a.log"], Names());
    }

    [Fact]
    public async Task Compressing_makes_the_room_that_deleting_would()
    {
        Write("a.log", 1);
        Write("b.log", 8);
        Write("c.log", 9);
        var size = new FileInfo(At("a.log")).Length;
        // One file too many; once two are compressed there is room for all.
        Assert.Equal(["Done Compress c.log", "Done Compress b.log"], await WordsAsync(new LogRotationRule { CompressAfter = TimeSpan.FromDays(7), MaximumTotalSize = size * 2 }));
        Assert.Equal(["a.log", "b.log.gz", "c.log.gz"], Names());

        var total = Names().Sum(name => new FileInfo(At(name)).Length);
        Assert.Equal(["Done Delete c.log.gz"], await WordsAsync(new LogRotationRule { MaximumTotalSize = total - 1, Keep = 2 }));
        var warned = new RecordingSink();
        await foreach (var record in _service.RotateAsync(null, new LogRotationRule { Path = Logs, MaximumTotalSize = 1, Keep = 2 }, _ => Task.FromResult(true), Calls.To(warned), Token))
        {
            Assert.Fail($"{record}");
        }

        Assert.Contains("more than 1 B", Assert.Single(warned.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_compressing_is_not_enough_the_oldest_go_in_the_same_run()
    {
        Write("a.log", 8);
        Write("b.log", 9);
        var whole = Compressed(Lines("a.log")).Length;
        Assert.Equal(
            ["Done Compress b.log", "Done Compress a.log", "Done Delete b.log.gz"],
            await WordsAsync(new LogRotationRule { CompressAfter = TimeSpan.FromDays(7), MaximumTotalSize = whole * 3 / 2 }));
        Assert.Equal(["a.log.gz"], Names());
    }

    [Theory]
    [InlineData("left temporary file")]
    [InlineData("both present")]
    [InlineData("compressed file cut short")]
    [InlineData("compressed file empty")]
    [InlineData("compressed file of an earlier state")]
    public async Task An_interruption_between_any_two_steps_heals_in_the_next_run(string state)
    {
        Write("old.log", 8);
        var whole = Compressed(Lines("old.log"));
        switch (state)
        {
            case "left temporary file":
                await File.WriteAllBytesAsync(At($".{Guid.NewGuid():N}.rotating"), whole[..100], Token);
                File.SetLastWriteTimeUtc(Directory.GetFiles(Logs, "*.rotating")[0], (Now - TimeSpan.FromHours(1)).UtcDateTime);
                break;
            case "both present":
                await File.WriteAllBytesAsync(At("old.log.gz"), whole, Token);
                break;
            case "compressed file cut short":
                await File.WriteAllBytesAsync(At("old.log.gz"), whole[..(whole.Length / 2)], Token);
                break;
            case "compressed file empty":
                await File.WriteAllBytesAsync(At("old.log.gz"), [], Token);
                break;
            default:
                await File.WriteAllBytesAsync(At("old.log.gz"), Compressed(Lines("old.log")[..700]), Token);
                break;
        }

        var records = await RotateAsync();
        Assert.All(records, record => Assert.Equal(StepState.Done, record.State));
        Assert.Equal(["old.log.gz"], Names());
        Assert.Equal(Lines("old.log"), Unpacked("old.log.gz"));
        Assert.Empty(await RotateAsync());
    }

    [Fact]
    public async Task A_compressed_file_with_other_content_is_never_replaced()
    {
        Write("app.log", 8);
        await File.WriteAllBytesAsync(At("app.log.gz"), Compressed("another day's log"), Token);
        await File.WriteAllTextAsync(At("app.2.log.gz"), "no gzip at all", Token);
        Assert.Equal("app.3.log.gz", Assert.Single(await RotateAsync()).NewName);
        Assert.Equal("another day's log", Unpacked("app.log.gz"));
        Assert.Equal("no gzip at all", await File.ReadAllTextAsync(At("app.2.log.gz"), Token));
        Assert.Equal(Lines("app.log"), Unpacked("app.3.log.gz"));
    }

    [Fact]
    public async Task What_somebody_is_just_putting_there_is_not_touched()
    {
        var name = Guid.NewGuid().ToString("N");
        Write($".{name}.tmp", 91);
        Write($"report.md.{name}.tmp", 91);
        Write($".{name}.rotating", 0.001);
        Assert.Empty(await RotateAsync());
        Assert.Equal(3, Names().Length);
    }

    [Fact]
    public async Task A_name_from_outside_does_no_harm()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Such names cannot be there.");
        string[] names = ["line\nfeed.log", "\e[31mred.log", "quo\"te's.log", "-rf", "$(reboot).log", "ünï ☃.log", " .log", "a\\b.log", "%s%n.log"];
        foreach (var name in names)
        {
            Write(name, 8);
        }

        var records = await RotateAsync();
        Assert.All(records, record => Assert.Equal(StepState.Done, record.State));
        Assert.Equal(names.Order(StringComparer.Ordinal), records.Select(record => record.Name).Order(StringComparer.Ordinal));
        Assert.Equal(names.Select(name => $"{name}.gz").Order(StringComparer.Ordinal), Names());
    }

    [Fact]
    public async Task What_fails_with_one_file_does_not_stop_the_others()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The limit of names is another there.");
        // Its compressed file would have a name that is too long.
        var longest = new string('x', 254);
        Write(longest, 9);
        Write("old.log", 8);
        var records = await RotateAsync();
        Assert.Equal([StepState.Failed, StepState.Done], records.Select(record => record.State));
        Assert.Equal((HealthStatus.Warning, MaintenanceErrorCode.FileUnavailable), (records[0].Status, records[0].Error));
        Assert.NotNull(records[0].Recommendation);
        Assert.Equal(["old.log.gz", longest], Names());
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_an_error()
    {
        var missing = Path.Combine(_home, "none");
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => RotateAsync(Usual with { Path = missing }));
        Assert.Equal(MaintenanceErrorCode.StoreNotFound, exception.Code);
        Assert.Contains(missing, exception.Message, StringComparison.Ordinal);
        Assert.Equal(MaintenanceErrorCode.StoreNotFound, (await Assert.ThrowsAsync<MaintenanceException>(() => RotateAsync(Usual with { Path = Write("file.log", 0) }))).Code);
    }

    [Fact]
    public async Task A_rule_that_makes_no_sense_touches_nothing()
    {
        Write("old.log", 400);
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => RotateAsync(new LogRotationRule { CompressAfter = TimeSpan.FromDays(9), DeleteAfter = TimeSpan.FromDays(8) }));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, exception.Code);
        Assert.Equal(["old.log"], Names());
    }

    [Fact]
    public async Task A_second_rotation_of_the_folder_is_refused_while_the_first_runs()
    {
        Write("old.log", 8);
        MaintenanceException? refused = null;
        await RotateAsync(confirm: async _ =>
        {
            refused = await Assert.ThrowsAsync<MaintenanceException>(() => RotateAsync(service: NewService()));
            return true;
        });
        Assert.Equal(MaintenanceErrorCode.AlreadyRunning, refused!.Code);
        Assert.Equal(["old.log.gz"], Names());
        Assert.Empty(Directory.GetFiles(Path.Combine(_home, "locks")));
    }

    [Fact]
    public async Task Two_that_come_together_without_a_common_lock_lose_nothing()
    {
        var names = Enumerable.Range(0, 60).Select(i => $"app-{i:00}.log").ToList();
        names.ForEach(name => Write(name, 8));
        Write("ancient.log", 91);
        // As two machines would, on one share.
        var results = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Run(() => RotateAsync(service: new LogRotationService(TimeProvider.System, Path.Combine(_home, $"locks{i}"))))));
        Assert.DoesNotContain(results.SelectMany(records => records), record => record.State == StepState.Failed);
        // What one was kept from by another is finished by the next run.
        await RotateAsync();
        // Without a lock two may compress the same file at the same moment, and then keep both; what is in them is the same.
        var compressed = Names().GroupBy(name => name.Replace(".2.log.gz", ".log.gz", StringComparison.Ordinal).Replace(".3.log.gz", ".log.gz", StringComparison.Ordinal)).ToList();
        Assert.Equal(names.Select(name => $"{name}.gz"), compressed.Select(group => group.Key).Order(StringComparer.Ordinal));
        Assert.All(compressed, group => Assert.All(group, name => Assert.Equal(Lines(group.Key[..^3]), Unpacked(name))));
    }

    [Fact]
    public async Task Stopped_in_the_middle_nothing_is_half_done()
    {
        for (var i = 0; i < 20; i++)
        {
            Write($"app-{i:00}.log", 8);
        }

        using var stop = new CancellationTokenSource();
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var record in _service.RotateAsync(null, Usual with { Path = Logs }, _ => Task.FromResult(true), Calls.Silent(), stop.Token))
            {
                if (++seen == 3)
                {
                    await stop.CancelAsync();
                }
            }
        });
        Assert.Equal(3, Names().Count(name => name.EndsWith(".gz", StringComparison.Ordinal)));
        Assert.Equal(20, Names().Length);
        Assert.Equal(17, (await RotateAsync()).Count);
    }

    [Fact]
    public async Task A_log_of_some_size_survives_byte_for_byte()
    {
        var path = At("big.log");
        var content = new byte[20 * 1024 * 1024 + 17];
        RandomNumberGenerator.Fill(content.AsSpan(0, content.Length / 4));
        await File.WriteAllBytesAsync(path, content, Token);
        File.SetLastWriteTimeUtc(path, (Now - TimeSpan.FromDays(8)).UtcDateTime);
        Assert.Equal(StepState.Done, Assert.Single(await RotateAsync()).State);
        await using var file = File.OpenRead(At("big.log.gz"));
        await using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        Assert.Equal(SHA256.HashData(content), await SHA256.HashDataAsync(unpacked, Token));
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    // As the store does it: two of one content are the same bytes.
    private static byte[] Compressed(string text)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return result.ToArray();
    }
}
