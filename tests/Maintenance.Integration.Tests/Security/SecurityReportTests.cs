using System.Net;
using Azure.Storage.Blobs;
using Maintenance.Engine;
using Maintenance.Engine.Configuration;
using Maintenance.Engine.Sandbox;
using Maintenance.Engine.Security.Audit;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security;

/// <summary>Audits as a whole: compared with the one before, published, told, and run as tasks.</summary>
public sealed class SecurityReportTests(SandboxFixture fixture) : IAsyncDisposable
{
    private static readonly SecurityReportQuery OfTheDatabase = new() { Parts = [AuditPart.Catalogue, AuditPart.RowSecurity] };

    private static readonly SecurityReportQuery Whole = new();

    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private MaintenanceTarget Target(SecurityScene scene) =>
        scene.Sandbox.Target.As(database: scene.Database) with { History = new HistorySettings { Path = Path.Combine(_folder, "history.db") }, ArtifactStore = null, Channels = new Dictionary<string, ChannelSettings>() };

    private Task<SecurityAuditReport> AuditAsync(MaintenanceTarget target, SecurityReportQuery? query = null) =>
        _engine.SecurityReports.AuditAsync(target, query ?? OfTheDatabase, Calls.Silent(TimeSpan.FromMinutes(2)), Token);

    private static async Task<SecurityScene> SceneAsync(MaintenanceSandbox sandbox)
    {
        var scene = await SecurityScene.CreateAsync(sandbox);
        await scene.ExecuteAsync("CREATE TABLE public.notes (id int, owner text)");
        await scene.ExecuteAsync("GRANT SELECT ON public.notes TO PUBLIC");
        await scene.ExecuteAsync("CREATE TABLE public.papers (id int, owner text)");
        await scene.ExecuteAsync("GRANT SELECT ON public.papers TO PUBLIC");
        return scene;
    }

