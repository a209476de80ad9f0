using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect.Bloat;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Inspect;

/// <summary>Which indexes of a database are broken, redundant, unused or missing.</summary>
public sealed class IndexAdviceService
{
    private const string Task = "Get-DbIndexAdvice";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    private readonly DatabaseConnector _connector;
    private readonly BloatService _bloat;
    private readonly IndexScanHistory _history;
    private readonly ActionHistory _actions;
    private readonly TimeProvider _time;

    internal IndexAdviceService(DatabaseConnector connector, BloatService bloat, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _bloat = bloat;
        _history = new IndexScanHistory(history);
        _actions = new ActionHistory(history, time);
        _time = time;
    }

    /// <summary>Judges the indexes of one database, and keeps in the target's history how often each was used. Default timeout 60 s.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">What is wanted.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>What is to be done first, then by size.</returns>
    /// <exception cref="MaintenanceException">InvalidArgument for a replica that is none of this server's; what the database reports.</exception>
    public async Task<IReadOnlyList<IndexAdvice>> GetAsync(MaintenanceTarget target, IndexAdviceQuery query, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await deadline.RunAsync($"Judging the indexes of '{target.Name}'", async token =>
        {
            var wanted = query with { ReclaimableBytes = query.ReclaimableBytes ?? await EstimateBloatAsync(target, query, call, token) };
            await using var session = await _connector.OpenAsync(target, new SessionOptions(Task, deadline.Remaining), call, token);
            var probe = new IndexProbe(session);
            var facts = await probe.ReadAsync(token);
            call.Sink.Verbose(Say.Text($"Judging {facts.Indexes.Count} indexes of {facts.Tables.Count} tables in database {session.Database} of '{target.Name}'."));
            var now = _time.GetUtcNow();
            var replicas = await ReadReplicasAsync(query, probe, facts, deadline, call, token);
            facts = facts with { Sources = await RememberAsync([(target, facts.Sources[0]), .. replicas], now, call, token) };
            var drafts = IndexAdviser.Advise(facts, wanted, now);
            var statements = await new IndexStatements(session).WriteAsync(drafts, token);
            return (IReadOnlyList<IndexAdvice>)
            [
                .. drafts.Zip(statements, (draft, texts) => ToAdvice(draft, texts.Sql, texts.Rollback, target, facts, now)),
                // Last, because it plans the whole workload and leaves the session looking elsewhere for names: only for who asks for it.
                .. query.Kinds.Contains(IndexAdviceKind.Missing) ? await MissingIndexAdvice.FindAsync(session, query, facts, _actions, _time, call, token) : [],
            ];
        });
    }

    // Bloat is one kind of advice among others: where it cannot be estimated, the others are still worth having.
    private async Task<IReadOnlyDictionary<long, long>?> EstimateBloatAsync(
        MaintenanceTarget target, IndexAdviceQuery query, CallContext call, CancellationToken cancellationToken)
    {
        if (query.Kinds.Count > 0 && !query.Kinds.Contains(IndexAdviceKind.Bloated))
        {
            return null;
        }

        try
        {
            var rows = await _bloat.GetBloatAsync(
                target, new BloatQuery { Kinds = [DbRelationKind.Index], MinimumSize = query.MinimumSizeBytes }, call with { Timeout = null }, cancellationToken);
            return rows
                .Where(row => row.Confidence >= BloatConfidence.Medium && row.Reclaimable > 0)
                .ToDictionary(row => row.Oid, row => row.Reclaimable!.Value);
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Warning($"Bloat of indexes could not be estimated: {exception.Message} {exception.Recommendation}");
            return null;
        }
    }

    private async Task<List<(MaintenanceTarget, ScanSource)>> ReadReplicasAsync(
        IndexAdviceQuery query, IndexProbe primary, IndexFacts facts, Deadline deadline, CallContext call, CancellationToken cancellationToken)
    {
        var sources = new List<(MaintenanceTarget, ScanSource)>();
        if (query.Replicas.Count == 0)
        {
            return sources;
        }

        var identity = await primary.ReadIdentityAsync(cancellationToken);
        foreach (var replica in query.Replicas.DistinctBy(replica => replica.Name, StringComparer.OrdinalIgnoreCase).Where(replica => !replica.Name.Equals(facts.Sources[0].Target, StringComparison.OrdinalIgnoreCase)))
        {
            await using var session = await _connector.OpenAsync(replica, new SessionOptions(Task, deadline.Remaining), call, cancellationToken);
            var probe = new IndexProbe(session);
            if (session.Database != facts.Database || await probe.ReadIdentityAsync(cancellationToken) is var other && (other is null || other != identity))
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.InvalidArgument,
                    $"'{replica.Name}' is not known to be a replica of '{facts.Sources[0].Target}': its database or its system identifier is another, or cannot be read.",
                    "Name targets with -Replica that are physical standbys of the same server, connected to the same database; the role needs EXECUTE on pg_control_system().");
            }

            sources.Add((replica, await probe.ReadScansAsync(facts, cancellationToken)));
        }

        return sources;
    }

    private async Task<IReadOnlyList<ScanSource>> RememberAsync(
        IReadOnlyList<(MaintenanceTarget Target, ScanSource Source)> sources, DateTimeOffset now, CallContext call, CancellationToken cancellationToken)
    {
        var remembered = new List<ScanSource>();
        foreach (var (target, source) in sources)
        {
            remembered.Add(await _history.RememberAsync(target, source, now, call, cancellationToken));
        }

        return remembered;
    }

    private static IndexAdvice ToAdvice(
        IndexDraft draft, IReadOnlyList<string> sql, IReadOnlyList<string> rollback, MaintenanceTarget target, IndexFacts facts, DateTimeOffset now)
    {
        var counted = now - facts.StatisticsSince;
        return new IndexAdvice
        {
            Target = target.Name,
            Database = facts.Database,
            Schema = draft.Table.Schema,
            Name = draft.Name,
            Oid = draft.Oid,
            Table = draft.Table.Name,
            TableOid = draft.Table.Oid,
            Kind = draft.Kind,
            Verdict = draft.Verdict,
            Status = draft.Status ?? (draft.Verdict is IndexVerdict.Drop or IndexVerdict.Create ? HealthStatus.Warning : HealthStatus.Ok),
            Reasons = draft.Action != IndexAction.None && sql.Count == 0
                ? [.. draft.Reasons, "Somebody holds it locked, or it is gone: the statements could not be written. Ask again."]
                : draft.Reasons,
            SizeBytes = draft.SizeBytes,
            Scans = draft.Usage?.Scans,
            LastScan = draft.Usage?.LastScan,
            StatisticsSince = facts.StatisticsSince,
            ObservedFor = draft.Usage?.IdleFor,
            WritesPerDay = counted >= IndexDraft.ShortestRateWindow ? draft.Writes / counted.Value.TotalDays : null,
            ReplacedBy = draft.ReplacedBy?.Name,
            ReplacedByOid = draft.ReplacedBy?.Oid,
            Sql = sql,
            RollbackSql = rollback,
            Evidence = draft.Evidence,
            CollectedAt = now,
        };
    }
}
