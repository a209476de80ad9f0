using System.Globalization;
using Npgsql;

namespace Maintenance.Engine.Database;

/// <summary>Who keeps dead rows from being removed, oldest snapshot first.</summary>
/// <param name="All">The holders.</param>
/// <param name="HiddenSessions">Sessions this role may not look at: while there are any, nobody can say that nothing is held.</param>
internal sealed record XminHolders(IReadOnlyList<XminHolder> All, int HiddenSessions)
{
    /// <summary>The one that holds back the rows of ordinary tables the longest; null if nobody is known to.</summary>
    public XminHolder? Oldest => All.FirstOrDefault(holder => !holder.CatalogOnly);

    /// <summary>Asks the server for those that hold back the connected database.</summary>
    public static async Task<XminHolders> ReadAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var holders = await session.QueryAsync("Database/Sql/XminHolders.sql", Map, cancellationToken, false);
        var hidden = await session.QueryAsync("Database/Sql/HiddenSessions.sql", row => row.GetInt32(0), cancellationToken);
        return new XminHolders(holders, hidden[0]);
    }

    /// <summary>Asks the server for those of all its databases: each of them holds back the catalogues that all share.</summary>
    public static Task<List<XminHolder>> ReadAllAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.QueryAsync("Database/Sql/XminHolders.sql", Map, cancellationToken, true);

    private static XminHolder Map(NpgsqlDataReader row)
    {
        var holder = new XminHolder
        {
            Kind = Enum.Parse<XminHolderKind>(row.GetString(0)),
            Name = row.GetString(1),
            ProcessId = row.IsDBNull(2) ? null : row.GetInt32(2),
            Role = row.IsDBNull(3) ? null : row.GetString(3),
            Database = row.IsDBNull(4) ? null : row.GetString(4),
            State = row.IsDBNull(5) ? null : row.GetString(5),
            XminAge = row.GetInt64(6),
            Since = row.IsDBNull(7) ? null : row.GetFieldValue<DateTimeOffset>(7),
            CatalogOnly = row.GetBoolean(8),
            Description = "",
        };
        return holder with { Description = Describe(holder) };
    }

    private static string Describe(XminHolder holder)
    {
        var since = holder.Since is { } time ? string.Create(CultureInfo.InvariantCulture, $" since {time.UtcDateTime:u}") : "";
        return holder.Kind switch
        {
            XminHolderKind.Backend => string.Create(CultureInfo.InvariantCulture, $"session {holder.ProcessId} ({holder.Name}, role {holder.Role ?? "?"}, {holder.State ?? "?"}{since}); end its transaction, or Stop-DbSession"),
            XminHolderKind.PreparedTransaction => $"prepared transaction '{holder.Name}' (role {holder.Role ?? "?"}{since}); COMMIT PREPARED or ROLLBACK PREPARED it",
            XminHolderKind.ReplicationSlot => $"replication slot '{holder.Name}' ({holder.State}{(holder.CatalogOnly ? ", catalogues only" : "")}); let its consumer catch up, or drop it",
            _ => string.Create(CultureInfo.InvariantCulture, $"standby '{holder.Name}' (process {holder.ProcessId}, hot_standby_feedback); end the long query there"),
        };
    }
}
