using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Inspect;

/// <summary>How a server's write-ahead log is shipped and kept.</summary>
public sealed class ReplicationService
{
    /// <summary>How far back the rate of the log is measured: what comes next hours is more like today than like last week.</summary>
    private static readonly TimeSpan Span = TimeSpan.FromDays(1);

    /// <summary>Less than this says nothing about hours.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(5);

    private const int MostPoints = 9;

    private readonly DatabaseConnector _connector;
    private readonly SnapshotTrail _trail;
    private readonly TimeProvider _time;

    internal ReplicationService(DatabaseConnector connector, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _trail = new SnapshotTrail(history);
        _time = time;
    }

    /// <summary>Measures a target's server. Default timeout 30 s, besides the sample.</summary>
    /// <param name="target">The target.</param>
    /// <param name="sample">How long to watch the log, instead of comparing with the history; null to compare.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <exception cref="MaintenanceException">InvalidArgument for a sample that is not positive or longer than a day; what the database reports.</exception>
    public async Task<DbReplication> GetAsync(MaintenanceTarget target, TimeSpan? sample, CallContext call, CancellationToken cancellationToken)
    {
        if (sample is { } time && (time <= TimeSpan.Zero || time > TimeSpan.FromDays(1)))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "A sample takes more than no time, and at most a day.", "Give -Sample a duration such as 10s.");
        }

        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(30) + (sample ?? TimeSpan.Zero), _time, cancellationToken);
        return await deadline.RunAsync($"Measuring the replication of '{target.Name}'", async token =>
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Get-DbReplication", deadline.Remaining), call, token);
            var reader = new ReplicationReader(session);
            var facts = await reader.ReadAsync(token);
            var points = new List<Snapshot> { WalForecast.Point(target.Name, facts, _time.GetUtcNow()) };
            var trouble = Standstill(facts);
            if (sample is { } length)
            {
                await Task.Delay(length, _time, token);
                facts = await reader.ReadAsync(token);
                points.Add(WalForecast.Point(target.Name, facts, _time.GetUtcNow()));
            }
            else
            {
                (var trail, var unusable) = await _trail.FollowAsync(target, points[0], Span, MostPoints, call, token);
                points = [.. trail];
                trouble ??= unusable;
            }

            return ReplicationEvaluator.Evaluate(
                target,
                facts,
                new WalForecast(points, sample is null ? Shortest : TimeSpan.Zero, trouble),
                DiskSpace.OfLog(facts.Host, facts.ProcessId, facts.DataDirectory),
                _time.GetUtcNow());
        });
    }

    // What a standby does not receive, it does not count.
    private static string? Standstill(ReplicationFacts facts) =>
        facts.Receiver is { } receiver && ReceiverJudgement.Judge(receiver, facts.SeesOthers, facts.ServerTime).State != DbWalReceiverState.Streaming
            ? "The standby does not receive the log, so how fast it grows cannot be seen here."
            : null;
}
