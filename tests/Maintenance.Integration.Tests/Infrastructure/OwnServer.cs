using System.Globalization;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Sandbox;

namespace Maintenance.IntegrationTests.Infrastructure;

/// <summary>A data folder of a sandbox and the server on it, for tests that stop, configure or copy servers.</summary>
internal sealed class OwnServer
{
    private readonly ServerAccount _account;
    private readonly string _bin;

    private OwnServer(MaintenanceSandbox sandbox, ServerAccount account, string bin, string data, int port)
    {
        (_account, _bin) = (account, bin);
        (Sandbox, Data, Port) = (sandbox, data, port);
    }

    /// <summary>The sandbox; its port is that of this server.</summary>
    public MaintenanceSandbox Sandbox { get; }

    public string Data { get; }

    public int Port { get; }

    /// <summary>How to reach this server.</summary>
    public MaintenanceTarget Target => Sandbox.Target with { Database = Sandbox.Target.Database! with { Port = Port } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The server of a sandbox that runs.</summary>
    public static async Task<OwnServer> OfAsync(MaintenanceSandbox sandbox, SandboxOptions options)
    {
        var installation = await new PostgresBinaries(new NpmTools(options.ResourcePath, TimeProvider.System)).FindAsync(options, new RecordingSink(), Token);
        var copied = Path.Combine(sandbox.Path, "postgresql", "bin");
        var bin = Directory.Exists(copied) ? copied : installation.BinPath;
        return new OwnServer(sandbox, await ServerAccount.ChooseAsync(Token), bin, Path.Combine(sandbox.Path, "server", "data"), sandbox.Port);
    }

    public Task StartAsync() => ControlAsync("start", "-w", "-l", Log, "-o", string.Create(CultureInfo.InvariantCulture, $"-p {Port}"));

    /// <summary>Ends the server.</summary>
    /// <param name="mode">fast, or immediate for a crash.</param>
    public Task StopAsync(string mode = "fast") => ControlAsync("stop", "-w", "-m", mode);

    public async Task RestartAsync(string mode = "fast")
    {
        await StopAsync(mode);
        await StartAsync();
    }

    /// <summary>Stops all processes of the server as a machine that is paused does, until what is returned is disposed of.</summary>
    public async Task<IAsyncDisposable> FreezeAsync(bool postmasterAlone = false)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals.");
        var frozen = new Frozen(this);
        try
        {
            await frozen.BeginAsync(postmasterAlone);
            return frozen;
        }
        catch
        {
            await frozen.DisposeAsync();
            throw;
        }
    }

    private async Task SignalAsync(string signal, IEnumerable<string> processes) =>
        await RunAsync(_account.Call("kill", [$"-{signal}", .. processes], "/"));

    private sealed class Frozen(OwnServer server) : IAsyncDisposable
    {
        private readonly List<string> _stopped = [];

        // The postmaster first: then no process is added.
        public async Task BeginAsync(bool postmasterAlone)
        {
            var postmaster = (await File.ReadAllLinesAsync(Path.Combine(server.Data, "postmaster.pid"), Token))[0].Trim();
            await StopAsync([postmaster]);
            await StopAsync(postmasterAlone ? [] : await ChildrenOfAsync(postmaster));
        }

        public async ValueTask DisposeAsync() => await server.SignalAsync("CONT", _stopped);

        private static async Task<IReadOnlyList<string>> ChildrenOfAsync(string parent)
        {
            var children = new List<string>();
            foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => Path.GetFileName(folder).All(char.IsAsciiDigit)))
            {
                try
                {
                    // After the name in brackets: the state, then the parent.
                    var text = await File.ReadAllTextAsync(Path.Combine(folder, "stat"), Token);
                    if (text[(text.LastIndexOf(')') + 2)..].Split(' ')[1] == parent)
                    {
                        children.Add(Path.GetFileName(folder));
                    }
                }
                catch (IOException)
                {
                    // It has ended.
                }
            }

