using Maintenance.Engine.Database;

namespace Maintenance.Engine.Retention;

/// <summary>Prepares what comes back out of a table.</summary>
internal sealed class TablePreparation(DatabaseSession session, RestoreOptions options)
{
    /// <summary>Prepares it.</summary>
    /// <exception cref="MaintenanceException">What the archive, the table or their columns say against it.</exception>
    public async Task<TableRestoreJob> RunAsync(DbObjectReference named, Relation into, RetentionPolicy? policy, CancellationToken cancellationToken)
    {
        var timeColumn = options.TimeColumn ?? policy?.TimeColumn ?? throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument, $"No retention policy says by which column the rows of {named} are told apart.", "Name the column that tells their time with -TimeColumn.");
        var found = await RestorePreparation.FindAsync(session, named, cancellationToken);
        var (archive, timeFacts, _) = await PolicyProbe.ReadTableAsync(session, found.Oid, timeColumn, cancellationToken);
        var (destination, _, _) = await PolicyProbe.ReadTableAsync(session, into.Oid, timeColumn, cancellationToken);
        if ((RestoreJudge.Destination(destination) ?? RestoreJudge.Archive(archive, timeFacts, timeColumn, destination)) is { } refusal)
        {
            throw refusal;
        }

        var notes = RestoreJudge.Notes(destination, policy).ToList();
        var indexes = await session.QueryAsync("Retention/Sql/TimeIndexes.sql", row => row.GetString(0), cancellationToken, archive.Oid, timeFacts!.Number);
        if (await SlowAsync(archive, timeFacts, indexes, cancellationToken) is { } slow)
        {
            notes.Add(options.Force ? $"Forced: {slow.Message}" : throw slow);
        }
        else if (indexes.Count == 0)
        {
            notes.Add($"{archive.QuotedName} has no index that begins with {timeFacts.QuotedName}, so it is read whole for each batch, and batches are larger: up to a second each. CREATE INDEX CONCURRENTLY ON {archive.QuotedName} ({timeFacts.QuotedName}); makes it faster.");
        }

        var columns = archive.Columns
            .Select(column => new SourceColumn(column.Name, column.QuotedName, column.Type, column.TypeOid, column.TypeModifier, IsStamp(column, destination)))
            .ToList();
        var casts = await CastReader.ReadAsync(session, columns, destination, options.ColumnMap, cancellationToken);
        var map = ColumnMap.Of(archive.QuotedName, columns, destination, casts, options.ColumnMap, options.IgnoreColumns);
        var range = RestoreRange.Of(options, timeFacts!.Kind!.Value, options.TimeZone ?? policy?.TimeZone ?? "UTC");
        IReadOnlyList<UniqueKey> keys = options.SkipExisting
            ? await session.QueryAsync("Retention/Sql/UniqueKeys.sql", row => new UniqueKey(row.GetString(0), row.GetFieldValue<string[]>(1)), cancellationToken, destination.Oid)
            : [];
        return new TableRestoreJob
        {
            Source = $"{archive.Schema}.{archive.Name}",
            Destination = destination,
            Map = map,
            Range = range,
            Notes = notes,
            Archive = archive,
            Time = timeFacts,
            IsIndexed = indexes.Count > 0,
            BatchSql = RestoreStatements.FromTable(archive, timeFacts.QuotedName, range.Type, destination, map, keys, options.Verify),
        };
    }

    private async Task<MaintenanceException?> SlowAsync(TableFacts archive, TimeColumnFacts time, IReadOnlyList<string> indexes, CancellationToken cancellationToken) =>
        RestoreJudge.Slow(archive, time, indexes, (await session.QueryAsync("Retention/Sql/RelationSize.sql", row => row.GetInt64(0), cancellationToken, archive.Oid))[0]);

    // Such as archived_at: the archive fills it by itself, and the table never had it.
    private static bool IsStamp(ColumnFacts column, TableFacts destination) =>
        column.HasDefault && column.Name.Contains("archive", StringComparison.OrdinalIgnoreCase) && destination.Columns.All(other => other.Name != column.Name);
}
