using Maintenance.Engine.Database;
using Maintenance.Engine.Stores;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>Prepares what comes back out of files.</summary>
internal sealed class FilePreparation(DatabaseSession session, RestoreOptions options)
{
    private const long Text = 25;

    private readonly Dictionary<string, (long Oid, string Name)?> _types = [];

    /// <summary>Prepares it.</summary>
    /// <exception cref="MaintenanceException">What the archive, the table or their columns say against it.</exception>
    public async Task<FileRestoreJob> RunAsync(IFileStore store, StoredArchive archive, Relation into, RetentionPolicy? policy, CancellationToken cancellationToken)
    {
        var (destination, _, _) = await PolicyProbe.ReadTableAsync(session, into.Oid, archive.TimeColumn, cancellationToken);
        if (RestoreJudge.Destination(destination) is { } refusal)
        {
            throw refusal;
        }

        var (columns, types, gone) = await ColumnsAsync(archive, cancellationToken);
        var casts = await CastReader.ReadAsync(session, columns, destination, options.ColumnMap, cancellationToken);
        var map = ColumnMap.Of($"The archive {archive.Name}", columns, destination, casts, options.ColumnMap, options.IgnoreColumns);
        var range = RestoreRange.Of(options, archive.TimeKind, options.TimeZone ?? policy?.TimeZone ?? "UTC");
        var (parts, before) = await PartsAsync(archive, destination, range, cancellationToken);
        var wanted = RestoreStatements.Wanted(RestoreStatements.StagingColumn(archive.TimeIndex), range.Type);
        return new FileRestoreJob
        {
            Source = archive.Name,
            Destination = destination,
            Map = map,
            Range = range,
            Notes = [.. RestoreJudge.Notes(destination, policy), .. gone.Select(column => $"The type {column.Type} of {column.Name} does not exist any more; its values are read as text.")],
            Archive = archive,
            Store = store,
            Parts = parts,
            PartsRestoredBefore = before,
            CreateSql = RestoreStatements.CreateStaging(types),
            Wanted = wanted,
            CountSql = RestoreStatements.CountWanted(map, wanted, options.Verify),
            InsertSql = RestoreStatements.FromFile(destination, map, wanted, options.SkipExisting),
        };
    }

    private async Task<(List<SourceColumn> Columns, List<string> Types, List<ArchivedColumn> Gone)> ColumnsAsync(StoredArchive archive, CancellationToken cancellationToken)
    {
        var (columns, types, gone) = (new List<SourceColumn>(), new List<string>(), new List<ArchivedColumn>());
        foreach (var (column, index) in archive.Columns.Select((column, index) => (column, index)))
        {
            if (!_types.TryGetValue(column.Type, out var found))
            {
                found = _types[column.Type] = await TypeAsync(column.Type, cancellationToken);
            }

            if (found is null)
            {
                gone.Add(column);
            }

            types.Add(found?.Name ?? "text");
            columns.Add(new SourceColumn(column.Name, RestoreStatements.StagingColumn(index), column.Type, found?.Oid ?? Text, TypeModifier: null));
        }

        return (columns, types, gone);
    }

    private async Task<(long Oid, string Name)?> TypeAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await session.QueryAsync("Retention/Sql/ArchivedType.sql", row => (row.GetInt64(0), row.GetString(1)), cancellationToken, name)) is [var only] ? only : null;
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable && exception.Detail is { Length: 5 })
        {
            // Older servers do not say that there is none such, where it does not read like a type at all.
            return null;
        }
    }

    /// <summary>The files of the time that is wanted, without those whose rows are all on record as restored, and how many those are.</summary>
    private Task<(List<ArchivePart> Parts, int RestoredBefore)> PartsAsync(StoredArchive archive, TableFacts destination, RestoreRange range, CancellationToken cancellationToken) => session.RunAsync(
        async (connection, token) =>
        {
            var journal = !options.Force && await ArchiveJournal.ExistsAsync(session, token);
            await using var command = new NpgsqlCommand(SqlText.Marked(RestoreStatements.SelectParts(range.Type, journal)), connection);
            foreach (var value in new object?[]
            {
                archive.Parts.Select(part => part.Number).ToArray(), archive.Parts.Select(part => part.OldestTime).ToArray(), archive.Parts.Select(part => part.NewestTime).ToArray(),
                range.From, range.To, archive.Id, destination.QuotedName,
            })
            {
                command.Parameters.Add(new() { Value = value ?? DBNull.Value });
            }

            var (parts, before) = (new List<ArchivePart>(), 0);
            try
            {
                await using var reader = await command.ExecuteReaderAsync(token);
                var byNumber = archive.Parts.ToDictionary(part => part.Number);
                while (await reader.ReadAsync(token))
                {
                    if (!reader.GetBoolean(2))
                    {
                        throw archive.Mismatch("does not tell the times of its files");
                    }

                    if (reader.GetBoolean(1))
                    {
                        before++;
                    }
                    else
                    {
                        parts.Add(byNumber[reader.GetInt32(0)]);
                    }
                }
            }
            catch (PostgresException exception) when (RestoreErrors.IsValue(exception))
            {
                throw archive.Mismatch("does not tell the times of its files");
            }

            return (parts, before);
        },
        cancellationToken);
}
