namespace Maintenance;

/// <summary>How the runs of a task on one target went.</summary>
public sealed record TaskStatistics
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Name of the task.</summary>
    public required string Task { get; init; }

    /// <summary>How many runs are on record.</summary>
    public required int Runs { get; init; }

    /// <summary>How many of them were Ok.</summary>
    public int Ok { get; init; }

    /// <summary>How many ended with warnings.</summary>
    public int Warning { get; init; }

    /// <summary>How many ended Critical.</summary>
    public int Critical { get; init; }

    /// <summary>How many could not determine what they were to.</summary>
    public int Unknown { get; init; }

    /// <summary>How many were Ok, in percent.</summary>
    public double OkPercent => Runs == 0 ? 0 : 100.0 * Ok / Runs;

    /// <summary>How many durations are made of: the runs that were neither stopped nor failed in part, nor only planned, nor ended Unknown; nor, of tests of restores, Critical.</summary>
    public int Measured { get; init; }

    /// <summary>How long half of them took at most. Null without one.</summary>
    public TimeSpan? TypicalDuration { get; init; }

    /// <summary>How long 95 % of them took at most. Null with fewer than 20.</summary>
    public TimeSpan? LongDuration { get; init; }

    /// <summary>How long the longest took. Null without one.</summary>
    public TimeSpan? LongestDuration { get; init; }

    /// <summary>When the first of the runs began (UTC).</summary>
    public required DateTimeOffset FirstRun { get; init; }

    /// <summary>When the last began (UTC).</summary>
    public required DateTimeOffset LastRun { get; init; }

    /// <summary>How the last one on record went.</summary>
    public required HealthStatus LastStatus { get; init; }

    /// <summary>What there is to know of the figures; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>When this was found (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Target}/{Task}: {Runs} runs";
}
