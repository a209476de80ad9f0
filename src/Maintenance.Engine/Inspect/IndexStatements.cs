using Maintenance.Engine.Database;

namespace Maintenance.Engine.Inspect;

/// <summary>The statements of a piece of advice, written by the server, which knows how its names are quoted.</summary>
internal sealed class IndexStatements(DatabaseSession session)
{
    /// <summary>Writes those for a list of drafts, in its order.</summary>
    public async Task<IReadOnlyList<(IReadOnlyList<string> Sql, IReadOnlyList<string> Rollback)>> WriteAsync(IReadOnlyList<IndexDraft> drafts, CancellationToken cancellationToken)
    {
        var existing = drafts.Where(draft => draft.Action is IndexAction.Drop or IndexAction.Rebuild).Select(draft => draft.Oid).ToArray();
        var written = existing.Length == 0
            ? []
            : (await session.QueryAsync(
                "Inspect/Sql/IndexStatements.sql",
                row => (Oid: row.GetInt64(0), Drop: row.GetString(1), Rebuild: row.GetString(2), Recreate: row.GetFieldValue<string[]>(3)),
                cancellationToken,
                existing)).ToDictionary(row => row.Oid);
        var result = new List<(IReadOnlyList<string>, IReadOnlyList<string>)>();
        foreach (var draft in drafts)
        {
            // An index that is gone meanwhile has nothing to run.
            result.Add((draft.Action, written.TryGetValue(draft.Oid, out var texts)) switch
            {
                (IndexAction.Drop, true) => ([texts.Drop], texts.Recreate),
                (IndexAction.Rebuild, true) => ([texts.Rebuild], []),
                (IndexAction.Create, _) => await CreateAsync(draft, cancellationToken),
                _ => ([], []),
            });
        }

        return result;
    }

    private async Task<(IReadOnlyList<string> Sql, IReadOnlyList<string> Rollback)> CreateAsync(IndexDraft draft, CancellationToken cancellationToken)
    {
        var (columns, tables) = draft.Missing!.Value;
        var texts = (await session.QueryAsync(
            "Inspect/Sql/ForeignKeyIndexes.sql",
            row => (Sql: row.IsDBNull(0) ? [] : row.GetFieldValue<string[]>(0), Rollback: row.IsDBNull(1) ? [] : row.GetFieldValue<string[]>(1)),
            cancellationToken,
            draft.Table.Oid,
            columns.ToArray(),
            tables.ToArray()))[0];
        return (texts.Sql, texts.Rollback);
    }
}
