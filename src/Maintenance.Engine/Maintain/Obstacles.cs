using System.Globalization;
using Maintenance.Engine.Database;

namespace Maintenance.Engine.Maintain;

/// <summary>Who a concurrent rebuild would have to wait for.</summary>
/// <param name="Kind">Snapshot: its view of the database; Lock: a lock on the table; Prepared: a prepared transaction's lock.</param>
/// <param name="Relation">What is locked; 0 for a snapshot, which is in the way of every index of the database.</param>
/// <param name="ProcessId">The server process; null for a prepared transaction.</param>
/// <param name="Name">Name of the application, or the prepared transaction's identifier.</param>
/// <param name="Role">The role.</param>
/// <param name="State">What the session does.</param>
/// <param name="Since">Since when (UTC).</param>
/// <param name="Age">For how long.</param>
internal sealed record Obstacle(string Kind, long Relation, int? ProcessId, string Name, string Role, string? State, DateTimeOffset Since, TimeSpan Age)
{
    /// <summary>Who it is, and what would help.</summary>
    public override string ToString()
    {
        var since = string.Create(CultureInfo.InvariantCulture, $"since {Since.UtcDateTime:u}");
        return Kind switch
        {
            "Prepared" => $"prepared transaction '{Name}' (role {Role}, {since}) has a lock on its table",
            "Lock" => $"{Session()} has a lock on its table",
            _ => $"{Session()} has an old snapshot",
        };

        string Session() => string.Create(CultureInfo.InvariantCulture, $"session {ProcessId} ({(Name.Length > 0 ? Name : "no name")}, role {Role}, {State ?? "?"}, {since})");
    }

    public string Recommendation => Kind == "Prepared"
        ? $"COMMIT PREPARED or ROLLBACK PREPARED '{Name}', and run it again."
        : string.Create(CultureInfo.InvariantCulture, $"Wait for it to end, or Stop-DbSession {ProcessId}. -MaximumSnapshotAge says how old one may be.");
}

/// <summary>
/// What stands in the way of a concurrent rebuild. Its last phases wait for every older snapshot of the database; when that wait ends
/// in a timeout, the whole build was in vain. So it is asked before, and right before each index.
/// </summary>
internal static class Obstacles
{
    /// <summary>Asks the server.</summary>
    /// <param name="session">The session.</param>
    /// <param name="relations">OIDs of the tables and indexes.</param>
    /// <param name="ours">Server processes of ours.</param>
    /// <param name="harmless">Age up to which somebody is expected to be gone in time.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The longest first.</returns>
    public static async Task<IReadOnlyList<Obstacle>> ReadAsync(
        DatabaseSession session, IEnumerable<long> relations, IReadOnlyCollection<int> ours, TimeSpan harmless, CancellationToken cancellationToken) =>
        await session.QueryAsync(
            "Maintain/Sql/Obstacles.sql",
            row => new Obstacle(
                row.GetString(0),
                row.GetInt64(1),
                row.IsDBNull(2) ? null : row.GetInt32(2),
                row.IsDBNull(3) ? "" : row.GetString(3),
                row.IsDBNull(4) ? "?" : row.GetString(4),
                row.IsDBNull(5) ? null : row.GetString(5),
                row.GetFieldValue<DateTimeOffset>(6),
                TimeSpan.FromSeconds(row.GetDouble(7))),
            cancellationToken,
            relations.ToArray(),
            ours.ToArray(),
            harmless.TotalSeconds);

    /// <summary>Why a rebuild would wait in vain; null if it need not. Pure.</summary>
    /// <param name="obstacles">Who is there.</param>
    /// <param name="index">The index.</param>
    public static MaintenanceException? Judge(IReadOnlyList<Obstacle> obstacles, IndexState index) =>
        obstacles.FirstOrDefault(obstacle => obstacle.Relation == 0 || obstacle.Relation == index.TableOid || obstacle.Relation == index.Oid) is { } first
            ? new MaintenanceException(MaintenanceErrorCode.HeldBack, $"Its rebuild would have to wait: {first}.", first.Recommendation)
            : null;
}
