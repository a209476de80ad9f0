using Maintenance.Engine.Database;

namespace Maintenance.Engine.Inspect;

/// <summary>The statements of a piece of advice, written by the server, which knows how its names are quoted.</summary>
internal sealed class IndexStatements(DatabaseSession session)
{
    /// <summary>Writes those for a list of drafts, in its order.</summary>
    public async Task<IReadOnlyList<(IReadOnlyList<string> Sql, IReadOnlyList<string> Rollback)>> WriteAsync(IReadOnlyList<IndexDraft> drafts, CancellationToken cancellationToken)
    {
        var existing = drafts.Where(draft => draft.Action is IndexAction.Drop or IndexAction.Rebuild).Select(draft => draft.Oid).ToArray();
        var written = (existing.Length == 0 ? [] : await ReadAsync(existing, cancellationToken)).ToDictionary(row => row.Oid);
        var result = new List<(IReadOnlyList<string>, IReadOnlyList<string>)>();
        foreach (var draft in drafts)
        {
            // An index that is gone meanwhile, or held exclusively by somebody, has nothing to run.
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

    /// <summary>Writes what makes an index again, as it is and without blocking writers; nothing if it is gone or held exclusively by somebody.</summary>
    public async Task<IReadOnlyList<string>> RecreateAsync(long index, CancellationToken cancellationToken) => await ReadAsync([index], cancellationToken) is [var texts] ? texts.Recreate : [];

    private async Task<List<(long Oid, string Drop, string Rebuild, string[] Recreate)>> ReadAsync(long[] indexes, CancellationToken cancellationToken)
    {
        try
        {
            return await session.QueryAsync(
                "Inspect/Sql/IndexStatements.sql",
                row => (row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3)),
                cancellationToken,
                indexes);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.LockTimeout)
        {
            // Somebody has just locked one of them: the advice is worth having without the statements.
            return [];
        }
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
