namespace Maintenance;

/// <summary>One row of the maintenance matrix for one target: when a task runs, how long it takes, and how its last run went.</summary>
public sealed record ScheduledTask
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Name of the task, as Invoke-MaintenanceTask takes it.</summary>
    public required string Task { get; init; }

    /// <summary>True if the matrix of the target runs it.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>When, in words.</summary>
    public required string Frequency { get; init; }

    /// <summary>When, as five crontab fields, in <see cref="TimeZone"/>; an nth weekday is SUN#1, the last SUNL.</summary>
    public required string Cron { get; init; }

    /// <summary>IANA name of the time zone of <see cref="Cron"/>.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Where the schedule comes from: Matrix (the operations guide), or Configuration.</summary>
    public required string Source { get; init; }

    /// <summary>How much of it happens without a person.</summary>
    public AutomationLevel Automation { get; init; }

    /// <summary>How much people may notice of it.</summary>
    public ScheduleImpact Impact { get; init; }

    /// <summary>True for a task that changes the system, and so runs inside the target's maintenance windows alone.</summary>
    public bool ChangesSystem { get; init; }

    /// <summary>The approval that holds now. Null for none, and for tasks that need none.</summary>
    public TaskApproval? Approval { get; init; }

    /// <summary>The next times at which it runs (UTC), soonest first; none if it is not enabled.</summary>
    public IReadOnlyList<DateTimeOffset> NextRuns { get; init => field = Readable.Copy(value); } = Readable.List<DateTimeOffset>.Empty;

    /// <summary>The next time at which it runs (UTC).</summary>
    public DateTimeOffset? NextRun => NextRuns.Count == 0 ? null : NextRuns[0];

    /// <summary>How long a run may take before it is ended. Null where nobody knows.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>The longest that the operations guide expects it to take; null where it says nothing.</summary>
    public TimeSpan? GuideDuration { get; init; }

    /// <summary>The operations guide's expectation, in its own unit.</summary>
    public string? GuideDurationText { get; init; }

    /// <summary>How long half of the runs on record took at most. Null without a run on record.</summary>
    public TimeSpan? TypicalDuration { get; init; }

    /// <summary>How long 95 % of the runs on record took at most. Null with fewer than 20 runs on record.</summary>
    public TimeSpan? LongDuration { get; init; }

    /// <summary>How many runs these durations are made of.</summary>
    public int RunsOnRecord { get; init; }

    /// <summary>When it began last (UTC). Null if no run is known.</summary>
    public DateTimeOffset? LastRun { get; init; }

    /// <summary>How the last run on record went. Unknown if there is none.</summary>
    public HealthStatus LastStatus { get; init; } = HealthStatus.Unknown;

    /// <summary>One sentence about the last run on record, or why nothing is known.</summary>
    public string? LastMessage { get; init; }

    /// <summary>How many runs did not happen since the last one, or since anything is on record; of the last 30 days at most. Null where nobody knows.</summary>
    public int? MissedRuns { get; init; }

    /// <summary>What it gets in the way of, with the shift that would help.</summary>
    public IReadOnlyList<ScheduleConflict> Conflicts { get; init => field = Readable.Copy(value); } = Readable.List<ScheduleConflict>.Empty;

    /// <summary>
    /// The worst of: how the last run went; Warning for missed runs, Critical from six on; Warning for conflicts; Unknown where runs are not known. Unknown also for what never ran and was not due yet.
    /// </summary>
    public required HealthStatus Status { get; init; }

    /// <summary>When this was found (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Target}/{Task}: {Frequency}";
}
