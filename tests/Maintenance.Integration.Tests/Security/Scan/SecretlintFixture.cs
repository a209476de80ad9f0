using Maintenance.Engine.Programs;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security.Scan;

/// <summary>The real secretlint with its recommended rules and its SARIF formatter, from npm, for as long as the tests of one class run.</summary>
public sealed class SecretlintFixture : IDisposable
{
    private static readonly string[] Packages =
    [
        "secretlint@12.0.0", "@secretlint/secretlint-rule-preset-recommend@12.0.0", "@secretlint/secretlint-formatter-sarif@13.0.5",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<string>> _program;

    public SecretlintFixture() => _program = new(() => SandboxFixture.OrSkipAsync(InstallAsync));

    /// <summary>Its program; skips the test where npm has none, unless this is CI.</summary>
    public Task<string> ProgramAsync() => _program.Value;

    private async Task<string> InstallAsync()
    {
        var npm = NpmTools.FindNpm() ?? throw new MaintenanceException(MaintenanceErrorCode.SandboxBinariesNotFound, "npm is not on the PATH.", "Install Node.js.");
        var result = await new ProgramCall(
            npm[0], [.. npm.Skip(1), "install", "--no-save", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--prefix", _folder.Path, .. Packages], _folder.Path).RunAsync(CancellationToken.None);
        return result.ExitCode == 0
            ? Path.Combine(_folder.Path, "node_modules", ".bin", OperatingSystem.IsWindows() ? "secretlint.cmd" : "secretlint")
            : throw new MaintenanceException(MaintenanceErrorCode.SandboxBinariesNotFound, $"secretlint could not be installed from npm: {LastLines.Of(result.Output)}", "Check npm.");
    }

    public void Dispose() => _folder.Dispose();
}
