using Maintenance.Engine.Database;

namespace Maintenance.Engine.Inspect;

/// <summary>Names of tables and indexes, for completion: quickly, or not at all.</summary>
public sealed class RelationNameService
{
    private const int Most = 200;

    private static readonly string[] Tables = ["r", "p", "m"];
    private static readonly string[] Indexes = ["i", "I"];

    private readonly DatabaseConnector _connector;

    internal RelationNameService(DatabaseConnector connector) => _connector = connector;

    /// <summary>Tables and materialized views whose name begins with a text, whatever its case.</summary>
    /// <param name="target">The target.</param>
    /// <param name="beginning">The text.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<IReadOnlyList<(string Schema, string Name)>> FindTablesAsync(MaintenanceTarget target, string beginning, CallContext call, CancellationToken cancellationToken) =>
        FindAsync(target, Tables, beginning, call, cancellationToken);

    /// <summary>Indexes whose name begins with a text, whatever its case.</summary>
    /// <param name="target">The target.</param>
    /// <param name="beginning">The text.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<IReadOnlyList<(string Schema, string Name)>> FindIndexesAsync(MaintenanceTarget target, string beginning, CallContext call, CancellationToken cancellationToken) =>
        FindAsync(target, Indexes, beginning, call, cancellationToken);

    private async Task<IReadOnlyList<(string Schema, string Name)>> FindAsync(
        MaintenanceTarget target, string[] kinds, string beginning, CallContext call, CancellationToken cancellationToken)
    {
        await using var session = await _connector.OpenAsync(target, new SessionOptions("completion", TimeSpan.FromSeconds(1)), call, cancellationToken);
        return await session.QueryAsync("Inspect/Sql/RelationNames.sql", row => (row.GetString(0), row.GetString(1)), cancellationToken, kinds, beginning, Most);
    }
}