    private static FindingState? StateOf(SecurityAuditReport report, string subject) =>
        report.Findings.Concat(report.Fixed).FirstOrDefault(finding => finding.Id == "DBSEC-RLS-OFF" && finding.Subject == subject)?.State;

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_second_audit_says_what_is_new_known_fixed_and_accepted(int major)
    {
        await using var scene = await SceneAsync(await fixture.PostgresAsync(major));
        var target = Target(scene);
        var first = await AuditAsync(target, Whole);
        Assert.Null(first.PreviousAuditAt);
        Assert.Equal((FindingState.New, FindingState.New), (StateOf(first, "public.notes"), StateOf(first, "public.papers")));
        Assert.StartsWith($"{major}", first.ServerVersion, StringComparison.Ordinal);
        Assert.Equal("postgres", first.Role);

        await scene.ExecuteAsync("ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY");
        await scene.ExecuteAsync("CREATE TABLE public.letters (id int, owner text)");
        await scene.ExecuteAsync("GRANT SELECT ON public.letters TO PUBLIC");
        var accepted = new AcceptedFinding { Id = "DBSEC-RLS-OFF", Subject = "public.papers", Until = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(90), By = "A. Nyone", Reason = "public papers" };
        var second = await AuditAsync(target with { Security = target.Security with { Accepted = [accepted] } }, Whole);
        Assert.NotNull(second.PreviousAuditAt);
        Assert.Equal(first.Counts.Failed, second.PreviousCounts!.Failed);
        Assert.Equal((FindingState.Fixed, FindingState.Accepted, FindingState.New), (StateOf(second, "public.notes"), StateOf(second, "public.papers"), StateOf(second, "public.letters")));
        Assert.All(second.Findings.Where(finding => finding is { Id: "DBSEC-DATABASE-PUBLIC", Outcome: FindingOutcome.Fail }), finding => Assert.Equal(FindingState.Known, finding.State));
        Assert.Equal((1, 1), (second.Fixed.Count(IsOfThisDatabase), second.Counts.Accepted));

        var third = await AuditAsync(target);
        Assert.Equal((null, FindingState.Known, FindingState.Known), (StateOf(third, "public.notes"), StateOf(third, "public.papers"), StateOf(third, "public.letters")));
        Assert.DoesNotContain(third.Fixed, IsOfThisDatabase);

        // Roles are the server's, which other tests share: theirs come and go.
        static bool IsOfThisDatabase(Finding finding) => !finding.Id.StartsWith("DBSEC-ROLE-", StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_to_be_recorded_leaves_no_trace()
    {
        await using var scene = await SceneAsync(await fixture.PostgresAsync(15));
        await AuditAsync(Target(scene), Whole with { Record = false });
        Assert.Null((await AuditAsync(Target(scene))).PreviousAuditAt);
    }

    [Fact]
    public async Task An_audit_of_some_parts_is_not_the_audit_before()
    {
        await using var scene = await SceneAsync(await fixture.PostgresAsync(15));
        await AuditAsync(Target(scene));
        var whole = await AuditAsync(Target(scene), Whole);
        Assert.Null(whole.PreviousAuditAt);
        // No audit told of it yet, although it was seen before.
        Assert.Equal(FindingState.New, StateOf(whole, "public.notes"));
        var part = await AuditAsync(Target(scene));
        Assert.Equal(FindingState.Known, StateOf(part, "public.notes"));
        Assert.Equal(part.PreviousAuditAt, (await AuditAsync(Target(scene))).PreviousAuditAt);
    }

    [Fact]
    public async Task Findings_from_the_pipeline_are_compared_and_a_failed_scanner_is_unknown()
    {
        await using var scene = await SceneAsync(await fixture.PostgresAsync(15));
        var target = Target(scene);
        await AuditAsync(target, Whole);
        var found = await scene.AuditAsync();
        var crashed = found[0] with { Id = "SECRET-FOUND", Scope = "gitleaks: web", Outcome = FindingOutcome.Unknown, Severity = FindingSeverity.High, Subject = "web", Message = "gitleaks could not tell: it crashed." };
        var report = await AuditAsync(target, new SecurityReportQuery { Findings = [.. found, crashed] });
        Assert.Equal(FindingState.Known, StateOf(report, "public.notes"));
        var line = report.Sections[1].Lines.Single(line => line.Text == "Source code holds no secrets");
        Assert.Equal((FindingOutcome.Unknown, "gitleaks could not tell: it crashed."), (line.Outcome, line.Evidence));
        Assert.Equal([AuditPart.Catalogue, AuditPart.Secrets], report.Parts.Where(part => part.IsLookedAt).Select(part => part.Part));
        Assert.Null(report.ServerVersion);

        // A choice of findings: what was left out is not gone, now or in the audit after.
        var chosen = await AuditAsync(target, new SecurityReportQuery { Findings = [.. found.Where(finding => finding.Id != "DBSEC-RLS-OFF" || finding.Subject != "public.notes")] });
        Assert.Equal((0, true), (chosen.Counts.Fixed, chosen.IsFromPipeline));
        Assert.Contains(chosen.NotChecked, finding => finding.Subject == "public.notes");
        Assert.Equal(FindingState.Known, StateOf(await AuditAsync(target, Whole), "public.notes"));
    }

    [Fact]
    public async Task A_history_that_cannot_be_read_is_told_and_the_audit_is_made()
    {
        await using var scene = await SceneAsync(await fixture.PostgresAsync(15));
        await File.WriteAllTextAsync(Path.Combine(_folder, "history.db"), new string('x', 5000), Token);
        var report = await AuditAsync(Target(scene));
        Assert.Contains(report.Findings, finding => finding is { Id: "AUDIT-HISTORY", Outcome: FindingOutcome.Unknown });
        Assert.Equal(FindingState.Untracked, StateOf(report, "public.notes"));
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_unknown_in_every_line_it_would_answer()
    {
        var target = new MaintenanceTarget
        {
            Name = "gone",
            Database = new DatabaseSettings { Host = "127.0.0.1", Port = 1, Database = "x", Username = "x" },
            History = new HistorySettings { Path = Path.Combine(_folder, "history.db") },
        };
        var report = await AuditAsync(target);
        Assert.Equal(HealthStatus.Unknown, report.Status);
        Assert.All(["AUDIT-CATALOGUE", "AUDIT-ROW-SECURITY"], id => Assert.Contains(report.Findings, finding => finding.Id == id && finding.Recommendation is not null));
        Assert.DoesNotContain(report.Sections.SelectMany(section => section.Lines), line => line.Outcome == FindingOutcome.Pass && line.Group is not "Every audit");
    }

    [Fact]
    public async Task The_report_is_published_with_its_metadata_beside_an_earlier_one_and_that_it_can_be_changed_is_said()
    {
        var container = $"c{Guid.NewGuid():N}";
        var azurite = await fixture.AzuriteAsync();
        var target = new MaintenanceTarget { Name = "production", AuditStore = azurite.Target.BackupStore! with { Container = container, Prefix = "" }, History = new HistorySettings { Kind = HistoryKind.None } };
        var report = await _engine.SecurityReports.AuditAsync(target, new SecurityReportQuery { Findings = [], WillPublish = true }, Calls.Silent(), Token);
        Assert.Equal(FindingOutcome.Fail, report.Findings.Single(finding => finding.Id == AuditPublisher.NotImmutable).Outcome);
        var month = report.CollectedAt.UtcDateTime.ToString("yyyyMM", System.Globalization.CultureInfo.InvariantCulture);
        var first = await _engine.SecurityReports.PublishAsync(target, report, Calls.Silent(), Token);
        Assert.Equal(new[] { "md", "html", "json", "sarif" }.Select(extension => $"monthly-audits/security-audit-{month}.{extension}"), first.Published.Select(artifact => artifact.Name));
        var second = await _engine.SecurityReports.PublishAsync(target, report, Calls.Silent(), Token);
        Assert.All(second.Published, artifact => Assert.Equal(ArtifactState.KeptBoth, artifact.State));
        Assert.Equal($"monthly-audits/security-audit-{month}.2.md", second.Published[0].Name);

        var connection = await Secrets.ReadAsync(target.AuditStore.ConnectionString!, Calls.Silent().Secrets, Token);
        var properties = (await new BlobContainerClient(connection, container).GetBlobClient(first.Published[0].Name).GetPropertiesAsync(cancellationToken: Token)).Value;
        Assert.Equal(("confidential", "7years", month, first.Published[0].Sha256), (properties.Metadata["classification"], properties.Metadata["retention"], properties.Metadata["period"], properties.Metadata["sha256"]));
        Assert.Equal("text/markdown; charset=utf-8", properties.ContentType);
    }

    [Fact]
    public async Task Without_an_audit_store_the_artefact_store_takes_it_in_a_folder_of_its_own_and_without_either_that_is_an_error()
    {
        var target = new MaintenanceTarget { Name = "production", ArtifactStore = new StoreSettings { Path = Path.Combine(_folder, "artifacts") }, History = new HistorySettings { Kind = HistoryKind.None } };
        var report = await _engine.SecurityReports.AuditAsync(target, new SecurityReportQuery { Findings = [], WillPublish = true }, Calls.Silent(), Token);
        var published = await _engine.SecurityReports.PublishAsync(target, report, Calls.Silent(), Token);
        Assert.All(published.Published, artifact => Assert.StartsWith("security-audits/monthly-audits/security-audit-", artifact.Name, StringComparison.Ordinal));
        Assert.True(File.Exists(published.Published[1].Location));
        Assert.Contains("It is a folder", report.Findings.Single(finding => finding.Id == AuditPublisher.NotImmutable).Message, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => _engine.SecurityReports.PublishAsync(target with { ArtifactStore = null }, report, Calls.Silent(), Token));
        Assert.Equal(MaintenanceErrorCode.NotConfigured, error.Code);
    }

    [Fact]
    public async Task The_tasks_audit_publish_and_tell_the_security_channel()
    {
        await using var scene = await SceneAsync(await fixture.PostgresAsync(15));
        var sink = new NotificationSink(Path.Combine(_folder, "notifications"), TimeProvider.System);
        await using var http = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>> { ["hooks"] = sink.AnswerAsync });
        ChannelSettings Channel(string name) => new() { Webhook = SecretReference.FromSecureString(new NetworkCredential("", $"http://127.0.0.1:{http.Port}/hooks/{name}/{sink.Token}").SecurePassword) };
        var target = Target(scene) with
        {
            ArtifactStore = new StoreSettings { Path = Path.Combine(_folder, "artifacts") },
            Channels = new Dictionary<string, ChannelSettings> { ["Default"] = Channel("Default"), ["Security"] = Channel("Security") },
        };

        var run = await _engine.Tasks.RunAsync(target, "SecurityAudit", new() { Approval = new() { By = "a test" } }, Calls.Silent(TimeSpan.FromMinutes(5)), Token);
        Assert.Equal(HealthStatus.Critical, run.Status);
        Assert.Equal(StepState.Done, run.Steps.Single(step => step.Name == SecurityAuditTask.ReportStep).State);
        Assert.Equal(4, Directory.GetFiles(Path.Combine(_folder, "artifacts", "security-audits", "monthly-audits"), "security-audit-*").Count(file => !file.EndsWith(".metadata.json", StringComparison.Ordinal)));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_folder, "artifacts", "security-logs"), "*.md"));
        var told = Assert.Single(sink.Received);
        Assert.Equal("Security", told.Channel);
        Assert.Contains("DBSEC-RLS-OFF", told.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("public.notes", told.Body, StringComparison.Ordinal);
        Assert.Contains(run.Findings, finding => finding is { Id: "DBSEC-RLS-OFF", State: FindingState.New });

        var recorded = new List<MaintenanceRun>();
        await foreach (var item in _engine.History.ReadAsync(target, new HistoryQuery(), Calls.Silent(), Token))
        {
            recorded.Add(item);
        }

        Assert.Contains(Assert.Single(recorded).Findings, finding => finding is { Id: "DBSEC-RLS-OFF", State: FindingState.New, FirstSeenAt: not null });

        var scan = await _engine.Tasks.RunAsync(target, "SecurityScan", new(), Calls.Silent(TimeSpan.FromMinutes(5)), Token);
        Assert.Equal(["Catalogue", "Row security", "Dependencies", "Secrets", "Code"], scan.Steps.Take(5).Select(step => step.Name));
        Assert.Contains(scan.Findings, finding => finding is { Id: "DBSEC-RLS-OFF", State: FindingState.Known });
        Assert.All(scan.Steps.Where(step => step.Name is "Dependencies" or "Secrets" or "Code"), step => Assert.Equal((StepState.Skipped, HealthStatus.Unknown), (step.State, step.Status)));
        // The audit told all of it.
        Assert.All(scan.Findings.Where(finding => finding.Outcome == FindingOutcome.Unknown), finding => Assert.Equal(FindingState.Known, finding.State));
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
