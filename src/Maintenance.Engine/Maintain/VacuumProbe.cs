using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Maintain;

/// <summary>Reads what a VACUUM plan is made from. A handful of statements, whatever the number of tables.</summary>
internal static class VacuumProbe
{
    private const string PrivilegeOfMaintenance = "MAINTAIN";

    public static async Task<VacuumFacts> ReadAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        // The holders first: see VacuumFacts.NextXid.
        var holders = await XminHolders.ReadAsync(session, cancellationToken);
        var facts = (await session.QueryAsync("Maintain/Sql/VacuumSettings.sql", row => Settings(row, session, holders), cancellationToken))[0];
        var frozen = session.MajorVersion >= 18
            ? (await session.QueryAsync("Maintain/Sql/VacuumFrozenPages.18.sql", row => (Oid: row.GetInt64(0), Pages: row.GetInt64(1)), cancellationToken))
                .ToDictionary(row => row.Oid, row => row.Pages)
            : [];
        return facts with
        {
            Relations = await session.QueryAsync(
                "Maintain/Sql/VacuumRelations.sql",
                row => Relation(row, frozen),
                cancellationToken,
                session.MajorVersion >= 17 ? PrivilegeOfMaintenance : null),
        };
    }

    private static VacuumFacts Settings(NpgsqlDataReader row, DatabaseSession session, XminHolders holders) => new()
    {
        Database = session.Database,
        ServerVersion = session.ServerVersion,
        MajorVersion = session.MajorVersion,
        Thresholds = new AutovacuumThresholds
        {
            VacuumThreshold = row.GetDouble(0),
            VacuumScaleFactor = row.GetDouble(1),
            VacuumMaximum = row.IsDBNull(2) ? null : row.GetDouble(2),
            InsertThreshold = row.GetDouble(3),
            InsertScaleFactor = row.GetDouble(4),
            AnalyzeThreshold = row.GetDouble(5),
            AnalyzeScaleFactor = row.GetDouble(6),
            FreezeMaximumAge = row.GetInt64(7),
            MultixactFreezeMaximumAge = row.GetInt64(8),
        },
        FreezeTableAge = row.GetInt64(9),
        MultixactFreezeTableAge = row.GetInt64(10),
        StatisticsTarget = row.GetInt32(11),
        BlockSize = row.GetInt32(12),
        CountsRows = row.GetBoolean(13),
        ServerTime = row.GetFieldValue<DateTimeOffset>(14),
        Role = row.GetString(15),
        NextXid = unchecked((uint)row.GetInt64(16)),
        Holders = holders,
    };

    private static VacuumRelation Relation(NpgsqlDataReader row, Dictionary<long, long> frozen) => new()
    {
        Oid = row.GetInt64(0),
        Schema = row.GetString(1),
        Name = row.GetString(2),
        QuotedName = row.GetString(3),
        IsPartitioned = row.GetString(4) == "p",
        IsSystem = row.GetBoolean(5),
        Parent = Long(row, 6),
        SizeBytes = Long(row, 7) ?? 0,
        Heap = new VacuumHeap
        {
            Oid = row.GetInt64(0),
            Rows = row.GetDouble(8),
            Pages = row.GetInt64(9),
            FrozenPages = frozen.GetValueOrDefault(row.GetInt64(0)),
            XidAge = Long(row, 10),
            MultixactAge = Long(row, 11),
            Options = row.GetFieldValue<string[]>(12),
            DeadRows = Long(row, 13) ?? 0,
            InsertedSinceVacuum = Long(row, 14) ?? 0,
        },
        ChangedSinceAnalyze = Long(row, 15) ?? 0,
        LastVacuum = Time(row, 16),
        LastAnalyze = Time(row, 17),
        Toast = row.IsDBNull(18) ? null : new VacuumHeap
        {
            Oid = row.GetInt64(18),
            Rows = row.GetDouble(19),
            Pages = row.GetInt64(20),
            FrozenPages = frozen.GetValueOrDefault(row.GetInt64(18)),
            XidAge = Long(row, 21),
            MultixactAge = Long(row, 22),
            // A TOAST table without settings of its own goes by those of its table, as it does for autovacuum.
            Options = row.IsDBNull(23) ? row.GetFieldValue<string[]>(12) : row.GetFieldValue<string[]>(23),
            DeadRows = Long(row, 24) ?? 0,
            InsertedSinceVacuum = Long(row, 25) ?? 0,
        },
        MayMaintain = row.GetBoolean(26),
        Owner = row.GetString(27),
        OwnerIsPowerful = row.GetBoolean(28),
    };

    private static long? Long(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
