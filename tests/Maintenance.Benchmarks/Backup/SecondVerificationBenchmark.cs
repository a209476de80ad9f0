using Maintenance.Engine;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Benchmarks.Backup;

/// <summary>What does it cost to verify backups again that have not changed?</summary>
internal sealed class SecondVerificationBenchmark : IBenchmark
{
    private const int Backups = 10;
    private const int Megabytes = 100;
    private const string Again = "second run: the ledger";
    private const string Anew = "every run anew (-Force)";
    private static readonly BackupTestOptions Options = new() { Level = BackupLevel.Checksum };

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-p11-").FullName;
    private MaintenanceSandbox? _sandbox;

    public string Name => "p11";

    public string Title => $"{Backups} backups of {Megabytes} MB in Azurite, verified at the level Checksum: the second run over unchanged ones.";

    public IReadOnlyList<Goal> Goals => [new(Again, Anew, 0.02)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = "p11", Scale = 0, Azurite = true, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        tell($"writing {Backups} backups");
        var file = Path.Combine(_folder, "app.sql");
        await BackupFolder.WriteAsync(file, Megabytes, cancellationToken);
        var paths = Enumerable.Range(1, Backups).Select(day => Path.Combine(_folder, FormattableString.Invariant($"app-202601{day:00}.sql"))).ToList();
        paths.ForEach(path => File.CreateSymbolicLink(path, file));
        var target = _sandbox.Target with
        {
            BackupStore = await BackupFolder.UploadAsync(_sandbox.Target.BackupStore!, "p11", paths, cancellationToken),
            History = new HistorySettings { Path = Path.Combine(_folder, "history.db") },
        };
        await BackupFolder.TestAsync(_engine, target, Options, cancellationToken);
        var version = typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3);
        return
        [
            new Contender(Again, token => RunAsync(target, Options, token), version),
            new Contender(Anew, token => RunAsync(target, Options with { Force = true }, token), version),
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

    private async Task<Outcome> RunAsync(MaintenanceTarget target, BackupTestOptions options, CancellationToken cancellationToken)
    {
        var found = await BackupFolder.TestAsync(_engine, target, options, cancellationToken);
        return new Outcome(
            string.Join(",", found.Select(verification => $"{verification.Name} {verification.Sha256}")),
            FormattableString.Invariant($"{found.Sum(verification => verification.BytesRead)} bytes read"));
    }
}
