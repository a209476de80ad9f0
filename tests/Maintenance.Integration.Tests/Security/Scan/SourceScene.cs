using System.Text;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Security.Scan;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security.Scan;

/// <summary>A folder of source code with what a test puts into it, and scanners that run over it.</summary>
internal sealed class SourceScene : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SourceScene() => Directory.CreateDirectory(Root);

    /// <summary>The folder that is scanned.</summary>
    public string Root => Path.Combine(_folder.Path, "app");

    /// <summary>What was told while scanning.</summary>
    public RecordingSink Sink { get; } = new();

    /// <summary>A made-up webhook, put together so that it stands in no file of ours.</summary>
    public static string Webhook => "https://hooks.sl" + "ack.com/services/T7G2K9Q4M/B3X8V1N6P/q7Xw2Rt9Lm4PMARKERNc6Jd1H";

    /// <summary>A made-up token of a service role.</summary>
    public static string ServiceRole { get; } = "eyJhbGciOiJIUzI1NiJ9." + Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"iss":"supabase","role":"service_role"}""")).TrimEnd('=') + ".k3Vb9MARKERp2Rt8Yn4Mc6Jd1Hf0Gs";

    /// <summary>Part of each made-up secret, to be found nowhere.</summary>
    public const string Marker = "MARKER";

    public void Write(string name, string text) => WriteBytes(name, Encoding.UTF8.GetBytes(text));

    public void WriteBytes(string name, byte[] bytes)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Puts a program in place of a scanner's: a shell script.</summary>
    public Func<string, string?> StandIn(string name, string script)
    {
        _folder.Write(name, "#!/bin/sh\n" + script);
        return wanted => wanted == name ? Path.Combine(_folder.Path, name) : null;
    }

    public async Task GitAsync(params string[] arguments)
    {
        var git = SearchPath.Find("git") ?? throw new MaintenanceException(MaintenanceErrorCode.SandboxBinariesNotFound, "git is not on the PATH.", "Install git.");
        var result = await new ProgramCall(git, ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", .. arguments], Root).RunAsync(TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.Output);
    }

    public async Task<IReadOnlyList<Finding>> ScanAsync(string? scanner, Func<string, string?>? find = null, ScanKind kind = ScanKind.Secrets, string? result = null, TimeSpan? timeout = null, string? path = null)
    {
        var findings = await new ScanService(TimeProvider.System, null, find ?? (_ => null)).ScanAsync(
            new ScanQuery { Kind = kind, Path = path ?? Root, Scanners = scanner is null ? null : [scanner], ResultPath = result },
            Calls.To(Sink, timeout),
            TestContext.Current.CancellationToken);
        AssertSilent(findings);
        return findings;
    }

    // Whatever a test scans: the secret is in nothing that anybody sees.
    private void AssertSilent(IReadOnlyList<Finding> findings)
    {
        IEnumerable<string?> said = [.. findings.SelectMany(Texts), .. Sink.VerboseMessages, .. Sink.Warnings, .. Sink.ProgressUpdates.Select(update => $"{update}")];
        Assert.DoesNotContain(said, text => text?.Contains(Marker, StringComparison.Ordinal) == true);
        Assert.DoesNotContain(said, text => text?.Any(char.IsControl) == true);
    }

    private static IEnumerable<string?> Texts(Finding finding) =>
        [finding.Subject, finding.Message, finding.Recommendation, finding.Scope, .. finding.Evidence.Values.Select(value => $"{value}")];

    public void Dispose() => _folder.Dispose();
}
