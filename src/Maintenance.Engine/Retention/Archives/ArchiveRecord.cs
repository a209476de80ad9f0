using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Retention;

/// <summary>An archive as it is on record in the database that its rows leave.</summary>
internal sealed record ArchiveRecord
{
    public required Guid Id { get; init; }

    public required string Target { get; init; }

    public required string Schema { get; init; }

    public required string Table { get; init; }

    /// <summary>The store, without secrets.</summary>
    public required string Store { get; init; }

    public required string Prefix { get; init; }

    public required string TimeColumn { get; init; }

    public required string TimeColumnType { get; init; }

    public required DateTimeOffset CutOff { get; init; }

    public required IReadOnlyList<ArchivedColumn> Columns { get; init; }

    public required string ServerVersion { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What shows that it is ours to add to.</summary>
    public required Guid Claim { get; init; }

    /// <summary>The archive that a policy begins.</summary>
    public static ArchiveRecord Of(RetentionWork work, IFileStore store)
    {
        var (id, now, table) = (Guid.NewGuid(), work.Time.GetUtcNow(), work.Facts.Table);
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        return new ArchiveRecord
        {
            Id = id,
            Target = work.Target.Name,
            Schema = table.Schema,
            Table = table.Name,
            Store = store.Place,
            Prefix = ArchiveNames.Prefix(work.Policy.Destination ?? ArchiveNames.FolderOf(table.Schema, table.Name), id, now),
            TimeColumn = work.Policy.TimeColumn,
            TimeColumnType = work.Facts.Time!.Type,
            CutOff = work.CutOff.Moment,
            Columns = [.. table.Columns.Select(column => new ArchivedColumn(column.Name, column.Type, !column.IsNotNull))],
            ServerVersion = work.Facts.ServerVersion,
            CreatedAt = now,
            Claim = Guid.NewGuid(),
        };
    }

    /// <summary>What is written beside its files when it is finished.</summary>
    public ArchiveManifest Manifest(string database, IReadOnlyList<ArchivePart> parts, DateTimeOffset finishedAt) => new()
    {
        Id = Id,
        Target = Target,
        Database = database,
        Schema = Schema,
        Table = Table,
        TimeColumn = TimeColumn,
        TimeColumnType = TimeColumnType,
        CutOff = CutOff,
        Columns = Columns,
        Parts = parts,
        Rows = parts.Sum(part => part.Rows),
        ServerVersion = ServerVersion,
        CreatedAt = CreatedAt,
        FinishedAt = finishedAt,
    };
}
