using Maintenance.Engine.History;

namespace Maintenance.Engine.Security.Access;

/// <summary>Keeps samples of who is active in the target's history, and says what they tell together.</summary>
internal sealed class RoleWatchHistory(HistoryService history)
{
    /// <summary>At most one sample is kept in this time, however often somebody asks.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromMinutes(5);

    /// <summary>What all samples tell together, as of each; the latest few are kept, the rest is in them.</summary>
    private const string State = "role-activity";

    /// <summary>When there was a sample: how closely was watched.</summary>
    private const string Mark = "role-sample";

    /// <summary>Processes that looked at the same instant did not see each other's sample: so many of the latest are put together.</summary>
    private const int Latest = 3;

    private static readonly TimeSpan StateRetention = TimeSpan.FromDays(2);
    private static readonly TimeSpan LeastMarkRetention = TimeSpan.FromDays(400);
    private static readonly Dictionary<string, double> Nothing = [];

    /// <summary>Adds a sample to what is known.</summary>
    /// <param name="target">The target.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="inactiveAfter">After how long without activity a role is inactive: samples are remembered for twice that at least.</param>
    /// <param name="keep">The history is to keep it.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is known, when samples were taken, and why earlier ones are not known, if so.</returns>
    public async Task<(RoleWatch Watch, IReadOnlyList<DateTimeOffset> Times, string? Trouble)> AddAsync(
        MaintenanceTarget target, RoleSample sample, TimeSpan inactiveAfter, bool keep, CallContext call, CancellationToken cancellationToken)
    {
        var alone = (RoleWatch.Empty.With(sample), (IReadOnlyList<DateTimeOffset>)[sample.At]);
        if (history.StoreOf(target, call) is not { } store)
        {
            return (alone.Item1, alone.Item2, $"the target '{target.Name}' keeps no history (history.kind is None), which samples are kept in");
        }

        try
        {
            var retention = inactiveAfter * 2 > LeastMarkRetention ? inactiveAfter * 2 : LeastMarkRetention;
            var states = await store.ReadSnapshotTimesAsync(target.Name, State, DateTimeOffset.UnixEpoch, cancellationToken);
            var known = new List<RoleWatch>();
            foreach (var time in states.Where(time => time <= sample.At).TakeLast(Latest))
            {
                if (await store.ReadSnapshotAsync(target.Name, State, time, cancellationToken) is { } snapshot)
                {
                    known.Add(RoleWatch.Read(snapshot));
                }
            }

            var watch = RoleWatch.Merge(known).With(sample);
            var marks = (await store.ReadSnapshotTimesAsync(target.Name, Mark, sample.At - retention, cancellationToken)).Where(time => time < sample.At).ToList();
            if (keep && (marks.Count == 0 || sample.At - marks[^1] >= Spacing))
            {
                await store.RecordAsync(watch.Write(target.Name, State, sample.At), sample.At - StateRetention, cancellationToken);
                await store.RecordAsync(new Snapshot { Target = target.Name, Kind = Mark, TakenAt = sample.At, Values = Nothing }, sample.At - retention, cancellationToken);
            }

            return (watch, [.. marks, sample.At], null);
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            call.Sink.Verbose($"The history cannot be used for the access review of '{target.Name}': {exception.Message}");
            return (alone.Item1, alone.Item2, exception.Message.TrimEnd('.'));
        }
    }
}
