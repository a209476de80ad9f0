using System.Net;
using Maintenance.ModuleTests;

[assembly: AssemblyFixture(typeof(SandboxFixture))]

namespace Maintenance.ModuleTests;

/// <summary>
/// A PostgreSQL that the module's own Start-MaintenanceSandbox started, shared by all tests that ask for it. Where there is none,
/// the test is skipped; in CI it fails.
/// </summary>
public sealed class SandboxFixture : IDisposable
{
    private readonly Lazy<(ModuleRunspace Runspace, MaintenanceSandbox Sandbox)> _running = new(() => Start("-Scale 0"));

    /// <summary>The sandbox.</summary>
    public MaintenanceSandbox Sandbox => _running.Value.Sandbox;

    /// <summary>Its password, as text.</summary>
    public string Password => new NetworkCredential("", Sandbox.Password).Password;

    public void Dispose()
    {
        if (_running.IsValueCreated)
        {
            _running.Value.Runspace.Invoke("$sandbox | Stop-MaintenanceSandbox -Confirm:$false", ("sandbox", _running.Value.Sandbox));
            _running.Value.Runspace.Dispose();
        }
    }

    /// <summary>Starts a sandbox and the session that keeps it.</summary>
    /// <param name="parameters">Parameters of Start-MaintenanceSandbox.</param>
    internal static (ModuleRunspace Keeper, MaintenanceSandbox Sandbox) Start(string parameters)
    {
        var runspace = new ModuleRunspace();
        var result = runspace.Run($"Start-MaintenanceSandbox -PostgresVersion 15 {parameters} -ErrorAction Stop");
        if (result.Terminating?.Message is { } reason)
        {
            runspace.Dispose();
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true" && reason.Contains("SandboxBinariesNotFound", StringComparison.Ordinal), reason);
            Assert.Fail(reason);
        }

        return (runspace, (MaintenanceSandbox)result.Output.Single().BaseObject);
    }
}
