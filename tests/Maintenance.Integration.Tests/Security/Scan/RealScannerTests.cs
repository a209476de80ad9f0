using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Programs;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security.Scan;

/// <summary>The real npm against a registry of our own on loopback, and the real dotnet.</summary>
public sealed class RealScannerTests : IAsyncDisposable
{
    private const string Advisories = """
        {"minimist":[{"id":1097678,"url":"https://github.com/advisories/GHSA-xvch-5gv4-984h","title":"Prototype Pollution in minimist","severity":"critical","vulnerable_versions":"<0.2.4","cwe":["CWE-1321"],"cvss":{"score":9.8,"vectorString":"CVSS:3.1/AV:N"}}]}
        """;

    private readonly MaintenanceEngine _engine = new();
    private readonly TemporaryFolder _folder = new();
    private readonly HttpListener _registry = new();
    private readonly string _address;
    private (int Status, string Body) _answer = (200, "{}");

    public RealScannerTests()
    {
        // A port that is free now; the listener can be given none to choose.
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        }

        _registry.Prefixes.Add(_address);
        _registry.Start();
        _ = ServeAsync();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _registry.GetContextAsync();
                var (status, body) = context.Request.HttpMethod == "POST" ? _answer : (404, "{}");
                context.Response.StatusCode = status;
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The test has ended.
        }
    }

    private async Task<IReadOnlyList<Finding>> NpmAsync(int version = 3)
    {
        Assert.SkipWhen(SearchPath.FindCommand("npm") is null, "npm is not installed.");
        await WriteAsync(".npmrc", $"registry={_address}\nomit=dev\n");
        await WriteAsync("package.json", """{"name":"shop","version":"1.0.0","dependencies":{"minimist":"1.2.0"},"devDependencies":{"mkdirp":"0.5.1"}}""");
        await WriteAsync("package-lock.json", version == 1
            ? """{"name":"shop","version":"1.0.0","lockfileVersion":1,"requires":true,"dependencies":{"minimist":{"version":"1.2.0"},"mkdirp":{"version":"0.5.1","dev":true,"requires":{"minimist":"0.0.8"},"dependencies":{"minimist":{"version":"0.0.8","dev":true}}}}}"""
            : $$$$"""{"name":"shop","version":"1.0.0","lockfileVersion":{{{{version}}}},"requires":true,"packages":{"":{"name":"shop","version":"1.0.0","dependencies":{"minimist":"1.2.0"},"devDependencies":{"mkdirp":"0.5.1"}},"node_modules/minimist":{"version":"1.2.0"},"node_modules/mkdirp":{"version":"0.5.1","dev":true,"dependencies":{"minimist":"0.0.8"}},"node_modules/mkdirp/node_modules/minimist":{"version":"0.0.8","dev":true}}}""");
        return await ScanAsync("npm");
    }

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(_folder.Path, name), text, Token);

    private Task<IReadOnlyList<Finding>> ScanAsync(string scanner) =>
        _engine.Scans.ScanAsync(new ScanQuery { Kind = ScanKind.Dependencies, Path = _folder.Path, Name = "shop", Scanners = [scanner] }, Calls.Silent(TimeSpan.FromMinutes(5)), Token);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Npm_finds_what_the_registry_knows_in_every_version_of_the_lock_file(int version)
    {
        _answer = (200, Advisories);

        var finding = Assert.Single(await NpmAsync(version));

        Assert.Equal((FindingOutcome.Fail, FindingSeverity.Critical, "minimist (GHSA-xvch-5gv4-984h)"), (finding.Outcome, finding.Severity, finding.Subject));
        Assert.Equal(["0.0.8"], (IEnumerable<string>)finding.Evidence["Installed"]!);
        // Only development needs it, and it is looked at although the user's settings leave development out.
        Assert.Equal(true, finding.Evidence["Development"]);
        Assert.Matches(@"^\d+\.\d+\.\d+", (string)finding.Evidence["Version"]!);
    }

    [Fact]
    public async Task Npm_that_finds_nothing_passes()
    {
        var finding = Assert.Single(await NpmAsync());

        Assert.Equal((FindingOutcome.Pass, "npm found nothing in shop, of 3 looked at."), (finding.Outcome, finding.Message));
    }

    [Theory]
    [InlineData(405, "")]
    [InlineData(404, "{}")]
    [InlineData(200, "<html>please log in</html>")]
    [InlineData(200, "")]
    public async Task A_registry_that_does_not_answer_the_audit_has_told_nothing(int status, string body)
    {
        _answer = (status, body);

        var finding = Assert.Single(await NpmAsync());

        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
    }

    [Fact]
    public async Task The_registry_that_npm_is_set_to_here_is_believed_only_if_it_answers_audits()
    {
        await NpmAsync();
        File.Delete(Path.Combine(_folder.Path, ".npmrc"));

        var finding = Assert.Single(await ScanAsync("npm"), finding => finding.Outcome is FindingOutcome.Unknown or FindingOutcome.Pass or FindingOutcome.Fail);

        // minimist 0.0.8 is known to be vulnerable wherever advisories are.
        Assert.NotEqual(FindingOutcome.Pass, finding.Outcome);
    }

    [Fact]
    public async Task Dotnet_that_finds_nothing_in_a_package_known_to_be_vulnerable_is_not_believed()
    {
        Assert.SkipWhen(SearchPath.FindCommand("dotnet") is null, "dotnet is not installed.");
        await WriteAsync("shop.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup>
              <ItemGroup><PackageReference Include="Newtonsoft.Json" Version="12.0.1" /></ItemGroup>
            </Project>
            """);

        var findings = await ScanAsync("dotnet");

        // Where nuget.org is reached it is found; where sources have no list of vulnerabilities, or none is reached, nobody knows.
        Assert.DoesNotContain(findings, finding => finding.Outcome == FindingOutcome.Pass);
        Assert.NotEmpty(findings);
    }

    [Fact]
    public async Task Dotnet_that_cannot_restore_has_told_nothing()
    {
        Assert.SkipWhen(SearchPath.FindCommand("dotnet") is null, "dotnet is not installed.");
        await WriteAsync("shop.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup><ItemGroup><ProjectReference Include=\"nowhere.csproj\" /></ItemGroup><broken");

        Assert.Equal(FindingOutcome.Unknown, Assert.Single(await ScanAsync("dotnet")).Outcome);
    }

    public async ValueTask DisposeAsync()
    {
        _registry.Close();
        _folder.Dispose();
        await _engine.DisposeAsync();
    }
}
