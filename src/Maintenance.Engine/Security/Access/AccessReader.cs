using System.Text.Json;
using System.Xml.Linq;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Security.Access;

/// <summary>Reads what an access review judges. Connecting is enough for nearly all of it.</summary>
internal sealed class AccessReader(DatabaseSession session)
{
    private const string Folder = "Security/Access/Sql";

    public async Task<AccessFacts> ReadAsync(TimeSpan inactiveAfter, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Task<List<T>> RowsAsync<T>(string name, Func<NpgsqlDataReader, T> map, params object?[] values) => session.QueryAsync($"{Folder}/{name}.sql", map, cancellationToken, values);

        var server = (await RowsAsync("AccessServer", row => new AccessServer(
            row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4), row.IsDBNull(5) ? null : row.GetInt64(5), row.GetBoolean(6)))).Single();
        var roles = await session.QueryAsync("Security/Sql/SecurityRoles.sql", SecurityReader.Role, cancellationToken);
        var memberships = await RowsAsync(session.MajorVersion >= 16 ? "AccessMembers.16" : "AccessMembers.13", row => new GrantedMembership(
            row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.GetInt64(5), row.GetBoolean(6)));
        var sessions = await RowsAsync("AccessSessions", row => (Role: row.GetInt64(0), Sessions: new RoleSessions(
            row.GetInt32(1), row.GetInt32(2), row.IsDBNull(3) ? null : TimeSpan.FromSeconds(row.GetDouble(3)), row.GetInt32(4))));
        var objects = await RowsAsync("AccessObjects", row => new RoleObjects(
            row.GetInt64(0), row.GetString(1)[0], row.IsDBNull(2) ? null : row.GetString(2), row.GetBoolean(3), row.GetString(4), row.GetInt64(5)));
        var privileges = await RowsAsync("AccessPrivileges", row => new RolePrivilege(row.GetInt64(0), row.GetBoolean(1), row.GetString(2), row.GetString(3), row.GetInt64(4)));
        if (session.MajorVersion >= 15)
        {
            privileges.AddRange(await RowsAsync("AccessParameters", row => new RolePrivilege(row.GetInt64(0), true, "parameter", row.GetString(1), row.GetInt64(2))));
        }

        var accounts = (await RowsAsync("AccessAccounts", Accounts, inactiveAfter.TotalSeconds)).Single();
        // Last, because it changes where names are looked for.
        var (statements, reason) = await StatementsAsync(cancellationToken);
        return new AccessFacts
        {
            Server = server,
            Roles = new RoleGraph(roles, [.. memberships.Select(one => new MembershipFacts(one.Member, one.Role, one.Inherits, one.Sets, one.Administers))]),
            Memberships = memberships,
            Sessions = sessions.ToDictionary(pair => pair.Role, pair => pair.Sessions),
            Statements = statements,
            StatementsReason = reason,
            Objects = objects.ToLookup(one => one.Role),
            Privileges = privileges.ToLookup(one => one.Role),
            Accounts = accounts,
            Now = now,
        };
    }

    private async Task<(StatementTotals? Totals, string? Reason)> StatementsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StatementsExtension.RequireAsync(session, "pg_stat_statements is not installed in this database", cancellationToken);
            var info = session.MajorVersion >= 14
                ? (await session.QueryAsync($"{Folder}/AccessStatementsInfo.sql", row => (row.IsDBNull(0) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(0), (double?)row.GetDouble(1)), cancellationToken)).Single()
                : (null, null);
            var calls = await session.QueryAsync($"{Folder}/AccessStatements.sql", row => (Role: row.GetInt64(0), Calls: row.GetDouble(1)), cancellationToken);
            return (new StatementTotals(calls.ToDictionary(pair => pair.Role, pair => pair.Calls), info.Item1, info.Item2), null);
        }
        // Not preloaded, or not granted: sessions tell what they can.
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested && exception.Code is not (MaintenanceErrorCode.DatabaseUnreachable or MaintenanceErrorCode.StatementTimeout))
        {
            return (null, exception.Message);
        }
    }

    private static AccountFacts Accounts(NpgsqlDataReader row)
    {
        var (users, sessions) = (Parse(row, 7), Parse(row, 8));
        return new AccountFacts(row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5), row.IsDBNull(6) ? null : row.GetString(6), users is null ? null : users with
        {
            Sessions = sessions?.Sessions,
            OldSessions = sessions?.OldSessions,
        });
    }

    // The server wraps the one JSON value in XML: <table><row><j>...</j></row></table>.
    private static DbApplicationAccounts? Parse(NpgsqlDataReader row, int column) => row.IsDBNull(column)
        ? null
        : JsonSerializer.Deserialize<DbApplicationAccounts>(XDocument.Parse(row.GetString(column)).Descendants("j").Single().Value);
}
