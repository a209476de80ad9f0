using System.Diagnostics;
using System.Globalization;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Benchmarks.Backup;

/// <summary>
/// A stream of 5 GB through a stand-in for pg_dump: what matters is the most memory this process ever had, which is in the notes. To be run
/// alone, since other benchmarks leave their own traces in it.
/// </summary>
internal sealed class DumpMemoryBenchmark : IBenchmark
{
    private const string Bytes = "5000000000";
    private const string Ours = "Maintenance, 5 GB into a folder";
    private const string Copy = "head and cat, 5 GB into a file";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maintenance-dump-benchmark-");
    private MaintenanceSandbox? _sandbox;
    private int _number;

    public string Name => "dump-memory";

    public string Title => "5 GB streamed into a folder and hashed; the peak of this process's memory is in the notes, at most 200 MB.";

    public IReadOnlyList<Goal> Goals => [];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = Name, PostgresVersion = 15, Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var program = Path.Combine(_folder.FullName, "pg_dump");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'pg_dump (PostgreSQL) 15.0'; else exec head -c {Bytes} /dev/zero; fi\n", cancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return
        [
            new(Ours, OperatingSystem.IsWindows() ? null : OursAsync, typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3)),
            new(Copy, OperatingSystem.IsWindows() ? null : CopyAsync, "coreutils"),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }

        _folder.Delete(recursive: true);
    }

    private async Task<Outcome> OursAsync(CancellationToken cancellationToken)
    {
        var target = _sandbox!.Target with { Backups = new BackupSettings() };
        var options = new BackupOptions
        {
            Store = new StoreSettings { Path = _folder.FullName },
            PostgresPath = _folder.FullName,
            Name = string.Create(CultureInfo.InvariantCulture, $"{++_number}.dump"),
        };
        var plan = await _engine.Dumps.PlanAsync(target, options, SilentCall.Context, cancellationToken);
        var backup = await _engine.Dumps.CreateAsync(target, options, plan, SilentCall.Context, cancellationToken);
        await _engine.Dumps.DeleteAsync(target, options, backup, SilentCall.Context, cancellationToken);
        using var self = Process.GetCurrentProcess();
        return new Outcome($"{backup.SizeBytes}", string.Create(CultureInfo.InvariantCulture, $"peak {self.PeakWorkingSet64 / 1048576.0:0} MB"));
    }

    private async Task<Outcome> CopyAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(_folder.FullName, "copy");
        _ = await Tools.RunAsync("/bin/sh", ["-c", $"head -c {Bytes} /dev/zero | cat > '{file}'"], cancellationToken: cancellationToken);
        var size = new FileInfo(file).Length;
        File.Delete(file);
        return new Outcome($"{size}", "neither hashed nor brought to the disk");
    }
}
