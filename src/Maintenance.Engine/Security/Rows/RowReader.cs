using Maintenance.Engine.Database;

namespace Maintenance.Engine.Security.Rows;

/// <summary>Reads what there is to try, and as whom.</summary>
internal sealed class RowReader(DatabaseSession session)
{
    // Names under which applications keep whose a row is. A foreign key to the accounts says so too.
    private static readonly string[] OwnerColumns =
        ["user_id", "owner_id", "owner", "author_id", "created_by", "account_id", "customer_id", "member_id", "profile_id", "tenant_id", "org_id", "organization_id", "email"];

    /// <summary>Who strangers are where nobody said.</summary>
    public async Task<(IReadOnlyList<RowSecuritySubject> Strangers, IReadOnlyList<string>? Schemas)> DefaultsAsync(CancellationToken cancellationToken)
    {
        var (setting, anon, authenticated) = (await session.QueryAsync(
            "Security/Sql/RowSecuritySchemas.sql", row => (row.IsDBNull(0) ? null : row.GetString(0), row.GetBoolean(1), row.GetBoolean(2)), cancellationToken))[0];
        var nobody = Guid.NewGuid();
        List<RowSecuritySubject> strangers = [];
        if (anon)
        {
            strangers.Add(new RowSecuritySubject("anon", "anon") { IsStranger = true, Claims = "{\"role\":\"anon\"}" });
        }

        if (authenticated)
        {
            strangers.Add(new RowSecuritySubject("authenticated", "authenticated") { IsStranger = true, Claims = $$"""{"sub":"{{nobody}}","role":"authenticated"}""" });
        }

        var schemas = string.IsNullOrWhiteSpace(setting)
            ? anon ? ["public", "graphql_public"] : null
            : setting.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => name.Trim('"')).ToArray();
        return (strangers, schemas);
    }

    /// <summary>For roles that cannot be taken on: the grant that lets us, or null where there is no such role.</summary>
    public async Task<Dictionary<string, string?>> RefusedAsync(IEnumerable<string> roles, CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync(
            session.MajorVersion >= 16 ? "Security/Sql/RowSecurityRoles.16.sql" : "Security/Sql/RowSecurityRoles.13.sql",
            row => (Name: row.GetString(0), Exists: row.GetBoolean(1), May: row.GetBoolean(2), Grant: row.GetString(3)),
            cancellationToken,
            [roles.Distinct(StringComparer.Ordinal).ToArray()]);
        return rows.Where(row => !row.May).ToDictionary(row => row.Name, row => row.Exists ? row.Grant : null, StringComparer.Ordinal);
    }

    public Task<List<string>> SchemasAsync(CancellationToken cancellationToken) =>
        session.QueryAsync("Security/Sql/RowSecurityNamespaces.sql", row => row.GetString(0), cancellationToken);

    public Task<List<RowRelation>> RelationsAsync(IReadOnlyList<string>? schemas, CancellationToken cancellationToken) => session.QueryAsync(
        "Security/Sql/RowSecurityRelations.sql",
        row => new RowRelation(
            row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4)[0], row.GetString(5), row.GetBoolean(6), row.GetBoolean(7), row.GetBoolean(8),
            row.IsDBNull(9) ? "" : row.GetString(9), row.GetFieldValue<long[]>(10), row.GetBoolean(11)),
        cancellationToken,
        schemas?.ToArray(), OwnerColumns);

    public Task<List<RowFunction>> FunctionsAsync(CancellationToken cancellationToken) => session.QueryAsync(
        "Security/Sql/RowSecurityFunctions.sql",
        row => new RowFunction(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetString(4) == "v", row.GetString(5)),
        cancellationToken);
}
