namespace Maintenance;

/// <summary>How performance is watched over time.</summary>
public sealed record PerformancePolicy
{
    /// <summary>A statement is slow when its mean execution time is above this. Default 1 s (guide Q1).</summary>
    public TimeSpan SlowQuery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How far back a baseline looks. Default 7 days (guide W6, B1).</summary>
    public TimeSpan BaselineWindow { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long each five-minute sample is kept; then those of an hour become one. Default 7 days.</summary>
    public TimeSpan KeepRawSamples { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long hourly samples are kept; then those of a day become one. Default 90 days.</summary>
    public TimeSpan KeepHourlySamples { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long daily samples are kept. Default 5 years.</summary>
    public TimeSpan KeepDailySamples { get; init; } = TimeSpan.FromDays(1826);
}
