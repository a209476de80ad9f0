using Maintenance.Engine.Database;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>Reads the present of what can run out: two statements, no table touched.</summary>
internal static class PresentReader
{
    public static async Task<PresentFacts> ReadAsync(DatabaseSession session, bool withKeys, CancellationToken cancellationToken)
    {
        var facts = (await session.QueryAsync(
            "Performance/Capacity/Sql/CapacityServer.sql",
            row => new PresentFacts
            {
                At = row.GetFieldValue<DateTimeOffset>(0),
                Database = session.Database,
                MajorVersion = session.MajorVersion,
                ServerBytes = row.IsDBNull(1) ? null : row.GetInt64(1),
                DatabaseBytes = row.IsDBNull(2) ? null : row.GetInt64(2),
                Connections = row.GetInt32(3),
                MostConnections = row.GetInt32(4),
                XidAge = row.GetInt64(5),
                FreezeLimit = row.GetInt64(6),
                Role = row.GetString(7),
            },
            cancellationToken))[0];
        return withKeys
            ? facts with
            {
                Keys = await session.QueryAsync(
                    "Performance/Capacity/Sql/CapacityKeys.sql",
                    row => new KeyFacts(
                        row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.IsDBNull(4) ? null : row.GetDouble(4), row.GetDouble(5), row.GetString(6))
                    {
                        IsHidden = row.GetBoolean(7),
                        IsEmpty = row.GetBoolean(8),
                        Schema = row.GetString(9),
                    },
                    cancellationToken),
            }
            : facts;
    }
}