            return children;
        }

        // Remembered first: whatever happens, it is continued.
        private async Task StopAsync(IReadOnlyList<string> processes)
        {
            if (processes.Count > 0)
            {
                _stopped.AddRange(processes);
                await server.SignalAsync("STOP", processes);
            }
        }
    }

    /// <summary>Makes a standby of this server beside it, which streams through a slot of its own, and starts it.</summary>
    /// <param name="slot">Name of the slot.</param>
    public async Task<OwnServer> StandbyAsync(string slot)
    {
        var data = Path.Combine(Path.GetDirectoryName(Data)!, "standby");
        var source = string.Create(CultureInfo.InvariantCulture, $"host=127.0.0.1 port={Port} user=postgres password={SandboxFixture.PasswordOf(Sandbox)} application_name={slot}");
        await SandboxDatabase.ExecuteAsync(Sandbox, $"SELECT pg_create_physical_replication_slot('{slot}')");
        if (SearchPath.InFolder(_bin, "pg_basebackup") is { } program)
        {
            await RunAsync(_account.Call(program, ["-D", data, "-d", source, "-X", "stream", "-c", "fast", "--no-sync"], Path.GetDirectoryName(Data)!));
        }
        else
        {
            await CopyAsync(data);
        }

        await WriteAsync(Path.Combine(data, "standby.signal"), "");
        await File.AppendAllTextAsync(Path.Combine(data, "postgresql.auto.conf"), $"\nprimary_conninfo = '{source}'\nprimary_slot_name = '{slot}'\n", Token);
        var standby = new OwnServer(Sandbox, _account, _bin, data, LoopbackPort.FindFree());
        await standby.StartAsync();
        return standby;
    }

    /// <summary>Makes a base backup: a folder, or one archive where the path ends in .tar.</summary>
    /// <param name="path">Where; the server's account must be able to write there.</param>
    /// <param name="arguments">What else pg_basebackup is told.</param>
    public async Task BaseBackupAsync(string path, params string[] arguments)
    {
        var program = SearchPath.InFolder(_bin, "pg_basebackup");
        Assert.SkipWhen(program is null, "This PostgreSQL brings no pg_basebackup.");
        var source = string.Create(CultureInfo.InvariantCulture, $"host=127.0.0.1 port={Port} user=postgres password={SandboxFixture.PasswordOf(Sandbox)}");
        var stream = path.EndsWith(".tar", StringComparison.Ordinal);
        var call = _account.Call(program!, ["-D", stream ? "-" : path, "-d", source, "-c", "fast", "--no-sync", .. arguments], Path.GetDirectoryName(Data)!);
        if (!stream)
        {
            await RunAsync(call);
            return;
        }

        await using var file = File.Create(path);
        await using var running = call.Start();
        await running.Output.CopyToAsync(file, Token);
        var result = await running.WaitAsync(Token);
        Assert.True(result.ExitCode == 0, result.Output);
    }

    /// <summary>Makes a folder that the server's account can write to.</summary>
    public async Task<string> FolderAsync(string name)
    {
        var folder = Path.Combine(Path.GetDirectoryName(Data)!, name);
        await RunAsync(_account.Call("mkdir", ["-p", folder], "/"));
        return folder;
    }

    // What pg_basebackup does, for packages of PostgreSQL that do not bring it.
    private async Task CopyAsync(string data)
    {
        await using var connection = await SandboxDatabase.OpenAsync(Sandbox);
        await connection.ExecuteAsync("SELECT pg_backup_start('standby', true)");
        await RunAsync(_account.Call("cp", ["-R", "-p", Data, data], "/"));
        var label = await connection.ScalarAsync<string>("SELECT labelfile FROM pg_backup_stop(false)");
        await WriteAsync(Path.Combine(data, "backup_label"), label);
        File.Delete(Path.Combine(data, "postmaster.pid"));
        foreach (var slot in Directory.GetDirectories(Path.Combine(data, "pg_replslot")))
        {
            Directory.Delete(slot, recursive: true);
        }
    }

    // The server's account wants to write to what may belong to ours.
    private static async Task WriteAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path, text, Token);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        }
    }

    private string Log => $"{Data}.log";

    private Task ControlAsync(string action, params string[] arguments) =>
        RunAsync(_account.Call(Path.Combine(_bin, "pg_ctl"), [action, "-D", Data, .. arguments], Path.GetDirectoryName(Data)!), Log);

    // Not with the test's token: what is half stopped could not be cleaned up.
    private static async Task RunAsync(ProgramCall call, string? log = null)
    {
        var result = await call.RunAsync(CancellationToken.None);
        Assert.True(result.ExitCode == 0, $"{result.Output} {(log is null ? "" : LastLines.OfFile(log))}");
    }
}
