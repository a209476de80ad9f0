using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Retention;

/// <summary>One policy being carried out: what it works on, with, and how far it is.</summary>
internal sealed record RetentionWork
{
    public required MaintenanceTarget Target { get; init; }

    public required RetentionPolicy Policy { get; init; }

    public required PolicyFacts Facts { get; init; }

    /// <summary>Rows that were due when it was planned; null if they were not counted.</summary>
    public long? Planned { get; init; }

    public required CutOff CutOff { get; init; }

    public required RetentionStatements Statements { get; init; }

    public required RetentionOptions Options { get; init; }

    /// <summary>The session that takes rows. One transaction at a time.</summary>
    public required DatabaseSession Session { get; init; }

    public required DatabaseConnector Connector { get; init; }

    public required Watchdog Watchdog { get; init; }

    public required RetentionProgress Progress { get; init; }

    public required CallContext Call { get; init; }

    public required TimeProvider Time { get; init; }

    public required FaultPointReached Reached { get; init; }

    public RetentionTally Tally { get; } = new();

    /// <summary>How long a batch may take.</summary>
    public TimeSpan BatchTarget => Policy.BatchTarget ?? RetentionPolicy.DefaultBatchTarget;

    /// <summary>Whether the time is up for beginning anything more; says so in the tally.</summary>
    public bool MustStop()
    {
        if (Options.Deadline is not { } end || Time.GetUtcNow() < end)
        {
            return false;
        }

        Tally.PutOff = new MaintenanceException(
            MaintenanceErrorCode.DeadlineExceeded, "The time was up.", "The rest comes first in the next run.");
        return true;
    }
}
