using System.Text;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Security.Scan.Secrets;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security.Scan;

/// <summary>The scanners for secrets that need nothing installed: over real folders and real git repositories.</summary>
public sealed class OwnSecretScannerTests
{
    private const string Files = "maintenance";
    private const string History = "maintenance-history";

    [Fact]
    public async Task A_folder_without_secrets_passes_and_says_what_was_and_was_not_read()
    {
        using var scene = new SourceScene();
        scene.Write("a.js", "const a = 1\n");
        scene.Write("node_modules/x/b.js", $"const hook = '{SourceScene.Webhook}'\n");
        scene.Write(".git/config", $"url = {SourceScene.Webhook}\n");
        scene.WriteBytes("logo.png", [1, 0, 2, .. Encoding.UTF8.GetBytes(SourceScene.Webhook)]);
        var finding = Assert.Single(await scene.ScanAsync(Files));
        Assert.Equal(FindingOutcome.Pass, finding.Outcome);
        Assert.Equal("maintenance: app", finding.Scope);
        Assert.Equal(1L, finding.Evidence["Examined"]);
        Assert.Contains("git's history", finding.Message, StringComparison.Ordinal);
        Assert.Contains("1 binary", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_found_wherever_they_lie_and_never_shown()
    {
        using var scene = new SourceScene();
        scene.Write("src/deep/notify.js", $"// one\nconst hook = '{SourceScene.Webhook}'\n");
        scene.Write(".env", $"SUPABASE_SERVICE_ROLE_KEY={SourceScene.ServiceRole}\n");
        scene.WriteBytes("windows.ps1", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes($"$hook = '{SourceScene.Webhook}'\r\n")]);
        var findings = await scene.ScanAsync(Files);
        Assert.Equal([".env", "src/deep/notify.js", "windows.ps1"], findings.Select(finding => finding.Subject!).Order(StringComparer.Ordinal));
        Assert.All(findings, finding => Assert.Equal("SECRET-FOUND", finding.Id));
        Assert.Equal(FindingSeverity.Critical, findings.Single(finding => finding.Subject == ".env").Severity);
        Assert.Equal("src/deep/notify.js, line 2: Maintenance found a secret by its rule slack-webhook.", findings.Single(finding => finding.Subject == "src/deep/notify.js").Message);
    }

    [Fact]
    public async Task It_stays_the_same_finding_when_lines_move_and_on_another_machine()
    {
        async Task<IEnumerable<string>> PrintsAsync(string before)
        {
            using var scene = new SourceScene();
            scene.Write("a.js", $"{before}a = '{SourceScene.Webhook}'\n{before}b = '{SourceScene.Webhook}'\n");
            return (await scene.ScanAsync(Files)).Select(finding => finding.Fingerprint);
        }

        var prints = await PrintsAsync("");
        Assert.Equal(2, prints.Distinct().Count());
        Assert.Equal(prints, await PrintsAsync("// moved\n\n"));
    }

    [Fact]
    public async Task One_file_alone_is_scanned_and_a_folder_without_text_is_unknown()
    {
        using var scene = new SourceScene();
        scene.Write("a.env", $"HOOK={SourceScene.Webhook}\n");
        Assert.Equal("a.env", Assert.Single(await scene.ScanAsync(Files, path: Path.Combine(scene.Root, "a.env"))).Subject);
        scene.WriteBytes("empty/a.bin", [0, 1]);
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(await scene.ScanAsync(Files, path: Path.Combine(scene.Root, "empty"))).Outcome);
    }

    [Theory]
    [InlineData(".env", true)]
    [InlineData("prod.env", true)]
    [InlineData(".pgpass", true)]
    [InlineData("a.bin", false)]
    public async Task A_file_for_secrets_is_read_whatever_its_bytes_look_like(string name, bool isRead)
    {
        using var scene = new SourceScene();
        scene.Write("a.js", "1");
        scene.WriteBytes(name, [0, (byte)'\n', .. Encoding.UTF8.GetBytes($"db:5432:app:app:{SourceScene.Webhook}\n")]);
        Assert.Equal(isRead ? FindingOutcome.Fail : FindingOutcome.Pass, Assert.Single(await scene.ScanAsync(Files)).Outcome);
    }

