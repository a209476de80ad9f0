using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>Asks the catalogue about the partitions of a policy's table, and plans what becomes of them.</summary>
internal static class PartitionProbe
{
    /// <summary>What the run would do first: partitions that an earlier one has taken out, whose rows nobody can count now.</summary>
    public static async Task<IReadOnlyList<string>> UnfinishedAsync(DatabaseSession session, PolicyFacts facts, CancellationToken cancellationToken) => facts.Table.IsPartitioned
        ? [.. (await PartitionJournal.OpenAsync(session, cancellationToken)).Where(open => open.PolicyTable == facts.Table.Oid).Select(open =>
            $"An earlier run was about to move {open.Move.PartitionName} and did not come to its end; the run begins with it. If it is out of {open.Move.TableName} already, its rows are not in the counts.")]
        : [];

    /// <summary>Which partitions would go whole.</summary>
    public static async Task<PartitionPlan> PlanAsync(
        DatabaseSession session, RetentionPolicy policy, PolicyFacts facts, CutOff cutOff, RetentionStatements rows, RetentionOptions options, CancellationToken cancellationToken)
    {
        if (!PartitionPlanner.Applies(policy, facts))
        {
            return PartitionPlan.Nothing;
        }

        var statements = new PartitionStatements(facts, rows);
        var plan = PartitionPlanner.Plan(policy, facts, await ReadAsync(session, policy, facts, cutOff, statements, cancellationToken), options.AllowAccessExclusive);
        var (going, staying) = (new List<PartitionStep>(), new List<PartitionFacts>());
        foreach (var step in plan.Steps)
        {
            if (await MustStayAsync(session, policy, step, statements, cutOff, cancellationToken))
            {
                staying.Add(step.Partition);
            }
            else
            {
                going.Add(step);
            }
        }

        return plan with { Steps = going, Notes = staying.Count == 0 ? plan.Notes : [.. plan.Notes, PartitionPlanner.Note(staying, "rows in them have to stay")] };
    }

