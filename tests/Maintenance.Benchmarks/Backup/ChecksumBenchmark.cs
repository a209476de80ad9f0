using System.Diagnostics;
using System.Text;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Benchmarks.Backup;

/// <summary>How fast is a backup read whole, hashed and looked through, and with how much memory?</summary>
internal sealed class ChecksumBenchmark : IBenchmark
{
    private const int Megabytes = 1000;
    private const long Large = 5L << 30;
    private const string Folder = "Checksum of SQL in a folder";
    private const string Azurite = "Checksum of SQL in Azurite";
    private const string Inflated = "Checksum of .sql.gz in a folder (also inflated)";
    private const string Sum = "sha256sum of the SQL";
    private const string GzipTest = "sha256sum and gzip --test of the .sql.gz, one after the other";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-checksum-").FullName;
    private MaintenanceSandbox? _sandbox;

    public string Name => "checksum";

    public string Title => $"A backup of {Megabytes} MB read whole: hash and structure, against sha256sum of the same file.";

    public IReadOnlyList<Goal> Goals => [new(Folder, Sum, 1 / 0.9), new(Inflated, GzipTest, 1)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = "checksum", Scale = 0, Azurite = true, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        tell("writing backups");
        var sql = await WriteAsync("plain", "app-20260101.sql", cancellationToken);
        var gzip = await WriteAsync("compressed", "app-20260101.sql.gz", cancellationToken);
        await TellMemoryAsync(tell, cancellationToken);
        var container = await BackupFolder.UploadAsync(_sandbox.Target.BackupStore!, "checksum", [sql], cancellationToken);

        var version = typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3);
        var sum = await Tools.RunAsync("sha256sum", ["--version"], cancellationToken: cancellationToken);
        var tester = await Tools.RunAsync("gzip", ["--version"], cancellationToken: cancellationToken);
        return
        [
            new Contender(Folder, token => RunAsync(InFolder(sql), token), version),
            new Contender(Azurite, token => RunAsync(container, token), version),
            new Contender(Sum, sum is null ? null : async token => new Outcome(await SumAsync(sql, token)), sum?.Split('\n')[0] ?? "not on this machine"),
            new Contender(Inflated, async token => new Outcome(null, (await RunAsync(InFolder(gzip), token)).Note), version),
            new Contender(
                GzipTest,
                sum is null || tester is null ? null : async token =>
                {
                    await SumAsync(gzip, token);
                    await Tools.RunAsync("gzip", ["--test", gzip], cancellationToken: token);
                    return new Outcome(null);
                },
                tester?.Split('\n')[0] ?? "not on this machine"),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }
    }

    private static async Task<string?> SumAsync(string path, CancellationToken cancellationToken) =>
        (await Tools.RunAsync("sha256sum", [path], cancellationToken: cancellationToken))?.Split(' ')[0];

    private static StoreSettings InFolder(string path) => new() { Path = Path.GetDirectoryName(path) };

    private async Task<string> WriteAsync(string folder, string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, folder)).FullName, name);
        await BackupFolder.WriteAsync(path, Megabytes, cancellationToken);
        return path;
    }

    // A file of 5 GB that takes no room on the disk: only the memory of reading it counts.
    private async Task TellMemoryAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "large")).FullName, "app-20260101.sql");
        await using (var file = File.Create(path))
        {
            await file.WriteAsync(Encoding.ASCII.GetBytes("--\n-- PostgreSQL database dump\n--\n"), cancellationToken);
            file.Position = Large;
            await file.WriteAsync(Encoding.ASCII.GetBytes("\n--\n-- PostgreSQL database dump complete\n--\n\n"), cancellationToken);
        }

        var start = TimeProvider.System.GetTimestamp();
        await RunAsync(InFolder(path), cancellationToken);
        using var process = Process.GetCurrentProcess();
        tell(FormattableString.Invariant(
            $"5 GB read in {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s; peak memory of the whole process so far {process.PeakWorkingSet64 >> 20} MB"));
        File.Delete(path);
    }

    private async Task<Outcome> RunAsync(StoreSettings store, CancellationToken cancellationToken)
    {
        var target = new MaintenanceTarget { Name = "checksum", BackupStore = store, History = new HistorySettings { Kind = HistoryKind.None } };
        var found = (await BackupFolder.TestAsync(_engine, target, new BackupTestOptions { Level = BackupLevel.Checksum }, cancellationToken)).Single();
        return new Outcome(found.Sha256, FormattableString.Invariant($"{found.BytesRead >> 20} MB read, {found.Requests} requests"));
    }
}
