using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Benchmarks.Backup;

/// <summary>
/// P1: the newest of 12,000 backups in Azurite. The module looks by the pattern of the names, or seeks without one, and both look at the
/// first bytes of what they find; the peers list everything, and so does the module for comparison.
/// </summary>
internal sealed class NewestBackupBenchmark : IBenchmark
{
    private const int Count = 12_000;
    private const string ByPattern = "Maintenance, by pattern";
    private const string Seeking = "Maintenance, seeking";
    private const string Listing = "Maintenance, listing all";
    private const string NodeListing = "Node SDK, listing all";
    private const string AzListing = "az storage blob list";
    private const string Container = "disaster-recovery-p1";
    private const string Prefix = "database-backups/";
    private const string NodeSdk = "@azure/storage-blob";
    private const string NodeSdkVersion = "12.34.0";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly BackupService _backups = new(TimeProvider.System);
    private MaintenanceSandbox? _sandbox;
    private Process? _node;

    public string Name => "p1";

    public string Title => $"Find the newest of {Count} hourly backups in Azurite.";

    public IReadOnlyList<Goal> Goals =>
    [
        new(ByPattern, null, 100),
        new(ByPattern, NodeListing, 1 / 20d),
        new(ByPattern, AzListing, 1 / 50d),
        new(Seeking, null, 100),
        new(Seeking, NodeListing, 1 / 20d),
        new(Seeking, AzListing, 1 / 50d),
        new(Listing, NodeListing, 1.1),
    ];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox with Azurite");
        _sandbox = await _sandboxes.StartAsync(
            new SandboxOptions { Name = "p1", Scale = 0, Azurite = true, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var store = _sandbox.Target.BackupStore! with { Container = Container, Prefix = Prefix };
        var connection = new NetworkCredential("", store.ConnectionString!.ToSecureString()).Password;
        var container = new BlobContainerClient(connection, Container);

        tell($"writing {Count} blobs");
        await container.CreateAsync(cancellationToken: cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Count),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (hour, token) => await container.UploadBlobAsync(
                $"{Prefix}db-{now.AddHours(-hour).ToString("yyyyMMddHH", CultureInfo.InvariantCulture)}", new BinaryData("PGDMP backup"), token));

        var environment = new Dictionary<string, string> { ["AZURE_STORAGE_CONNECTION_STRING"] = connection };
        var version = typeof(BackupService).Assembly.GetName().Version!.ToString(3);
        return
        [
            new Contender(ByPattern, token => SeekAsync(store, "db-{yyyyMMddHH}", token), version),
            new Contender(Seeking, token => SeekAsync(store, null, token), version),
            await NodeAsync(environment, tell, cancellationToken),
            await AzAsync(environment, cancellationToken),
            new Contender(Listing, token => ListAsync(store, token), version),
            new Contender(".NET SDK, listing all", token => ListBySdkAsync(container, token), typeof(BlobContainerClient).Assembly.GetName().Version!.ToString(3)),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            _node.StandardInput.Close();
            await _node.WaitForExitAsync();
            _node.Dispose();
        }

        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }
    }

    private async Task<Outcome> SeekAsync(StoreSettings store, string? pattern, CancellationToken cancellationToken)
    {
        var recency = (await _backups.TestRecencyAsync(store, null, pattern, SilentCall.Context, cancellationToken))[0];
        return new Outcome(recency.Newest!.Name, $"{recency.Requests} requests");
    }

    private async Task<Outcome> ListAsync(StoreSettings store, CancellationToken cancellationToken)
    {
        var (newest, count) = ((DatabaseBackup?)null, 0);
        await foreach (var backup in _backups.ListAsync(store, new BackupQuery(), SilentCall.Context, cancellationToken))
        {
            count++;
            newest = newest is null || backup.TakenAt > newest.TakenAt ? backup : newest;
        }

        return new Outcome(newest!.Name, $"{count} backups");
    }

    private static async Task<Outcome> ListBySdkAsync(BlobContainerClient container, CancellationToken cancellationToken)
    {
        var (newest, count) = ("", 0);
        await foreach (var blob in container.GetBlobsAsync(new GetBlobsOptions { Prefix = Prefix }, cancellationToken))
        {
            count++;
            newest = string.CompareOrdinal(blob.Name, newest) > 0 ? blob.Name : newest;
        }

        return new Outcome(newest, $"{count} blobs");
    }

    private async Task<Contender> NodeAsync(IReadOnlyDictionary<string, string> environment, Action<string> tell, CancellationToken cancellationToken)
    {
        tell($"fetching {NodeSdk} from npm");
        if (await Tools.NpmAsync(NodeSdk, NodeSdkVersion, cancellationToken) is not { } folder)
        {
            return new Contender(NodeListing, null, $"{NodeSdk} could not be installed from npm");
        }

        _node = Tools.TryStart("node", [Path.Combine(AppContext.BaseDirectory, "Backup", "list-newest.mjs"), folder, Container, Prefix], environment);
        return _node is null
            ? new Contender(NodeListing, null, "node is not on the PATH")
            : new Contender(NodeListing, AskNodeAsync, $"{NodeSdk} {NodeSdkVersion}");
    }

    private async Task<Outcome> AskNodeAsync(CancellationToken cancellationToken)
    {
        await _node!.StandardInput.WriteLineAsync("again".AsMemory(), cancellationToken);
        await _node.StandardInput.FlushAsync(cancellationToken);
        var line = await _node.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException("The Node program ended: see what it wrote on standard error.");
        using var answer = JsonDocument.Parse(line);
        var root = answer.RootElement;
        return new Outcome(
            root.GetProperty("newest").GetString()!,
            $"{root.GetProperty("requests").GetInt32()} requests",
            TimeSpan.FromMilliseconds(root.GetProperty("milliseconds").GetDouble()));
    }

    private static async Task<Contender> AzAsync(IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        if (await Tools.RunAsync("az", ["version", "--query", "\"azure-cli\"", "--output", "tsv"], cancellationToken: cancellationToken) is not { } version)
        {
            return new Contender(AzListing, null, "az is not on the PATH");
        }

        // The guide's command, with all pages: without --num-results it sees 5000 names and gives a wrong answer.
        string[] arguments =
        [
            "storage", "blob", "list", "--container-name", Container, "--prefix", Prefix, "--num-results", "*",
            "--query", "[-1].name", "--output", "tsv",
        ];
        return new Contender(
            AzListing,
            async token => new Outcome(
                await Tools.RunAsync("az", arguments, environment, token) ?? throw new InvalidOperationException("az failed."), "process included"),
            $"azure-cli {version}");
    }
}
