namespace Maintenance.Engine.Health;

/// <summary>Measures one part of a system.</summary>
internal interface IHealthProbe
{
    /// <summary>Name of the part, one of <see cref="HealthComponents"/>.</summary>
    string Component { get; }

    /// <summary>What the probe does, for plans and -WhatIf.</summary>
    string Describe(MaintenanceTarget target);

    /// <summary>Measures. Throws <see cref="MaintenanceException"/> when it cannot.</summary>
    Task<ProbeResult> ProbeAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken);
}

/// <summary>What a probe found.</summary>
internal sealed record ProbeResult
{
    public required HealthStatus Status { get; init; }

    /// <summary>0 to 100; null when nothing could be measured.</summary>
    public required double? Score { get; init; }

    public required string Message { get; init; }

    /// <summary>Which share of the part was measured, 0 to 1.</summary>
    public double Coverage { get; init; } = 1;

    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public IReadOnlyList<Metric> Metrics { get; init; } = [];

    /// <summary>All that is wrong and what to do, for whoever sees nothing else; null where the message and the recommendation are all.</summary>
    public string? Details { get; init; }

    /// <summary>What kept the probe from measuring.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    public string? Recommendation { get; init; }

    /// <summary>A part that was tried and does not answer: that is a measurement, and the worst there is.</summary>
    public static ProbeResult Down(MaintenanceTarget target, string component, MaintenanceException exception, DateTimeOffset now) => NotMeasured(target, component, exception, now) switch
    {
        var silent => silent with
        {
            Status = HealthStatus.Critical,
            Score = 0,
            Findings = [.. silent.Findings.Select(finding => finding with { Id = $"{component.ToUpperInvariant()}-UNREACHABLE", Severity = FindingSeverity.Critical, Outcome = FindingOutcome.Fail })],
        },
    };

    /// <summary>A part that could not be measured: Unknown, with a finding that says what to do.</summary>
    public static ProbeResult NotMeasured(MaintenanceTarget target, string component, MaintenanceException exception, DateTimeOffset now) => new()
    {
        Status = HealthStatus.Unknown,
        Score = null,
        Message = exception.Message,
        Error = exception.Code,
        Recommendation = exception.Recommendation,
        Findings =
        [
            new Finding
            {
                Id = $"{component.ToUpperInvariant()}-NOT-MEASURED",
                Area = component,
                Severity = FindingSeverity.Medium,
                Outcome = exception.Code == MaintenanceErrorCode.PermissionDenied ? FindingOutcome.NotPermitted : FindingOutcome.Unknown,
                Message = exception.Message,
                Recommendation = exception.Recommendation,
                Evidence = new Dictionary<string, object?> { ["Error"] = exception.Code.ToString() },
                Target = target.Name,
                CollectedAt = now,
            },
        ],
    };
}

/// <summary>What a probe found, of which part, and how long it took.</summary>
internal sealed record ProbeOutcome(string Component, ProbeResult Result, DateTimeOffset StartedAt, TimeSpan Duration);
