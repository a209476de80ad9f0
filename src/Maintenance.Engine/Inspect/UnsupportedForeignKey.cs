namespace Maintenance.Engine.Inspect;

/// <summary>What a foreign key without an index costs. Pure.</summary>
internal static class UnsupportedForeignKey
{
    public static IndexDraft Draft(
        IReadOnlyList<ForeignKeyFact> keys,
        TableFact table,
        IReadOnlyList<long> without,
        IndexFacts facts,
        Func<TableFact, IEnumerable<TableFact>> withPartitions,
        IEnumerable<IndexFact> indexes,
        DateTimeOffset now)
    {
        var key = keys[0];
        var referenced = keys.Select(other => other.ReferencedOid).Distinct().Select(oid => facts.Tables.GetValueOrDefault(oid)).OfType<TableFact>().ToList();
        var (deleted, updated) = (referenced.SelectMany(withPartitions).Sum(part => part.Deleted), referenced.SelectMany(withPartitions).Sum(part => part.Updated));
        var parts = withPartitions(table).Where(part => without.Contains(part.Oid)).ToList();
        var size = parts.Any(part => part.SizeBytes is null) ? null : parts.Sum(part => part.SizeBytes);
        var names = string.Join(" and ", referenced.Select(other => $"{other.Schema}.{other.Name}"));
        return new IndexDraft
        {
            Table = table,
            Name = table.Name,
            Oid = table.Oid,
            Kind = IndexAdviceKind.UnsupportedForeignKey,
            Verdict = deleted > 0 ? IndexVerdict.Create : IndexVerdict.Observe,
            Action = IndexAction.Create,
            SizeBytes = size,
            Missing = (key.Columns, without),
            Reasons =
            [
                $"No index leads with the column{(key.Columns.Count > 1 ? "s" : "")} {string.Join(", ", key.ColumnNames)} of {Keys(keys)}.",
                $"Each delete from {names}, and each change of a key there, reads all of {table.Schema}.{table.Name} ({Say.Size(size)}).",
                deleted > 0 ? Say.Text($"{Say.Count(deleted, "row was", "rows were")} deleted there since the statistics began.")
                    : updated > 0 ? Say.Text($"No row was deleted there since the statistics began; of {updated} updates the server does not say whether a key was among them.")
                    : "No row was deleted or updated there since the statistics began.",
                .. Near(key, indexes),
                .. table.IsPartitioned ? [Say.Text($"{Say.Count(without.Count, "partition lacks", "partitions lack")} one.")] : (IEnumerable<string>)[],
            ],
            Evidence = new Dictionary<string, object?>
            {
                ["ForeignKeys"] = keys.Select(other => other.Name).ToArray(),
                ["Columns"] = key.ColumnNames,
                ["Referenced"] = names,
                ["ReferencedDeleted"] = deleted,
                ["ReferencedUpdated"] = updated,
                ["EntriesWritten"] = parts.Sum(part => part.IndexWrites),
                ["EstimatedRows"] = parts.Exists(part => part.Rows < 0) ? null : parts.Sum(part => part.Rows),
                ["StatisticsAge"] = now - facts.StatisticsSince,
            },
            Writes = parts.Sum(part => part.IndexWrites),
        };
    }

    private static string Keys(IReadOnlyList<ForeignKeyFact> keys) =>
        keys.Count == 1 ? $"the foreign key {keys[0].Name}" : $"the foreign keys {string.Join(" and ", keys.Select(key => key.Name))}";

    // What somebody might take for one that serves.
    private static IEnumerable<string> Near(ForeignKeyFact key, IEnumerable<IndexFact> indexes)
    {
        foreach (var index in indexes.Where(index => index.KeyCount > 0 && key.Columns.Contains(index.Columns[0])))
        {
            yield return index switch
            {
                { IsUsable: false } => $"{index.Name} is not valid.",
                { IsPartial: true } => $"{index.Name} does not count: it holds only some of the rows.",
                _ => $"{index.Name} begins with one of the columns, but not with {(key.Columns.Count > 1 ? "all of them" : "an order that answers equality")}.",
            };
        }
    }
}
