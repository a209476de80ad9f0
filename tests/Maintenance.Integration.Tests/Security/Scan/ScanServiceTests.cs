using System.Diagnostics;
using System.Text;
using Maintenance.Engine.Security.Audit;
using Maintenance.Engine.Security.Scan;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security.Scan;

/// <summary>Running scanners: whatever a program does, nothing found is told only where it ran to its end and said so.</summary>
public sealed class ScanServiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RecordingSink _told = new();
    private readonly string _source;

    public ScanServiceTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The scanners of these tests are scripts of the shell.");
        _source = Directory.CreateDirectory(Path.Combine(_folder.Path, "shop")).FullName;
        File.WriteAllText(Path.Combine(_source, "x.lock"), "");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Script(string body, string name = "scanner")
    {
        _folder.Write(name, $"#!/bin/sh\n[ \"$1\" = --version ] && {{ echo '{name} 1.2.3'; exit 0; }}\n{body}\n");
        return Path.Combine(_folder.Path, name);
    }

    private static ScanService Service(params Scanner[] scanners) => new(TimeProvider.System, scanners, program => File.Exists(program) ? program : null);

    private Task<IReadOnlyList<Finding>> ScanAsync(ScanService service, ScanQuery? query = null, TimeSpan? timeout = null) =>
        service.ScanAsync(query ?? Query(), Calls.To(_told, timeout), Token);

    private ScanQuery Query(params string[]? scanners) => new() { Kind = ScanKind.Dependencies, Path = _source, Scanners = scanners is { Length: > 0 } ? scanners : null };

    private async Task<Finding> OneAsync(string body, bool writesFile = false, TimeSpan? timeout = null) =>
        Assert.Single(await ScanAsync(Service(new ScriptScanner(Script(body), writesFile)), null, timeout));

    [Fact]
    public async Task What_a_scanner_says_is_told_with_its_version()
    {
        var finding = await OneAsync("echo clean");

        Assert.Equal((FindingOutcome.Pass, "script found nothing in shop.", "script: shop"), (finding.Outcome, finding.Message, finding.Scope));
        Assert.Equal("scanner 1.2.3", finding.Evidence["Version"]);
        Assert.Equal(FindingOutcome.Fail, (await OneAsync("echo 'flaw one'; exit 1")).Outcome);
        Assert.Contains(_told.VerboseMessages, message => message.Contains("script scanner 1.2.3 on shop: 1 found", StringComparison.Ordinal));
        Assert.True(_told.ProgressUpdates.Last().Completed);
    }

    [Fact]
    public async Task A_result_can_be_a_file() => Assert.Equal(FindingOutcome.Pass, (await OneAsync("echo noise; echo clean > \"$2\"", writesFile: true)).Outcome);

    [Theory]
    [InlineData("exit 0", "its result is empty; ")]
    [InlineData("echo 'cannot open' >&2; exit 3", "ended with exit code 3: cannot open")]
    [InlineData("echo nonsense", "its result cannot be read: it is neither clean nor flaws")]
    [InlineData("echo clean; kill -9 $$", "exit code 137")]
    public async Task A_scanner_that_fails_has_told_nothing(string body, string said)
    {
        var finding = await OneAsync(body);

        Assert.Equal((FindingOutcome.Unknown, HealthStatus.Unknown), (finding.Outcome, finding.Status));
        Assert.Contains(said, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_file_that_was_not_written_is_told() => Assert.Contains("wrote no result: it broke", (await OneAsync("echo it broke >&2", writesFile: true)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_scanner_that_is_missing_or_no_program_is_unknown()
    {
        var missing = Assert.Single(await ScanAsync(Service(new ScriptScanner(Path.Combine(_folder.Path, "nowhere")))));
        _folder.Write("data", "\u007fELF nothing of the kind");
        var broken = Assert.Single(await ScanAsync(Service(new ScriptScanner(Path.Combine(_folder.Path, "data")))));

        Assert.Contains("there is no program", missing.Message, StringComparison.Ordinal);
        Assert.Contains("could not be run", broken.Message, StringComparison.Ordinal);
        Assert.All([missing, broken], finding => Assert.Equal(FindingOutcome.Unknown, finding.Outcome));
    }

    [Fact]
    public async Task A_scanner_that_hangs_is_ended_with_all_that_it_started()
    {
        var pids = Path.Combine(_folder.Path, "pids");

        var finding = await OneAsync($"sleep 600 & echo $! > '{pids}.part'; echo $$ >> '{pids}.part'; mv '{pids}.part' '{pids}'; wait", timeout: TimeSpan.FromSeconds(3));

        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
        Assert.Contains("it did not end in the time there was", finding.Message, StringComparison.Ordinal);
        Assert.All(await File.ReadAllLinesAsync(pids, Token), pid => Assert.True(HasEnded(int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture))));
    }

    // A child whose parent was ended with it may stay in the table until somebody asks how it ended.
    private static bool HasEnded(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1][0] is 'Z' or 'X';
        }
        catch (IOException)
        {
            return true;
        }
    }

    [Fact]
    public async Task A_cancelled_scan_is_a_cancellation_and_no_finding()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var started = Path.Combine(_folder.Path, "started");
        var scan = Service(new ScriptScanner(Script($"touch '{started}'; sleep 600"))).ScanAsync(Query(), Calls.To(_told), stop.Token);
        while (!File.Exists(started))
        {
            await Task.Delay(20, Token);
        }

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan);
    }

    [Fact]
    public async Task What_it_left_behind_does_not_hold_the_scan_up()
    {
        var pid = Path.Combine(_folder.Path, "pid");

        var finding = await OneAsync($"echo clean; sleep 600 & echo $! > '{pid}'", timeout: TimeSpan.FromMinutes(2));

        using (var left = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(pid, Token), System.Globalization.CultureInfo.InvariantCulture)))
        {
            left.Kill();
        }

        Assert.Equal(FindingOutcome.Pass, finding.Outcome);
    }

    [Fact]
    public async Task Two_hundred_megabytes_of_output_and_of_errors_are_read_without_being_held()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var finding = await OneAsync("head -c 200000000 /dev/zero | tr '\\0' 'e' >&2; yes 'clean' | head -c 200000004; exit 2");

        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
        Assert.Contains("exit code 2: eee", finding.Message, StringComparison.Ordinal);
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 100_000_000);
    }

    [Fact]
    public async Task A_result_larger_than_what_is_read_is_not_read_in_part()
    {
        var program = Script("yes clean");
        var runner = new ScannerRunner(_ => program, mostBytes: 1_000_000);

        var reading = await runner.RunAsync(new ScriptScanner(program), _source, _ => { }, Token);

        Assert.Contains("was not read", reading.Problem, StringComparison.Ordinal);
        Assert.Empty(reading.Flaws);
    }

    [Fact]
    public async Task The_scanner_sees_the_users_environment_and_runs_where_the_files_are()
    {
        Environment.SetEnvironmentVariable("PGSCANTEST", "mine");
        try
        {
            Assert.Equal(FindingOutcome.Pass, (await OneAsync("[ \"$PGSCANTEST\" = mine ] && [ -f x.lock ] && echo clean")).Outcome);
        }
        finally
        {
            Environment.SetEnvironmentVariable("PGSCANTEST", null);
        }
    }

    [Fact]
    public async Task Nothing_of_a_scan_stays_in_the_temporary_folder()
    {
        var kept = Path.Combine(_folder.Path, "where");

        await OneAsync($"dirname \"$2\" > '{kept}'; echo clean");

        Assert.False(Directory.Exists((await File.ReadAllTextAsync(kept, Token)).Trim()));
    }

    [Fact]
    public async Task A_named_scanner_with_nothing_to_read_is_unknown_and_one_that_there_is_not_is_an_error()
    {
        File.Delete(Path.Combine(_source, "x.lock"));
        var service = Service(new ScriptScanner(Script("echo clean")));

        var finding = Assert.Single(await ScanAsync(service, Query("Script")));
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => ScanAsync(service, Query("script", "no\nsuch")));

        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
        Assert.Contains("there is nothing for it, which reads *.lock", finding.Message, StringComparison.Ordinal);
        Assert.Equal((MaintenanceErrorCode.InvalidArgument, "There is no scanner 'no such' here."), (error.Code, error.Message));
        Assert.Contains("script", error.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_nothing_for_any_scanner_is_unknown_and_says_what_was_looked_for()
    {
        File.Delete(Path.Combine(_source, "x.lock"));

        var finding = Assert.Single(await ScanAsync(Service(new ScriptScanner(Script("echo clean")))));

        Assert.Equal((FindingOutcome.Unknown, "shop"), (finding.Outcome, finding.Scope));
        Assert.Contains("looked for *.lock", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_an_error()
    {
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => ScanAsync(Service(), new ScanQuery { Kind = ScanKind.Dependencies, Path = Path.Combine(_source, "nowhere") }));

        Assert.Equal(MaintenanceErrorCode.FileUnavailable, error.Code);
    }

    [Fact]
    public async Task Less_than_is_wanted_is_left_out_but_never_what_could_not_be_found_out()
    {
        var service = Service(new ScriptScanner(Script("echo flaw; exit 0")), new ScriptScanner(Script("echo 'flaw two'", "second"), name: "second"));

        var finding = Assert.Single(await ScanAsync(service, Query() with { MinimumSeverity = FindingSeverity.High }));

        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
        Assert.Contains(_told.VerboseMessages, message => message.StartsWith("1 findings matter less", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scanners_run_one_after_the_other()
    {
        var log = Path.Combine(_folder.Path, "log");
        string Body(string name) => $"echo begin-{name} >> '{log}'; sleep 0.2; echo end-{name} >> '{log}'; echo clean";

        await ScanAsync(Service(new ScriptScanner(Script(Body("a"), "a"), name: "a"), new ScriptScanner(Script(Body("b"), "b"), name: "b")));

        Assert.Equal(["begin-a", "end-a", "begin-b", "end-b"], await File.ReadAllLinesAsync(log, Token));
    }

    [Theory]
    [InlineData("clean", FindingOutcome.Pass)]
    [InlineData("flaw one", FindingOutcome.Fail)]
    [InlineData("", FindingOutcome.Unknown)]
    [InlineData("something else", FindingOutcome.Unknown)]
    public async Task A_file_is_read_in_place_of_a_run(string text, FindingOutcome expected)
    {
        var file = Path.Combine(_folder.Path, "result.txt");
        await File.WriteAllTextAsync(file, text, new UnicodeEncoding(bigEndian: false, byteOrderMark: text.Length > 0), Token);
        File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        var service = Service(new ScriptScanner("/nowhere"));

        var finding = Assert.Single(await ScanAsync(service, Query() with { ResultPath = file }));

        Assert.Equal(expected, finding.Outcome);
        if (expected != FindingOutcome.Unknown)
        {
            Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), finding.Evidence["WrittenAt"]);
        }

        // Named, it is believed to have written the file, and says what is wrong with it.
        Assert.Equal(expected, Assert.Single(await ScanAsync(service, Query("script") with { ResultPath = file })).Outcome);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_an_error()
    {
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => ScanAsync(Service(new ScriptScanner("/nowhere")), Query() with { ResultPath = Path.Combine(_folder.Path, "none.json") }));

        Assert.Equal(MaintenanceErrorCode.FileUnavailable, error.Code);
    }

    [Fact]
    public async Task The_audit_scans_each_configured_source_and_one_that_is_missing_is_unknown()
    {
        var part = new DependencyPart(Service(new ScriptScanner(Script("echo 'flaw one'"))), TimeProvider.System);
        var nothing = new MaintenanceTarget { Name = "shop" };
        var target = nothing with
        {
            Security = new SecurityPolicy
            {
                Sources =
                [
                    new SourceFolder { Path = _source, Name = "web" },
                    new SourceFolder { Path = Path.Combine(_source, "gone") },
                    new SourceFolder { Path = _source, Name = "other", Scanners = ["gitleaks"] },
                ],
            },
        };

        Assert.Contains("security.sources", part.NotConfigured(nothing), StringComparison.Ordinal);
        Assert.Null(part.NotConfigured(target));
        var findings = await part.CollectAsync(target, Calls.To(_told), Token);

        Assert.Equal([(FindingOutcome.Fail, "script: web"), (FindingOutcome.Unknown, "gone"), (FindingOutcome.Unknown, "other")], findings.Select(finding => (finding.Outcome, finding.Scope!)));
        Assert.All(findings, finding => Assert.Equal("shop", finding.Target));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_hangs_takes_nothing_from_the_others_of_the_audit(bool hangsFirst)
    {
        var hanging = Directory.CreateDirectory(Path.Combine(_folder.Path, "hanging")).FullName;
        await File.WriteAllTextAsync(Path.Combine(hanging, "x.lock"), "", Token);
        var service = Service(new ScriptScanner(Script("case \"$1\" in */hanging) sleep 600;; *) echo 'flaw one';; esac")));
        SourceFolder[] sources = [new SourceFolder { Path = hanging, Name = "hanging" }, new SourceFolder { Path = _source, Name = "web" }];
        var target = new MaintenanceTarget { Name = "shop", Security = new SecurityPolicy { Sources = hangsFirst ? sources : [.. sources.Reverse()] } };
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(24));

        var findings = await new DependencyPart(service, TimeProvider.System).CollectAsync(target, Calls.To(_told, TimeSpan.FromSeconds(24)), limit.Token);

        Assert.Equal(FindingOutcome.Fail, Assert.Single(findings, finding => finding.Scope == "script: web").Outcome);
        var ended = Assert.Single(findings, finding => finding.Scope == "script: hanging");
        Assert.Equal(FindingOutcome.Unknown, ended.Outcome);
        Assert.Contains("it did not end in the time there was", ended.Message, StringComparison.Ordinal);
        Assert.Equal("scanner 1.2.3", ended.Evidence["Version"]);
    }

    [Fact]
    public async Task What_outlives_its_own_parent_is_ended_too()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/setsid"), "Without setsid the tree of processes is all that is known.");
        var pid = Path.Combine(_folder.Path, "pid");

        await OneAsync($"(sleep 600 & echo $! > '{pid}'); sleep 600", timeout: TimeSpan.FromSeconds(8));

        Assert.True(HasEnded(int.Parse(await File.ReadAllTextAsync(pid, Token), System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_program_of_the_project_is_not_run_and_that_is_told()
    {
        var own = Path.Combine(_source, "node_modules", ".bin");
        Directory.CreateDirectory(own);
        await File.WriteAllTextAsync(Path.Combine(own, "nowhere"), "", Token);

        var finding = Assert.Single(await ScanAsync(Service(new ScriptScanner("nowhere"))));

        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
        Assert.Contains("one is installed in the project, which is not run", finding.Message, StringComparison.Ordinal);
        Assert.Contains("on the PATH", finding.Recommendation, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
