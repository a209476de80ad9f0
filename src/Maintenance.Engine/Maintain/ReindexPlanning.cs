using Maintenance.Engine.Database;

namespace Maintenance.Engine.Maintain;

/// <summary>Reads what a plan needs, and has it made.</summary>
internal sealed class ReindexPlanning(MaintenanceTarget target, ReindexOptions options, CallContext call, TimeProvider time)
{
    private readonly List<DbAction> _refused = [];
    private readonly Dictionary<long, long?> _gains = [];

    /// <summary>Rebuilds of earlier runs that may have left something.</summary>
    public IReadOnlyList<InterruptedRebuild> Interrupted { get; private set; } = [];

    /// <summary>Makes the plan.</summary>
    public async Task<IReadOnlyList<DbAction>> PlanAsync(DatabaseSession session, Task<PastActions> reading, CancellationToken cancellationToken)
    {
        int[] ours = [session.Connection.ProcessID];
        var server = await Preflight.ReadAsync(session, ours, cancellationToken);
        if (Preflight.Judge(target.Name, server) is { Code: MaintenanceErrorCode.PoolerNotSupported or MaintenanceErrorCode.DatabaseReadOnly } never)
        {
            throw never;
        }

        var facts = new ReindexFacts
        {
            Target = target.Name,
            Database = session.Database,
            ServerVersionNumber = session.ServerVersionNumber,
            Server = server,
            Options = options,
            Now = time.GetUtcNow(),
        };
        var wanted = await ResolveAsync(session, facts, cancellationToken);
        var past = await reading;
        Interrupted = InterruptedRebuilds.Find(past, session.Database);
        var tables = Interrupted.Select(rebuild => rebuild.Origin.TableOid).ToHashSet();
        if (options.RepairInvalid)
        {
            tables.UnionWith(await session.QueryAsync("Maintain/Sql/InvalidIndexes.sql", row => row.GetInt64(0), cancellationToken));
        }

        var states = await IndexState.WithSiblingsAsync(session, wanted, ours, cancellationToken);
        var ofTables = tables.Count == 0 ? [] : await IndexState.OfTablesAsync(session, tables, ours, cancellationToken);
        var all = states.Concat(ofTables).DistinctBy(index => index.Oid).ToList();
        facts = facts with
        {
            Past = past,
            Obstacles = await Obstacles.ReadAsync(
                session,
                all.Select(index => index.Oid).Concat(all.Select(index => index.TableOid)).Distinct(),
                ours,
                options.MaximumSnapshotAge ?? ReindexOptions.DefaultMaximumSnapshotAge,
                cancellationToken),
        };
        await TellOfHiddenSessionsAsync(session, cancellationToken);

        var byTable = all.ToLookup(index => index.TableOid);
        var remains = Interrupted.SelectMany(rebuild => InvalidIndexLineage.LeftBy(rebuild.Origin, [.. byTable[rebuild.Origin.TableOid]])).DistinctBy(index => index.Oid).ToList();
        var taken = remains.Select(index => index.Oid).ToHashSet();
        var repairs = options.RepairInvalid
            ? all.Where(index => !index.IsValid && !index.IsSystem && !index.IsOthersTemporary && !taken.Contains(index.Oid) && !wanted.Contains(index.Oid)).ToList()
            : [];
        return
        [
            .. remains.Select(index => ReindexPlanner.Drop(facts, index, "An interrupted rebuild of ours left it: every write maintains it, and no query uses it.")),
            .. repairs.Select(index => ReindexPlanner.Repair(facts, index, [.. byTable[index.TableOid]])),
            .. InOrder(facts, all.Where(index => wanted.Contains(index.Oid) && !taken.Contains(index.Oid)))
                .Select(index => ReindexPlanner.Rebuild(facts, index, [.. byTable[index.TableOid]])),
            .. _refused,
        ];
    }

    private IEnumerable<IndexState> InOrder(ReindexFacts facts, IEnumerable<IndexState> indexes)
    {
        var putOff = facts.Past.Deferred(facts.Database, DbActionKind.Reindex).Select(action => (action.Schema, action.Name)).ToHashSet();
        return indexes
            .OrderByDescending(index => putOff.Contains((index.Schema, index.Name)))
            .ThenByDescending(index => _gains.GetValueOrDefault(index.Oid) ?? index.SizeBytes)
            .ThenBy(index => index.Schema, StringComparer.Ordinal)
            .ThenBy(index => index.Name, StringComparer.Ordinal);
    }

