using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Inspect;

/// <summary>How far a server's databases are from wraparound.</summary>
public sealed class WraparoundService
{
    /// <summary>How far back rates are measured: a week, so that its quiet days count too.</summary>
    private static readonly TimeSpan Span = TimeSpan.FromDays(7);

    /// <summary>Less than this says nothing about weeks.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromHours(1);

    private const int MostPoints = 9;

    /// <summary>So many of the tables nearest to their limits are judged, however few are listed.</summary>
    private const int JudgedTables = 100;

    private readonly DatabaseConnector _connector;
    private readonly SnapshotTrail _trail;
    private readonly TimeProvider _time;

    internal WraparoundService(DatabaseConnector connector, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _trail = new SnapshotTrail(history);
        _time = time;
    }

    /// <summary>Measures every database of a target's server. Default timeout 30 s.</summary>
    /// <param name="target">The target.</param>
    /// <param name="tables">How many of the connected database's tables to list, those nearest to their limits.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>The connected database first, then the others, the oldest first.</returns>
    public async Task<IReadOnlyList<DbWraparound>> GetAsync(MaintenanceTarget target, int tables, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(30), _time, cancellationToken);
        return await deadline.RunAsync<IReadOnlyList<DbWraparound>>($"Measuring the ages of '{target.Name}'", async token =>
        {
            WraparoundFacts facts;
            await using (var session = await _connector.OpenAsync(target, new SessionOptions("Get-DbWraparound", deadline.Remaining), call, token))
            {
                facts = await new WraparoundReader(session).ReadAsync(Math.Max(tables, JudgedTables), token);
            }

            var now = _time.GetUtcNow();
            var snapshot = new Snapshot
            {
                Target = target.Name,
                Kind = "xid",
                TakenAt = now,
                Values = new Dictionary<string, double> { ["xid"] = facts.NextXid, ["multixact"] = facts.NextMultixact },
            };
            var (points, trouble) = await _trail.FollowAsync(target, snapshot, Span, MostPoints, call, token);
            var results = WraparoundEvaluator.Evaluate(target, facts, Rate("xid", null), Rate("multixact", WraparoundLimits.MultixactModulus), now);
            return [.. results.Select(result => result with { Tables = [.. result.Tables.Take(tables)] })];

            CounterRate Rate(string name, double? modulus) => trouble is not null
                ? CounterRate.Unknown(trouble)
                : CounterRate.Of([.. points.Where(point => point.Values.ContainsKey(name)).Select(point => (point.TakenAt, point.Values[name]))], Shortest, modulus);
        });
    }
}
