using System.Globalization;
using System.Net;
using Azure.Storage.Blobs;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Benchmarks.Tasks;

/// <summary>P8: the whole daily run, with functions that take 300 ms and 12,000 backups, against the same as a shell script.</summary>
internal sealed class DailyBenchmark : IBenchmark
{
    private const int Backups = 12_000;
    private const string Container = "disaster-recovery-p8";
    private const string Module = "Maintenance, engine loaded";
    private const string Script = "shell script: curl, jq, bc, Node in the place of az";
    private const string NodeSdk = "@azure/storage-blob";
    private const string NodeSdkVersion = "12.34.0";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private MaintenanceSandbox? _sandbox;

    public string Name => "p8";

    public string Title => $"The daily run end to end: functions at 300 ms, {Backups} backups in Azurite, log published, people told.";

    public IReadOnlyList<Goal> Goals => [new(Module, null, 600), new(Module, Script, 1 / 13d)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox with Azurite");
        _sandbox = await _sandboxes.StartAsync(
            new SandboxOptions { Name = "p8", Azurite = true, FunctionLatency = TimeSpan.FromMilliseconds(300), ResourcePath = Tools.SandboxResources },
            SilentCall.Context,
            cancellationToken);
        var store = _sandbox.Target.BackupStore! with { Container = Container };
        var connection = new NetworkCredential("", store.ConnectionString!.ToSecureString()).Password;
        tell($"writing {Backups} blobs");
        await FillAsync(new BlobContainerClient(connection, Container), cancellationToken);
        var target = _sandbox.Target with { BackupStore = store, ArtifactStore = store with { Container = "maintenance-logs", Prefix = "" } };
        return
        [
            new Contender(Module, token => RunAsync(target, token), typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3)),
            await ScriptAsync(connection, tell, cancellationToken),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }
    }

    private static async Task FillAsync(BlobContainerClient container, CancellationToken cancellationToken)
    {
        await container.CreateAsync(cancellationToken: cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Backups),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (hour, token) => await container.UploadBlobAsync(
                $"database-backups/db-{now.AddHours(-hour).ToString("yyyyMMddHH", CultureInfo.InvariantCulture)}", new BinaryData("PGDMP backup"), token));
    }

    private async Task<Outcome> RunAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var run = await _engine.Tasks.RunAsync(target, "Daily", new(), SilentCall.Context, cancellationToken);
        if (run.Steps.FirstOrDefault(step => step.State != StepState.Done) is { } failed)
        {
            throw new InvalidOperationException($"The step {failed.Name} is {failed.State}: {failed.Message}");
        }

        var score = run.Metrics.First(metric => metric.Name == "gdpr_compliance_score").Value!.Value;
        return new Outcome(score.ToString("0.0", CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"{run.Steps.Count} steps, run recorded"));
    }

    private async Task<Contender> ScriptAsync(string connection, Action<string> tell, CancellationToken cancellationToken)
    {
        foreach (var tool in new[] { "bash", "curl", "jq", "bc", "node" })
        {
            if (await Tools.RunAsync(tool, ["--version"], cancellationToken: cancellationToken) is null)
            {
                return new Contender(Script, null, $"{tool} is not on the PATH");
            }
        }

        tell("installing the Node SDK");
        if (await Tools.NpmAsync(NodeSdk, NodeSdkVersion, cancellationToken) is not { } folder)
        {
            return new Contender(Script, null, $"{NodeSdk} cannot be installed");
        }

        // Node looks for packages beside the script.
        var standIn = Path.Combine(folder, "az-stand-in.mjs");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Tasks", "az-stand-in.mjs"), standIn, overwrite: true);
        var services = SandboxServices.Of(_sandbox!.Id)!;
        var environment = new Dictionary<string, string>
        {
            ["FUNCTIONS"] = _sandbox.FunctionUri!.AbsoluteUri,
            ["TOKEN"] = services.Functions.Token,
            ["SINK"] = services.WebhookOf("Default").AbsoluteUri,
            ["STAND_IN"] = standIn,
            ["AZURE_STORAGE_CONNECTION_STRING"] = connection,
            ["BACKUP_CONTAINER"] = Container,
        };
        return new Contender(
            Script,
            async token => new Outcome(
                double.Parse((await Tools.RunAsync("bash", [Path.Combine(AppContext.BaseDirectory, "Tasks", "shell-daily.sh")], environment, token))!, CultureInfo.InvariantCulture).ToString("0.0", CultureInfo.InvariantCulture),
                "no az CLI here: Node without az's start stands in for it"),
            $"Node SDK {NodeSdkVersion}");
    }
}