    /// <summary>The OIDs of the indexes that are meant.</summary>
    private async Task<HashSet<long>> ResolveAsync(DatabaseSession session, ReindexFacts facts, CancellationToken cancellationToken)
    {
        // Most come from a pipeline with their OIDs: one question for all of them.
        var known = (await session.QueryAsync(
            "Maintain/Sql/IndexesByOid.sql",
            row => new Relation(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)[0], row.GetInt64(4)),
            cancellationToken,
            options.Index.Select(reference => reference.Oid).OfType<long>().ToArray())).ToDictionary(index => index.Oid);
        var (indexes, partitioned, tables, partitionedTables) = (new HashSet<long>(), new List<long>(), new List<long>(), new List<long>());
        foreach (var reference in options.Index)
        {
            // An OID means something in its own database alone.
            if (reference.Oid is { } oid && known.GetValueOrDefault(oid) is { } index && (reference.Database is null || reference.Database == session.Database)
                && (reference.Name is null || reference.Name == index.Name) && (reference.Schema is null || reference.Schema == index.Schema))
            {
                Take(index, reference);
            }
            else if (await FindAsync(session, facts, reference, cancellationToken) is { } relation)
            {
                if (relation.IsIndex)
                {
                    Take(relation, reference);
                }
                else
                {
                    _refused.Add(ReindexPlanner.Refuse(facts, reference, StepState.Skipped, NoIndex(relation), relation));
                }
            }
        }

        foreach (var reference in options.Table)
        {
            if (await FindAsync(session, facts, reference, cancellationToken) is { } relation)
            {
                if (relation.IsIndex)
                {
                    _refused.Add(ReindexPlanner.Refuse(
                        facts, reference, StepState.Failed, new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"{reference} is an index, not a table.", "Name it with -Index."), relation));
                }
                else
                {
                    (relation.Kind == 'p' ? partitionedTables : tables).Add(relation.Oid);
                }
            }
        }

        if (partitioned.Count > 0)
        {
            indexes.UnionWith(await LeavesAsync(session, partitioned, cancellationToken));
        }

        if (partitionedTables.Count > 0)
        {
            tables.AddRange(await LeavesAsync(session, partitionedTables, cancellationToken));
        }

        if (tables.Count > 0)
        {
            indexes.UnionWith(await session.QueryAsync("Maintain/Sql/IndexesToRebuild.sql", row => row.GetInt64(0), cancellationToken, tables.ToArray()));
        }

        return indexes;

        void Take(Relation relation, DbObjectReference reference)
        {
            if (relation.Kind == 'I')
            {
                partitioned.Add(relation.Oid);
            }
            else
            {
                indexes.Add(relation.Oid);
                _gains[relation.Oid] = (reference.Item as IReclaimable)?.Reclaimable;
            }
        }
    }

    private async Task<Relation?> FindAsync(DatabaseSession session, ReindexFacts facts, DbObjectReference reference, CancellationToken cancellationToken)
    {
        try
        {
            return await RelationFinder.FindAsync(session, reference, cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Code is MaintenanceErrorCode.ObjectNotFound or MaintenanceErrorCode.InvalidArgument)
        {
            _refused.Add(ReindexPlanner.Refuse(facts, reference, StepState.Failed, exception));
            return null;
        }
    }

    private static Task<List<long>> LeavesAsync(DatabaseSession session, List<long> oids, CancellationToken cancellationToken) =>
        session.QueryAsync("Maintain/Sql/LeafPartitions.sql", row => row.GetInt64(0), cancellationToken, oids.ToArray());

    private static MaintenanceException NoIndex(Relation relation) => relation.Kind == 't'
        ? new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument,
            "A TOAST table's rows are not reclaimed by reindexing.",
            "Vacuum its table: Invoke-DbVacuum. Its index alone: Invoke-DbReindex -Table with this name.")
        : new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument,
            "A table's rows are not reclaimed by reindexing.",
            "Invoke-DbVacuum turns dead rows into space for new ones; what is free inside pages only VACUUM FULL or pg_repack gives back to the disk. All its b-trees: Invoke-DbReindex -Table with this name.");

    // Unknown is never green: whoever may not look cannot say that nobody is in the way. The lock timeout bounds what that may cost.
    private async Task TellOfHiddenSessionsAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var hidden = (await session.QueryAsync("Database/Sql/HiddenSessions.sql", row => row.GetInt32(0), cancellationToken))[0];
        if (hidden > 0)
        {
            call.Sink.Warning($"{hidden} session(s) of other roles are hidden from {session.User}: whether they have old snapshots is not known. GRANT pg_monitor TO the role.");
        }
    }
}