    [Fact]
    public async Task Of_a_folder_within_a_repository_the_history_of_that_folder_is_looked_at()
    {
        using var scene = await RepositoryAsync();
        scene.Write("inner/deep/notify.js", $"const hook = '{SourceScene.Webhook}'\n");
        scene.Write("outer.js", $"const hook = '{SourceScene.Webhook}'\n");
        await CommitAsync(scene);
        scene.Write("inner/deep/notify.js", "1\n");
        await CommitAsync(scene);

        var finding = Assert.Single(await scene.ScanAsync(History, SearchPath.Find, path: Path.Combine(scene.Root, "inner")));

        Assert.Equal(("deep/notify.js", "maintenance-history: inner"), (finding.Subject, finding.Scope));
        Assert.Contains(await scene.ScanAsync(null, SearchPath.Find, path: Path.Combine(scene.Root, "inner")), one => one.Scope == "maintenance-history: inner");
    }

    [Fact]
    public async Task Links_are_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        using var scene = new SourceScene();
        using var elsewhere = new TemporaryFolder();
        File.WriteAllText(Path.Combine(elsewhere.Path, "a.js"), $"'{SourceScene.Webhook}'");
        scene.Write("b.js", "1");
        Directory.CreateSymbolicLink(Path.Combine(scene.Root, "out"), elsewhere.Path);
        Directory.CreateSymbolicLink(Path.Combine(scene.Root, "circle"), scene.Root);
        File.CreateSymbolicLink(Path.Combine(scene.Root, "file.js"), Path.Combine(elsewhere.Path, "a.js"));
        Assert.Equal(FindingOutcome.Pass, Assert.Single(await scene.ScanAsync(Files)).Outcome);
    }

    [Fact]
    public async Task What_cannot_be_read_is_a_problem_beside_what_was_found()
    {
        using var scene = new SourceScene();
        scene.Write("a.js", $"'{SourceScene.Webhook}'");
        scene.Write("b/locked.js", "1");
        scene.Write("b/gone.js", "1");
        var scanner = new SourceFilesScanner(path => path.EndsWith("a.js", StringComparison.Ordinal) ? File.OpenRead(path)
            : throw (path.EndsWith("gone.js", StringComparison.Ordinal) ? new FileNotFoundException() : new UnauthorizedAccessException()));
        var reading = await scanner.ScanAsync(scene.Root, TestContext.Current.CancellationToken);
        Assert.Equal("a.js", Assert.Single(reading.Flaws).Subject);
        Assert.Equal("2 could not be read, such as b/gone.js", reading.Problem);
    }

    [Fact]
    public async Task A_pipe_among_the_files_is_not_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are none.");
        using var scene = new SourceScene();
        scene.Write("a.js", "1");
        var made = await new ProgramCall("mkfifo", [Path.Combine(scene.Root, "pipe")], scene.Root).RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, made.ExitCode);
        Assert.Equal(FindingOutcome.Pass, Assert.Single(await scene.ScanAsync(Files, timeout: TimeSpan.FromMinutes(1))).Outcome);
    }

    [Fact]
    public async Task A_file_too_large_to_be_read_is_unknown()
    {
        using var scene = new SourceScene();
        scene.Write("a.js", "1");
        await using (var large = File.Create(Path.Combine(scene.Root, "dump.sql")))
        {
            large.SetLength(SourceFilesScanner.MostBytes + 1);
        }

        Assert.Contains("such as dump.sql", Assert.Single(await scene.ScanAsync(Files)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_of_files_break_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Such names cannot be there.");
        using var scene = new SourceScene();
        scene.Write("a\n\u001b[2J'\"<b>;--.js", $"'{SourceScene.Webhook}'");
        Assert.Equal("a '\"<b>;--.js", Assert.Single(await scene.ScanAsync(Files)).Subject);
    }

    [Fact]
    public async Task What_was_deleted_and_what_no_branch_has_is_found_in_history()
    {
        using var scene = await RepositoryAsync();
        scene.Write("src/notify.js", $"const hook = '{SourceScene.Webhook}'\n");
        await CommitAsync(scene);
        scene.Write("src/notify.js", $"const hook = '{SourceScene.Webhook}' // changed\n");
        await CommitAsync(scene);
        scene.Write("src/notify.js", "const hook = env.HOOK\n");
        await CommitAsync(scene);
        await scene.GitAsync("checkout", "-q", "-b", "gone");
        scene.Write(".env", $"SUPABASE_SERVICE_ROLE_KEY={SourceScene.ServiceRole}\n");
        await CommitAsync(scene);
        await scene.GitAsync("checkout", "-q", "main");
        await scene.GitAsync("branch", "-q", "-D", "gone");
        var findings = await scene.ScanAsync(History, SearchPath.Find);
        Assert.Equal([".env", "src/notify.js"], findings.Select(finding => finding.Subject!).Order(StringComparer.Ordinal));
        var notify = findings.Single(finding => finding.Subject == "src/notify.js");
        Assert.Equal(2, notify.Evidence["Versions"]);
        Assert.Contains("2 versions", notify.Message, StringComparison.Ordinal);
        Assert.Equal(FindingOutcome.Pass, Assert.Single(await scene.ScanAsync(Files)).Outcome);
    }

    [Fact]
    public async Task A_history_without_secrets_passes_and_one_that_is_cut_off_is_unknown()
    {
        using var scene = await RepositoryAsync();
        scene.Write("a.js", "password = process.env.password1\n");
        scene.WriteBytes("b.bin", [.. Enumerable.Range(0, 100_000).Select(index => (byte)index)]);
        scene.Write("empty.txt", "");
        await CommitAsync(scene);
        scene.Write("a.js", "2\n");
        await CommitAsync(scene);
        Assert.Equal(FindingOutcome.Pass, Assert.Single(await scene.ScanAsync(History, SearchPath.Find)).Outcome);

        await scene.GitAsync("clone", "-q", "--depth", "1", $"file://{scene.Root}", "shallow");
        var finding = Assert.Single(await scene.ScanAsync(History, SearchPath.Find, path: Path.Combine(scene.Root, "shallow")));
        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
        Assert.Contains("shallow", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_s_own_configuration_runs_nothing()
    {
        using var scene = await RepositoryAsync();
        scene.Write("a.js", "1\n");
        scene.Write(".gitattributes", "* diff=evil filter=evil\n");
        await scene.GitAsync("config", "diff.evil.textconv", "touch ran");
        await CommitAsync(scene);
        await scene.GitAsync("config", "core.pager", "touch ran");
        await scene.GitAsync("config", "core.fsmonitor", "touch ran");
        await scene.GitAsync("config", "filter.evil.smudge", "touch ran");
        File.Delete(Path.Combine(scene.Root, "ran"));
        await scene.ScanAsync(History, SearchPath.Find);
        Assert.False(File.Exists(Path.Combine(scene.Root, "ran")));
    }

    [Fact]
    public async Task A_broken_repository_and_a_missing_git_are_unknown()
    {
        using var scene = new SourceScene();
        scene.Write(".git/HEAD", "nonsense");
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(await scene.ScanAsync(History, SearchPath.Find)).Outcome);
        var reading = await new GitHistoryScanner(_ => null).ScanAsync(scene.Root, TestContext.Current.CancellationToken);
        Assert.Contains("no program git", reading.Problem, StringComparison.Ordinal);
    }

    private static async Task<SourceScene> RepositoryAsync()
    {
        var scene = new SourceScene();
        await SandboxFixture.OrSkipAsync(async () =>
        {
            await scene.GitAsync("init", "-q");
            return true;
        });
        return scene;
    }

    private static async Task CommitAsync(SourceScene scene)
    {
        await scene.GitAsync("add", "-A");
        await scene.GitAsync("commit", "-q", "-m", "a step");
    }
}
