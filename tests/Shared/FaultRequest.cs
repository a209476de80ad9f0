using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Retention;

namespace Maintenance.TestSupport;

/// <summary>
/// A retention run that something is to happen to: the same for a run inside of a test and for one in a process of its own, which
/// reads it from its standard input.
/// </summary>
internal sealed record FaultRequest
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string Database { get; init; }

    public required string Username { get; init; }

    public required string Password { get; init; }

    public required RetentionPolicy Policy { get; init; }

    /// <summary>A SQLite file.</summary>
    public required string HistoryPath { get; init; }

    /// <summary>A folder that is the archive store; null if it is a container.</summary>
    public string? StorePath { get; init; }

    public Uri? StoreUri { get; init; }

    public string? StoreContainer { get; init; }

    public string StorePrefix { get; init; } = "";

    public string? StoreConnectionString { get; init; }

    /// <summary>Brings rows back instead of taking them.</summary>
    public bool Restore { get; init; }

    public bool Verify { get; init; }

    public bool AllowAccessExclusive { get; init; }

    /// <summary>Where the process is to kill itself; null if somebody else does it.</summary>
    public FaultPoint? Point { get; init; }

    /// <summary>At which time that it comes there, from 1.</summary>
    public int Occurrence { get; init; } = 1;

    /// <summary>Seed of the pauses between steps, which give others time to come in between.</summary>
    public int Seed { get; init; }

    private MaintenanceTarget Target => new()
    {
        Name = Database,
        Database = new DatabaseSettings
        {
            Host = Host,
            Port = Port,
            Database = Database,
            Username = Username,
            Password = Secret(Password),
            SslMode = DatabaseSslMode.Disable,
        },
        Retention = [Policy],
        History = new HistorySettings { Path = HistoryPath },
        ArchiveStore = StorePath is not null
            ? new StoreSettings { Path = StorePath }
            : StoreUri is not null
                ? new StoreSettings { AccountName = "devstoreaccount1", ServiceUri = StoreUri, Container = StoreContainer, Prefix = StorePrefix, ConnectionString = Secret(StoreConnectionString!) }
                : null,
    };

    /// <summary>Plans, and carries out what was planned, as Invoke-DbRetention or Restore-DbArchive does.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="reached">What happens at each step.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<FaultOutcome>> RunAsync(MaintenanceEngine engine, FaultPointReached reached, CancellationToken cancellationToken)
    {
        var pauses = new Random(Seed);
        FaultPointReached slowly = async point =>
        {
            int pause;
            // Some movers do two things at a time.
            lock (pauses)
            {
                pause = pauses.Next(3);
            }

            await Task.Delay(pause, cancellationToken);
            await reached(point);
        };
        return Restore ? await RestoreAsync(engine, slowly, cancellationToken) : await TakeAsync(engine, slowly, cancellationToken);
    }

    private async Task<IReadOnlyList<FaultOutcome>> TakeAsync(MaintenanceEngine engine, FaultPointReached reached, CancellationToken cancellationToken)
    {
        engine.Retention.Reached = reached;
        var options = new RetentionOptions { Verify = Verify, AllowAccessExclusive = AllowAccessExclusive };
        var planned = await engine.Retention.PlanAsync(Target, options, Calls.Silent(), cancellationToken);
        var outcomes = new List<FaultOutcome>();
        await foreach (var result in engine.Retention.ExecuteAsync(Target, planned, options, Calls.Silent(), cancellationToken))
        {
            outcomes.Add(new FaultOutcome(result.State, result.Message, result.CutOff));
        }

        return outcomes;
    }

    private async Task<IReadOnlyList<FaultOutcome>> RestoreAsync(MaintenanceEngine engine, FaultPointReached reached, CancellationToken cancellationToken)
    {
        engine.Restore.Reached = reached;
        var options = new RestoreOptions { Table = new DbObjectReference(Policy.Table), Verify = Verify };
        var planned = await engine.Restore.PlanAsync(Target, options, Calls.Silent(), cancellationToken);
        var outcomes = new List<FaultOutcome>();
        await foreach (var result in engine.Restore.ExecuteAsync(Target, planned, options, Calls.Silent(), cancellationToken))
        {
            outcomes.Add(new FaultOutcome(result.State, result.Message, null));
        }

        return outcomes;
    }

    private static SecretReference Secret(string text) => SecretReference.FromSecureString(new NetworkCredential("", text).SecurePassword);
}

/// <summary>What became of a policy, or of an archive that was to come back.</summary>
internal sealed record FaultOutcome(StepState State, string Message, DateTimeOffset? CutOff)
{
    public override string ToString() => $"{State}: {Message}";
}
