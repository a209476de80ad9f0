using System.Globalization;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Looks every second whether the server can bear more: standbys that follow, slots that keep WAL, the archiver. Waits while it cannot,
/// and puts the rest off when that lasts too long.
/// </summary>
/// <param name="work">The work.</param>
internal sealed class BatchThrottle(RetentionWork work)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait for a server where no deadline says so. Ours: longer than a standby takes to catch up on a busy night.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private long _looked = work.Time.GetTimestamp();
    private bool _slow;

    /// <summary>Whether the next batch may begin. If not, the reason is in the tally.</summary>
    public async Task<bool> MayGoOnAsync(CancellationToken cancellationToken)
    {
        if (work.MustStop())
        {
            return false;
        }

        if (work.Time.GetElapsedTime(_looked) < LookInterval)
        {
            if (_slow)
            {
                // As long as a batch takes: half the speed.
                await Task.Delay(work.BatchTarget, work.Time, cancellationToken);
            }

            return true;
        }

        return await LookAsync(cancellationToken) is not { } obstacle || await WaitAsync(obstacle, cancellationToken);
    }

    private async Task<MaintenanceException?> LookAsync(CancellationToken cancellationToken)
    {
        var facts = await Preflight.ReadAsync(work.Session, [], cancellationToken);
        _looked = work.Time.GetTimestamp();
        _slow = facts.StandbyLagBytes > Preflight.MaximumStandbyLagBytes / 4;
        return Preflight.Judge(work.Target.Name, facts);
    }

    private async Task<bool> WaitAsync(MaintenanceException obstacle, CancellationToken cancellationToken)
    {
        var since = work.Time.GetTimestamp();
        work.Call.Sink.Verbose($"{obstacle.Message} Waiting.");
        MaintenanceException? now = obstacle;
        while (now is not null)
        {
            obstacle = now;
            // Whatever ends the waiting, the deadline included, this is why.
            if (work.MustStop() || work.Time.GetElapsedTime(since) > LongestWait)
            {
                work.Tally.PutOff = obstacle;
                return false;
            }

            work.Tally.PutOff = obstacle;
            await Task.Delay(LookInterval, work.Time, cancellationToken);
            now = await LookAsync(cancellationToken);
        }

        work.Tally.PutOff = null;
        work.Tally.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"It waited {work.Time.GetElapsedTime(since).TotalSeconds:0} s for the server: {obstacle.Message}"));
        return true;
    }
}
