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
        History = new HistorySettings { Path = HistoryPath },
        ArchiveStore = StorePath is not null
            ? new StoreSettings { Path = StorePath }
            : StoreUri is not null
                ? new StoreSettings { AccountName = "devstoreaccount1", ServiceUri = StoreUri, Container = StoreContainer, Prefix = StorePrefix, ConnectionString = Secret(StoreConnectionString!) }
                : null,
    };

    /// <summary>Plans, and carries out what was planned, as Invoke-DbRetention does.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="reached">What happens at each step.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<RetentionResult>> RunAsync(MaintenanceEngine engine, FaultPointReached reached, CancellationToken cancellationToken)
    {
        var pauses = new Random(Seed);
        engine.Retention.Reached = async point =>
        {
            await Task.Delay(pauses.Next(3), cancellationToken);
            await reached(point);
        };
        var options = new RetentionOptions { Policies = [Policy], Verify = Verify, AllowAccessExclusive = AllowAccessExclusive };
        var planned = await engine.Retention.PlanAsync(Target, options, Calls.Silent(), cancellationToken);
        var results = new List<RetentionResult>();
        await foreach (var result in engine.Retention.ExecuteAsync(Target, planned, options, Calls.Silent(), cancellationToken))
        {
            results.Add(result);
        }

        return results;
    }

    private static SecretReference Secret(string text) => SecretReference.FromSecureString(new NetworkCredential("", text).SecurePassword);
}
