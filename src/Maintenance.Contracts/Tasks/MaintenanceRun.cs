namespace Maintenance;

/// <summary>One execution of a task.</summary>
public sealed record MaintenanceRun
{
    /// <summary>Identifies the run; ordered by time.</summary>
    public required Guid Id { get; init; }

    /// <summary>Name of the task, such as <c>Daily</c>.</summary>
    public required string Task { get; init; }

    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The worst status of all steps.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>0 ok, 1 warnings, 2 critical, 3 could not determine.</summary>
    public int ExitCode => Status switch
    {
        HealthStatus.Ok => 0,
        HealthStatus.Warning => 1,
        HealthStatus.Critical => 2,
        _ => 3,
    };

    /// <summary>What was done, left out and failed.</summary>
    public IReadOnlyList<MaintenanceStep> Steps { get; init => field = Readable.Copy(value); } = Readable.List<MaintenanceStep>.Empty;

    /// <summary>What was measured.</summary>
    public IReadOnlyList<Metric> Metrics { get; init => field = Readable.Copy(value); } = Readable.List<Metric>.Empty;

    /// <summary>What is worth attention.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>What was done to objects of the database, with its measured effect.</summary>
    public IReadOnlyList<DbAction> Actions { get; init => field = Readable.Copy(value); } = Readable.List<DbAction>.Empty;

    /// <summary>Files the run made.</summary>
    public IReadOnlyList<MaintenanceArtifact> Artifacts { get; init => field = Readable.Copy(value); } = Readable.List<MaintenanceArtifact>.Empty;

    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Machine that ran it.</summary>
    public string? Machine { get; init; }

    /// <summary>Version of this module.</summary>
    public string? ModuleVersion { get; init; }

    /// <summary>When it ended (UTC).</summary>
    public DateTimeOffset CollectedAt => StartedAt + Duration;

    /// <summary>One sentence that says how it went.</summary>
    public required string Message { get; init; }
}

/// <summary>A file that a run made.</summary>
/// <param name="Kind">What it is: Log, Report.</param>
/// <param name="Path">Where it is.</param>
/// <param name="SizeBytes">Size in bytes.</param>
public sealed record MaintenanceArtifact(string Kind, string Path, long SizeBytes)
{
    /// <inheritdoc/>
    public override string ToString() => Path;
}
