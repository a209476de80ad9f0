using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>A partition on its way.</summary>
/// <param name="Id">The move's own id.</param>
/// <param name="TableOid">The table that it leaves, which may be a partition itself.</param>
/// <param name="TableName">Name of that, quoted.</param>
/// <param name="PartitionOid">The partition.</param>
/// <param name="PartitionName">Its name, quoted.</param>
/// <param name="Bound">Its bound as the server writes it.</param>
/// <param name="Action">What the policy does: Delete or ArchiveToTable.</param>
/// <param name="Destination">Where it goes, quoted; null if it is dropped.</param>
internal sealed record PartitionMove(
    Guid Id, long TableOid, string TableName, long PartitionOid, string PartitionName, string Bound, RetentionAction Action, string? Destination);

/// <summary>Where a partition is.</summary>
/// <param name="Name">Its name now, quoted.</param>
/// <param name="ParentOid">The table that it is a partition of; null if of none.</param>
/// <param name="IsPending">It is being detached from there.</param>
/// <param name="TableName">Name now of the table that it left, quoted; null if there is none.</param>
/// <param name="TableHasDefault">Whether that has a DEFAULT partition.</param>
internal sealed record PartitionState(string Name, long? ParentOid, bool IsPending, string? TableName, bool TableHasDefault)
{
    /// <summary>It stands alone.</summary>
    public bool IsOut => ParentOid is null;
}

/// <summary>What is written down of partitions before they are detached, so that the next run finds those that never arrived.</summary>
internal static class PartitionJournal
{
    /// <summary>Writes down what is about to leave, before anything does.</summary>
    public static async Task<IReadOnlyList<PartitionMove>> RegisterAsync(RetentionWork work, IReadOnlyList<PartitionStep> steps, CancellationToken cancellationToken)
    {
        if (!await IsThereAsync(work.Session, cancellationToken))
        {
            await work.Session.ExecuteAsync("Retention/Sql/Journal.sql", cancellationToken);
        }

        var moves = steps.Select(step => new PartitionMove(
            Guid.CreateVersion7(work.Time.GetUtcNow()), step.Parent.Oid, step.Parent.QuotedName, step.Partition.Oid, step.Partition.QuotedName, step.Partition.BoundText, work.Policy.Action, work.Facts.Archive?.QuotedName)).ToList();
        await work.Session.ExecuteAsync(
            "Retention/Sql/RegisterPartitionMoves.sql",
            cancellationToken,
            moves.Select(move => move.Id).ToArray(),
            work.Target.Name,
            work.Policy.Action.ToString(),
            moves.Select(move => move.TableOid).ToArray(),
            moves.Select(move => move.TableName).ToArray(),
            moves.Select(move => move.PartitionOid).ToArray(),
            moves.Select(move => move.PartitionName).ToArray(),
            moves.Select(move => move.Bound).ToArray(),
            work.Facts.Archive?.QuotedName);
        return moves;
    }

    /// <summary>Says that moves are over, or never began.</summary>
    public static Task EndAsync(DatabaseSession session, IEnumerable<PartitionMove> moves, CancellationToken cancellationToken) =>
        session.ExecuteAsync("Retention/Sql/EndPartitionMoves.sql", cancellationToken, moves.Select(move => move.Id).ToArray());

    /// <summary>Says that a move is over if another run has moved the same partition, which one that had lost its lock may have done beside it.</summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> EndBesideAsync(DatabaseSession session, PartitionMove move, CancellationToken cancellationToken) =>
        await session.ExecuteAsync("Retention/Sql/EndPartitionMoveBeside.sql", cancellationToken, move.Id) == 1;

    /// <summary>Moves that did not come to their end, and the table whose policy began each.</summary>
    public static async Task<IReadOnlyList<(PartitionMove Move, long PolicyTable)>> OpenAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        await IsThereAsync(session, cancellationToken)
            ? await session.QueryAsync("Retention/Sql/OpenPartitionMoves.sql", row => (Read(row), row.GetInt64(8)), cancellationToken)
            : [];

    /// <summary>Where a partition is now; null if it is gone.</summary>
    public static async Task<PartitionState?> StateAsync(DatabaseSession session, PartitionMove move, CancellationToken cancellationToken) =>
        (await session.QueryAsync(
            "Retention/Sql/PartitionState.sql",
            row => new PartitionState(row.GetString(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.GetBoolean(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetBoolean(4)),
            cancellationToken,
            move.PartitionOid,
            move.TableOid)).FirstOrDefault();

    private static async Task<bool> IsThereAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        (await session.QueryAsync("Retention/Sql/HasPartitionMoves.sql", row => row.GetBoolean(0), cancellationToken)) is [true];

    private static PartitionMove Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetInt64(2), row.GetString(3), row.GetInt64(4), row.GetString(5), row.GetString(6), Enum.Parse<RetentionAction>(row.GetString(1)), row.IsDBNull(7) ? null : row.GetString(7));
}
