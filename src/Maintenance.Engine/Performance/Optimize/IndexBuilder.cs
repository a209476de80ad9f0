using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Indexes;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>An index that was built.</summary>
/// <param name="Index">The index.</param>
/// <param name="Origin">What tells it from others.</param>
/// <param name="Attempts">Times it was tried.</param>
/// <param name="Duration">How long that took.</param>
internal sealed record BuiltIndex(IndexState Index, BuildOrigin Origin, int Attempts, TimeSpan Duration);

/// <summary>Builds one index while everybody goes on reading and writing. If it does not come to its end, nothing is left of it.</summary>
internal sealed class IndexBuilder(BuildRun run) : IAsyncDisposable
{
    private readonly WorkSession _session = new(token => run.OpenAsync("", LockTimeoutLadder.Shortest, token));

    /// <summary>What of a build is left and could not be dropped; null if nothing is.</summary>
    public BuildOrigin? Left { get; private set; }

    /// <summary>The session that builds, opened anew if it has died.</summary>
    public Task<DatabaseSession> SessionAsync(CancellationToken cancellationToken) => _session.GetAsync(cancellationToken);

    /// <summary>Builds it.</summary>
    /// <param name="index">What is to be built.</param>
    /// <param name="action">For the history.</param>
    /// <param name="predicted">How long it is expected to take.</param>
    /// <param name="cancellationToken">Ends the build; what is left is dropped before this returns.</param>
    /// <exception cref="MaintenanceException">
    /// ObjectNotFound, PermissionDenied, InvalidArgument; UnsafeNow, HeldBack, AlreadyRunning, LockTimeout, BlockedOthers for another time; or what the server reports.
    /// </exception>
    public async Task<BuiltIndex> BuildAsync(MissingIndex index, DbAction action, TimeSpan? predicted, CancellationToken cancellationToken)
    {
        var attempts = 0;
        var began = run.Time.GetTimestamp();
        return await ResiliencePipelines.Lock(run.Time, run.Call.Sink).ExecuteAsync(
            async token =>
            {
                attempts++;
                var session = await SessionAsync(token);
                await AssureItMayBeginAsync(session, index, token);
                var before = await IndexState.OfTablesAsync(session, [index.TableOid], run.Ours, token);
                var origin = new BuildOrigin(index.TableOid, index.Schema, index.Name, before.Select(known => known.Oid).ToHashSet());
                await run.History.RecordAsync(run.Target, InterruptedBuilds.Intent(action, origin), run.Call);
                await session.ExecuteAsync("Maintain/Sql/LockTimeout.sql", token, Milliseconds(LockTimeoutLadder.For(attempts, predicted)));
                run.Tell(session.Connection.ProcessID, $"{index.Schema}.{index.Name}", index.TableOid);
                var isBuilt = false;
                try
                {
                    await run.Watchdog.ExecuteAsync(session, index.CreateSql, token);
                    var now = origin.Find(await IndexState.OfTablesAsync(session, [index.TableOid], run.Ours, token));
                    isBuilt = now is { IsValid: true };
                    return isBuilt
                        ? new BuiltIndex(now!, origin, attempts, run.Time.GetElapsedTime(began))
                        : throw new MaintenanceException(
                            MaintenanceErrorCode.DatabaseError, "The server reported success, but there is no valid index of that name afterwards.", "See the server's log.");
                }
                finally
                {
                    // Whatever ended it, also the user or the death of the connection: nothing is left.
                    if (!isBuilt)
                    {
                        await RemoveAsync(origin, token);
                    }
                }
            },
            cancellationToken);
    }

    /// <summary>Drops what was built, or is left of it.</summary>
    /// <param name="origin">What tells it from others.</param>
    /// <param name="stop">Cancelled where somebody waits for the prompt: then others are not waited for long.</param>
    /// <exception cref="MaintenanceException">HeldBack: it could not be dropped.</exception>
    public async Task RemoveAsync(BuildOrigin origin, CancellationToken stop)
    {
        if (await new BuildRemoval(run, stop).RunAsync(_session.Dead, origin) is { } left)
        {
            // Trying again while it is there would only leave more.
            Left = origin;
            throw new MaintenanceException(MaintenanceErrorCode.HeldBack, left.Message, left.Recommendation, left.Detail);
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private async Task AssureItMayBeginAsync(DatabaseSession session, MissingIndex index, CancellationToken cancellationToken)
    {
        var places = await session.QueryAsync(
            "Performance/Optimize/Sql/BuildPlace.sql",
            row => new BuildPlace(
                row.GetString(0), row.GetString(1), row.GetString(2)[0], row.GetString(3)[0], row.GetBoolean(4), row.GetBoolean(5), row.GetString(6), row.GetString(7), row.GetString(8), row.GetBoolean(10)),
            cancellationToken,
            index.TableOid,
            index.Name);
        if (BuildRule.WhyNever(index, places is [var place] ? place : null) is { } never)
        {
            throw never;
        }

        // The index, and the sort that may not fit into memory; as much WAL.
        var facts = await Preflight.ReadAsync(session, run.Ours, cancellationToken);
        if (Preflight.Judge(run.Target.Name, facts, 2 * index.EstimatedBytes, index.TableOid) is { } unsafeNow)
        {
            throw unsafeNow;
        }

        var obstacles = await Obstacles.ReadAsync(session, [index.TableOid], run.Ours, run.Options.MaximumSnapshotAge ?? ReindexOptions.DefaultMaximumSnapshotAge, cancellationToken);
        if (BuildRule.WhyNotNow(obstacles, index) is { } obstacle)
        {
            throw obstacle;
        }
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
