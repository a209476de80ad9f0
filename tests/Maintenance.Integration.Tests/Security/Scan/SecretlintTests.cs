using Maintenance.Engine.Programs;

namespace Maintenance.IntegrationTests.Security.Scan;

/// <summary>The real secretlint, run by the module and read from files.</summary>
public sealed class SecretlintTests(SecretlintFixture fixture) : IClassFixture<SecretlintFixture>
{
    private const string Name = "secretlint";

    private async Task<Func<string, string?>> FindAsync()
    {
        var program = await fixture.ProgramAsync();
        return wanted => wanted == Name ? program : null;
    }

    [Fact]
    public async Task It_finds_what_is_there_with_the_recommended_rules_and_shows_nothing_of_it()
    {
        using var scene = new SourceScene();
        scene.Write("src/notify.js", $"// one\nconst hook = '{SourceScene.Webhook}'\n");
        scene.Write(".env", $"HOOK={SourceScene.Webhook}\n");
        scene.Write("ok.js", "1\n");
        var findings = await scene.ScanAsync(Name, await FindAsync());
        Assert.Equal([".env", "src/notify.js"], findings.Select(finding => finding.Subject!).Order(StringComparer.Ordinal));
        Assert.All(findings, finding =>
        {
            Assert.Equal(("SECRET-FOUND", FindingOutcome.Fail, FindingSeverity.High, "secretlint: app"), (finding.Id, finding.Outcome, finding.Severity, finding.Scope));
            Assert.Equal("12.0.0", finding.Evidence["Version"]);
            Assert.Equal(3L, finding.Evidence["Examined"]);
        });
        Assert.Contains("src/notify.js, line 2: secretlint found a secret by its rule slack/", findings.Single(finding => finding.Subject == "src/notify.js").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_found_passes_and_no_file_to_read_is_unknown()
    {
        using var scene = new SourceScene();
        var unknown = Assert.Single(await scene.ScanAsync(Name, await FindAsync()));
        Assert.Equal(FindingOutcome.Unknown, unknown.Outcome);
        Assert.Contains("Not found target files", unknown.Message, StringComparison.Ordinal);
        scene.Write("ok.js", "1\n");
        var passed = Assert.Single(await scene.ScanAsync(Name, await FindAsync()));
        Assert.Equal((FindingOutcome.Pass, 1L), (passed.Outcome, passed.Evidence["Examined"]));
    }

    [Fact]
    public async Task A_project_s_own_configuration_decides_and_a_broken_one_is_unknown()
    {
        using var scene = new SourceScene();
        scene.Write("notify.js", $"const hook = '{SourceScene.Webhook}'\n");
        scene.Write(".secretlintrc.json", """{ "rules": [] }""");
        var unknown = Assert.Single(await scene.ScanAsync(Name, await FindAsync()));
        Assert.Equal(FindingOutcome.Unknown, unknown.Outcome);
        Assert.Contains(".secretlintrc.json, has no rule", unknown.Message, StringComparison.Ordinal);
        scene.Write(".secretlintrc.json", "{ nonsense");
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(await scene.ScanAsync(Name, await FindAsync())).Outcome);
    }

    [Fact]
    public async Task A_name_that_looks_like_a_pattern_is_one_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Such names cannot be there.");
        using var scene = new SourceScene();
        scene.Write("a[1]*.env", $"HOOK={SourceScene.Webhook}\n");
        scene.Write("a1b.env", $"HOOK={SourceScene.Webhook}\n");
        Assert.Equal("a[1]*.env", Assert.Single(await scene.ScanAsync(Name, await FindAsync(), path: Path.Combine(scene.Root, "a[1]*.env"))).Subject);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("@secretlint/secretlint-formatter-sarif")]
    public async Task What_it_wrote_elsewhere_is_read_as_if_it_had_run(string format)
    {
        using var scene = new SourceScene();
        scene.Write("notify.js", $"const hook = '{SourceScene.Webhook}'\n");
        scene.Write(".secretlintrc.json", """{ "rules": [ { "id": "@secretlint/secretlint-rule-preset-recommend" } ] }""");
        var result = Path.Combine(scene.Root, "..", "result.json");
        // Without masking: what a careless pipeline writes.
        var run = await new ProgramCall(await fixture.ProgramAsync(), ["--format", format, "--no-maskSecrets", "--output", result, "notify.js"], scene.Root).RunAsync(TestContext.Current.CancellationToken);
        Assert.Contains(SourceScene.Marker, await File.ReadAllTextAsync(result, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var finding = Assert.Single(await scene.ScanAsync(null, result: result));
        Assert.Equal(("notify.js", "secretlint: app"), (finding.Subject, finding.Scope));
        Assert.Equal(Assert.Single(await scene.ScanAsync(Name, await FindAsync())).Fingerprint, finding.Fingerprint);
        Assert.True(run.ExitCode is 0 or 1, run.Output);
    }
}
