using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Npgsql;

namespace Maintenance.Engine.Security.PersonalData;

/// <summary>Reads from the catalogue what there is to look at: three statements, however many tables there are.</summary>
internal sealed class PersonalDataReader(DatabaseSession session)
{
    public Task<List<PersonalRelation>> RelationsAsync(PersonalDataQuery query, CancellationToken cancellationToken) => session.QueryAsync(
        "Security/PersonalData/Sql/PersonalDataRelations.sql",
        row => new PersonalRelation(
            row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4)[0], row.GetBoolean(5), row.GetBoolean(6), row.GetBoolean(7), row.GetString(8), row.GetBoolean(9)),
        cancellationToken,
        Patterns(query.Schemas), Patterns(query.Tables));

    public async Task<ILookup<long, PersonalColumn>> ColumnsAsync(IReadOnlyList<PersonalRelation> relations, CancellationToken cancellationToken) => (await session.QueryAsync(
        "Security/PersonalData/Sql/PersonalDataColumns.sql",
        row => new PersonalColumn(
            row.GetInt64(0), row.GetInt16(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7)[0], row.GetBoolean(8), Text(row, 9), row.GetString(10), row.GetBoolean(11)),
        cancellationToken,
        relations.Select(relation => relation.Oid).ToArray())).ToLookup(column => column.Relation);

    public Task<List<ForeignKeyFacts>> KeysAsync(CancellationToken cancellationToken) => session.QueryAsync(
        "Security/PersonalData/Sql/PersonalDataKeys.sql",
        row => new ForeignKeyFacts(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4)[0]),
        cancellationToken);

    /// <summary>Which columns views show, by the relation they are in: the view, and the column's number.</summary>
    public async Task<ILookup<long, (long View, short Column)>> ViewsAsync(CancellationToken cancellationToken) => (await session.QueryAsync(
        "Security/PersonalData/Sql/PersonalDataViews.sql",
        row => (Relation: row.GetInt64(0), Shown: (row.GetInt64(1), row.GetInt16(2))),
        cancellationToken)).ToLookup(row => row.Relation, row => row.Shown);

    private static string[]? Patterns(IReadOnlyList<string> names) => names.Count == 0 ? null : [.. names.Select(LikePattern.Of)];

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
