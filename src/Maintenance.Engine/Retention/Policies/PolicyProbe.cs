using Maintenance.Engine.Database;

namespace Maintenance.Engine.Retention;

/// <summary>Asks the catalogue what a policy needs to know.</summary>
internal static class PolicyProbe
{
    /// <summary>Asks.</summary>
    /// <exception cref="MaintenanceException">ObjectNotFound for the table or the archive.</exception>
    public static async Task<PolicyFacts> ReadAsync(DatabaseSession session, RetentionPolicy policy, CancellationToken cancellationToken)
    {
        var found = await FindAsync(session, policy.Table, cancellationToken);
        var (table, time, now) = await ReadTableAsync(session, found.Oid, policy.TimeColumn, cancellationToken);
        var archive = policy is { Action: RetentionAction.ArchiveToTable, Destination: { } destination }
            ? (await ReadTableAsync(session, (await FindAsync(session, destination, cancellationToken)).Oid, policy.TimeColumn, cancellationToken)).Table
            : null;
        return new PolicyFacts
        {
            Table = table,
            Time = time,
            ServerTime = now,
            MajorVersion = session.MajorVersion,
            ServerVersion = session.ServerVersion,
            Database = session.Database,
            TimeIndexes = time is null ? [] : await session.QueryAsync("Retention/Sql/TimeIndexes.sql", row => row.GetString(0), cancellationToken, found.Oid, time.Number),
            ReferringTables = await session.QueryAsync(
                "Retention/Sql/ReferringTables.sql",
                row => new ReferringTable(row.GetString(0), row.GetString(1), row.GetString(2)[0], row.GetBoolean(3), row.GetString(4)),
                cancellationToken,
                found.Oid),
            Archive = archive,
            LosslessCasts = archive is null ? new HashSet<(long, long)>() : await CastsAsync(session, table, archive, cancellationToken),
        };
    }

    /// <summary>A table by the name in a policy: one without a schema is looked for in public first.</summary>
    /// <exception cref="MaintenanceException">ObjectNotFound; InvalidArgument for what is no table.</exception>
    public static async Task<Relation> FindAsync(DatabaseSession session, string name, CancellationToken cancellationToken)
    {
        var reference = new DbObjectReference(name);
        if (reference.Schema is null)
        {
            var inPublic = await session.QueryAsync("Database/Sql/FindRelation.sql", row => new Relation(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)[0], null), cancellationToken, null, "public", reference.Name);
            if (inPublic.Count == 1)
            {
                return inPublic[0];
            }
        }

        try
        {
            return await RelationFinder.FindAsync(session, reference, cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.InvalidArgument)
        {
            throw new MaintenanceException(exception.Code, $"{reference} is no table that holds rows of its own.", "Name an ordinary or a partitioned table.");
        }
    }

    /// <summary>A table by its OID.</summary>
    /// <exception cref="MaintenanceException">ObjectNotFound.</exception>
    public static async Task<(TableFacts Table, TimeColumnFacts? Time, DateTimeOffset Now)> ReadTableAsync(
        DatabaseSession session, long oid, string timeColumn, CancellationToken cancellationToken)
    {
        var columns = await session.QueryAsync(
            "Retention/Sql/Columns.sql",
            row => new ColumnFacts(row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5), row.GetBoolean(6), row.GetInt64(7), row.GetInt32(8), row.GetBoolean(9)),
            cancellationToken,
            oid);
        var triggers = await session.QueryAsync(
            "Retention/Sql/Triggers.sql",
            row => new TriggerFacts(row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4)),
            cancellationToken,
            oid);
        var rows = await session.QueryAsync(
            "Retention/Sql/Table.sql",
            row => (
                new TableFacts
                {
                    Oid = oid,
                    QuotedName = row.GetString(0),
                    QuotedRelation = row.GetString(19),
                    Schema = row.GetString(1),
                    Name = row.GetString(2),
                    Kind = row.GetString(3)[0],
                    HidesRows = row.GetBoolean(4),
                    HasRules = row.GetBoolean(5),
                    HasChildren = row.GetBoolean(6),
                    MaySelect = row.GetBoolean(7),
                    MayDelete = row.GetBoolean(8),
                    MayInsert = row.GetBoolean(9),
                    MayUpdate = row.GetBoolean(10),
                    QuotedRole = row.GetString(11),
                    IsOfTheSystem = row.GetBoolean(17),
                    IsOurs = row.GetBoolean(18),
                    Columns = columns,
                    Triggers = triggers,
                },
                row.IsDBNull(13) ? null : new TimeColumnFacts(row.GetInt32(13), row.GetString(14), row.GetString(15), KindOf(row.GetString(16))),
                new DateTimeOffset(row.GetDateTime(12).ToUniversalTime())),
            cancellationToken,
            oid,
            timeColumn);
        return rows is [var only] ? only : throw new MaintenanceException(
            MaintenanceErrorCode.ObjectNotFound, "The table was dropped just now.", "Check the policy, and run it again.");
    }

    private static TimeKind? KindOf(string type) => type switch
    {
        "timestamp with time zone" => TimeKind.Moment,
        "timestamp without time zone" => TimeKind.WallClock,
        "date" => TimeKind.Day,
        _ => null,
    };

    private static async Task<IReadOnlySet<(long Source, long Destination)>> CastsAsync(
        DatabaseSession session, TableFacts table, TableFacts archive, CancellationToken cancellationToken)
    {
        var pairs = table.Columns
            .Join(archive.Columns, column => column.Name, column => column.Name, (from, to) => (Source: from.TypeOid, Destination: to.TypeOid))
            .Where(pair => pair.Source != pair.Destination)
            .Distinct()
            .ToList();
        return pairs.Count == 0 ? new HashSet<(long, long)>() : (await session.QueryAsync(
            "Retention/Sql/LosslessCasts.sql",
            row => (row.GetInt64(0), row.GetInt64(1)),
            cancellationToken,
            pairs.Select(pair => pair.Source).ToArray(),
            pairs.Select(pair => pair.Destination).ToArray())).ToHashSet();
    }
}
