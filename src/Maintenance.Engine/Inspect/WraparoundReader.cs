using Maintenance.Engine.Database;
using Maintenance.Engine.Health;
using Npgsql;

namespace Maintenance.Engine.Inspect;

/// <summary>Reads how far a server is from wraparound. Consumes no transaction id, and waits for nobody's lock.</summary>
internal sealed class WraparoundReader(DatabaseSession session)
{
    private readonly List<Gap> _gaps = [];

    /// <summary>Reads everything that can be read.</summary>
    /// <param name="tables">How many tables of the connected database.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<WraparoundFacts> ReadAsync(int tables, CancellationToken cancellationToken)
    {
        var (facts, mayCountMembers) = (await session.QueryAsync(
            "Inspect/Sql/WraparoundServer.sql",
            row => (
                new WraparoundFacts
                {
                    MajorVersion = session.MajorVersion,
                    IsStandby = session.IsStandby,
                    NextXid = row.GetInt64(0),
                    NextMultixact = row.GetInt64(1),
                    FreezeLimit = row.GetInt64(2),
                    MultixactFreezeLimit = row.GetInt64(3),
                    FailsafeAge = Long(row, 4),
                    MultixactFailsafeAge = Long(row, 5),
                    SeesOthers = row.GetBoolean(6),
                },
                row.GetBoolean(7)),
            cancellationToken))[0];
        facts = facts with
        {
            Databases = await session.QueryAsync(
                "Inspect/Sql/WraparoundDatabases.sql",
                row => new DatabaseAge(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5)),
                cancellationToken),
            QuotedUser = (await session.QueryAsync("Database/Sql/QuotedUser.sql", row => row.GetString(0), cancellationToken))[0],
        };
        facts = await ReadMembersAsync(facts, mayCountMembers, cancellationToken);
        await TryAsync("tables", async () => facts = await ReadTablesAsync(facts, tables, cancellationToken));
        if (!session.IsStandby)
        {
            await TryAsync("holders", async () => facts = facts with { Holders = await XminHolders.ReadAllAsync(session, cancellationToken) });
        }

        return facts with { Gaps = [.. _gaps] };
    }

    private async Task<WraparoundFacts> ReadMembersAsync(WraparoundFacts facts, bool mayCount, CancellationToken cancellationToken)
    {
        if (facts.MajorVersion > WraparoundLimits.LastVersionWithMemberLimit)
        {
            return facts with { MemberReason = "From PostgreSQL 19 on the space for members of multixacts has no limit of its own." };
        }

        if (!mayCount)
        {
            return facts with { MemberReason = $"The role may not list the server's files. To let it: GRANT EXECUTE ON FUNCTION pg_ls_dir(text) TO {facts.QuotedUser};" };
        }

        try
        {
            return facts with { MemberFiles = (await session.QueryAsync("Inspect/Sql/WraparoundMembers.sql", row => row.GetInt64(0), cancellationToken))[0] };
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            return facts with { MemberReason = exception.Message };
        }
    }

    private async Task<WraparoundFacts> ReadTablesAsync(WraparoundFacts facts, int count, CancellationToken cancellationToken)
    {
        var tables = await session.QueryAsync(
            "Inspect/Sql/WraparoundTables.sql", Table, cancellationToken, (long)count, facts.FreezeLimit, facts.MultixactFreezeLimit);
        return facts with
        {
            Tables = tables,
            TemporarySchemas = !session.IsStandby && tables.Any(table => table.Table.IsTemporary)
                ? await session.QueryAsync(
                    session.MajorVersion >= 16 ? "Inspect/Sql/TemporarySchemas.16.sql" : "Inspect/Sql/TemporarySchemas.13.sql",
                    row => new TemporarySchema(row.IsDBNull(0) ? null : row.GetInt32(0), row.GetInt32(1)),
                    cancellationToken)
                : [],
        };
    }

    private TableAgeFacts Table(NpgsqlDataReader row) => new(
        new DbTableAge
        {
            Target = session.Target.Name,
            Database = session.Database,
            Oid = row.GetInt64(0),
            Schema = row.GetString(1),
            Name = row.GetString(2),
            IsMaterializedView = row.GetBoolean(4),
            IsShared = row.GetBoolean(5),
            IsTemporary = row.GetBoolean(6),
            XidAge = row.GetInt64(7),
            MultixactAge = row.GetInt64(8),
            FreezeLimit = row.GetInt64(9),
            MultixactFreezeLimit = row.GetInt64(10),
            FreezePercent = row.GetDouble(11),
            SizeBytes = Long(row, 12),
        },
        row.GetString(3));

    private Task TryAsync(string subject, Func<Task> read) => _gaps.TryAsync("XID", subject, read);

    private static long? Long(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}
