using System.Diagnostics;
using System.Globalization;
using Maintenance.TestSupport;

namespace Maintenance.ModuleTests.Sandbox;

/// <summary>A sandbox ends with its process, however that ends. The processes are real ones that run the built module.</summary>
public sealed class SandboxLifetimeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Nothing_is_left_when_the_owner_ends()
    {
        using var owner = await SandboxProcess.StartAsync(then: "exit 0");
        await owner.EndAsync();

        // At once: the prompt is back only when the sandbox has gone.
        Assert.Empty(SandboxRemains.Of(owner.SandboxId));
    }

    [Fact]
    public async Task Nothing_is_left_when_the_owner_is_killed()
    {
        using var owner = await SandboxProcess.StartAsync();
        Assert.NotEmpty(SandboxRemains.Of(owner.SandboxId));
        await owner.KillAsync();
        Assert.Empty(await SandboxRemains.AfterAsync(owner.SandboxId, Patience));
    }

    [Fact]
    public async Task Nothing_is_left_when_the_owner_is_killed_while_it_starts()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Finds the sandbox by its processes.");
        foreach (var milliseconds in new[] { 0, 100, 300, 500 })
        {
            using var owner = Process.Start(new ProcessStartInfo("dotnet", [ModuleRunspace.HostPath, "-NonInteractive", "-Command", "Start-MaintenanceSandbox -Scale 0"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var id = await SandboxOfAsync(owner.Id);
            await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
            owner.Kill();
            await owner.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Empty(await SandboxRemains.AfterAsync(id, Patience));
        }
    }

    [Fact]
    public async Task What_a_crash_left_is_removed_by_the_next_start()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Finds the watcher by its command line.");
        using var crashed = await SandboxProcess.StartAsync();

        // The machine's memory ran out, say, and everything died but the server.
        foreach (var watcher in SandboxRemains.ProcessesOf(crashed.SandboxId).Where(process => process.Contains("/bin/sh", StringComparison.Ordinal)))
        {
            using var process = Process.GetProcessById(int.Parse(watcher.Split(' ')[0], CultureInfo.InvariantCulture));
            process.Kill();
        }

        await crashed.KillAsync();
        Assert.NotEmpty(SandboxRemains.ProcessesOf(crashed.SandboxId));

        using var next = await SandboxProcess.StartAsync(then: "exit 0");
        Assert.Empty(SandboxRemains.Of(crashed.SandboxId));
        await next.EndAsync();
    }

    [Fact]
    public async Task A_detached_one_goes_on_and_another_process_stops_it()
    {
        using var owner = await SandboxProcess.StartAsync(then: "exit 0", parameters: "-Detached");
        await owner.EndAsync();
        Assert.NotEmpty(SandboxRemains.Of(owner.SandboxId));

        using (var other = new ModuleRunspace())
        {
            Assert.Equal("sandbox", other.Invoke("(Connect-MaintenanceTarget -Sandbox $id).Name", ("id", owner.SandboxId)).Single().ToString());
        }

        // Neither a later start nor a stop without parameters takes it for a leftover. In a process of its own: it stops all of a process.
        using (var later = await SandboxProcess.StartAsync(then: "Stop-MaintenanceSandbox; [Console]::WriteLine('stopped'); [Threading.Thread]::Sleep(-1)"))
        {
            await later.ReadUntilAsync("stopped");
            Assert.Empty(SandboxRemains.Of(later.SandboxId));
            Assert.NotEmpty(SandboxRemains.Of(owner.SandboxId));
            await later.KillAsync();
        }

        using var runspace = new ModuleRunspace();
        runspace.Invoke("Stop-MaintenanceSandbox -Id $id", ("id", owner.SandboxId));
        Assert.Empty(SandboxRemains.Of(owner.SandboxId));
    }

    [Fact]
    public async Task It_runs_for_an_ordinary_user_without_a_home_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Uses a Linux program to become somebody else.");
        var user = Environment.IsPrivilegedProcess ? "nobody" : Environment.UserName;
        using var owner = await SandboxProcess.StartAsync(
            then: "exit 0",
            prefix: Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : [],
            environment: new Dictionary<string, string> { ["HOME"] = "/nonexistent", ["XDG_STATE_HOME"] = "", ["DOTNET_CLI_HOME"] = Path.GetTempPath() });
        await owner.EndAsync();
        Assert.Empty(SandboxRemains.Of(owner.SandboxId));

        // Its record was kept in the one place that is left then.
        var records = Path.Combine(Path.GetTempPath(), $"maintenance-{user}");
        Assert.Empty(Directory.EnumerateFiles(records, "*.json", SearchOption.AllDirectories));
        Directory.Delete(records, recursive: true);
    }

    private static async Task<string> SandboxOfAsync(int ownerId)
    {
        while (true)
        {
            if (SandboxRemains.RecordContaining($"\"OwnerProcessId\": {ownerId},") is { } record)
            {
                return Path.GetFileNameWithoutExtension(record);
            }

            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