    /// <summary>Whether a partition holds a row that must stay: one on hold, or without an age.</summary>
    public static async Task<bool> MustStayAsync(
        DatabaseSession session, RetentionPolicy policy, PartitionStep step, PartitionStatements statements, CutOff cutOff, CancellationToken cancellationToken) =>
        // Its bounds keep all other rows out.
        (policy.LegalHold is not null || step.Partition.MayHoldAgeless)
        && await session.RunAsync(
            statements.HasStaying(step.Partition.QuotedName),
            stays => stays ? "some must stay" : "none",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(SqlText.Marked(statements.HasStaying(step.Partition.QuotedName)), connection);
                command.Parameters.Add(new() { Value = cutOff.Value });
                return (bool)(await command.ExecuteScalarAsync(token))!;
            },
            cancellationToken);

    private static async Task<PartitioningFacts> ReadAsync(
        DatabaseSession session, RetentionPolicy policy, PolicyFacts facts, CutOff cutOff, PartitionStatements statements, CancellationToken cancellationToken)
    {
        var partitions = await ReadPartitionsAsync(session, facts.Table.Oid, facts.Archive?.Oid, cancellationToken);
        var archived = facts.Archive is { IsPartitioned: true } archive ? await ReadPartitionsAsync(session, archive.Oid, null, cancellationToken) : [];
        var tables = await session.QueryAsync(
            "Retention/Sql/PartitionedTables.sql",
            row => new PartitionedFacts
            {
                Oid = row.GetInt64(0),
                QuotedName = row.GetString(1),
                IsOurs = row.GetBoolean(2),
                IsByTime = row.GetBoolean(3),
                HasDefault = row.GetBoolean(4),
                HasPending = row.GetBoolean(5),
                Key = row.GetString(6),
                HasForeignKeys = row.GetBoolean(7),
                IsPublished = row.GetBoolean(8),
            },
            cancellationToken,
            partitions.Select(partition => partition.Oid).Append(facts.Table.Oid).Append(facts.Archive?.Oid ?? 0).ToArray(),
            policy.TimeColumn);
        var byTime = tables.Where(table => table.IsByTime).Select(table => table.Oid).ToHashSet();
        return new PartitioningFacts
        {
            Partitions = await CompareAsync(session, [.. partitions], partition => byTime.Contains(partition.ParentOid), archived.Where(partition => partition.ParentOid == facts.Archive!.Oid), statements, cutOff, cancellationToken),
            Tables = tables.Where(table => table.Oid != facts.Archive?.Oid).ToDictionary(table => table.Oid),
            Archive = tables.FirstOrDefault(table => table.Oid == facts.Archive?.Oid),
            HasJournal = (await session.QueryAsync("Retention/Sql/MayKeepPartitionMoves.sql", row => row.GetBoolean(0), cancellationToken))[0],
        };
    }

    private static Task<List<PartitionFacts>> ReadPartitionsAsync(DatabaseSession session, long table, long? archive, CancellationToken cancellationToken) => session.QueryAsync(
        "Retention/Sql/Partitions.sql",
        row => new PartitionFacts
        {
            Oid = row.GetInt64(0),
            ParentOid = row.GetInt64(1),
            QuotedName = row.GetString(2),
            Name = row.GetString(3),
            BoundText = row.GetString(4),
            Bound = PartitionBound.Parse(row.GetString(4)),
            IsPending = row.GetBoolean(5),
            IsTable = row.GetBoolean(6),
            IsOurs = row.GetBoolean(7),
            HidesRows = row.GetBoolean(8),
            HasForeignKeys = row.GetBoolean(9),
            HasTriggers = row.GetBoolean(10),
            HasViews = row.GetBoolean(11),
            IsPublished = row.GetBoolean(12),
            FitsArchive = row.GetBoolean(13),
        },
        cancellationToken,
        table,
        archive);

    // Bounds of other keys than the time column are no times, and not compared.
    private static async Task<IReadOnlyList<PartitionFacts>> CompareAsync(
        DatabaseSession session, List<PartitionFacts> partitions, Func<PartitionFacts, bool> isByTime, IEnumerable<PartitionFacts> archived, PartitionStatements statements, CutOff cutOff, CancellationToken cancellationToken)
    {
        var comparable = partitions.Where(partition => partition.Bound is not null && isByTime(partition)).ToList();
        var taken = archived.Where(partition => partition.Bound is not null && isByTime(partition)).Select(partition => partition.Bound!).ToList();
        var verdicts = await session.RunAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(SqlText.Marked(statements.Compare), connection);
                foreach (var bounds in new[] { comparable.ConvertAll(partition => partition.Bound!), taken })
                {
                    command.Parameters.Add(new() { Value = bounds.Select(bound => bound.Lower).ToArray() });
                    command.Parameters.Add(new() { Value = bounds.Select(bound => bound.Upper).ToArray() });
                    command.Parameters.Add(new() { Value = bounds.Select(bound => bound.IsUpperExact).ToArray() });
                }

                command.Parameters.Add(new() { Value = cutOff.Value });
                await using var reader = await command.ExecuteReaderAsync(token);
                var rows = new List<(bool IsPast, bool IsTaken, long Rank, bool HoldsCutOff, long? Begin)>();
                while (await reader.ReadAsync(token))
                {
                    rows.Add((reader.GetBoolean(0), reader.GetBoolean(1), reader.GetInt64(2), reader.GetBoolean(3), reader.IsDBNull(4) ? null : reader.GetInt64(4)));
                }

                return rows;
            },
            cancellationToken);
        var judged = comparable.Zip(verdicts, (partition, verdict) => partition with { IsPast = verdict.IsPast, IsTaken = verdict.IsTaken, Rank = verdict.Rank, HoldsCutOff = verdict.HoldsCutOff, BeginMicroseconds = verdict.Begin }).ToDictionary(partition => partition.Oid);
        return [.. partitions.Select(partition => judged.GetValueOrDefault(partition.Oid, partition))];
    }
}
