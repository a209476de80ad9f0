using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>One thing that can run out, before its forecast is made.</summary>
internal sealed record CapacityCase
{
    public required CapacityResource Resource { get; init; }

    public required string Subject { get; init; }

    public string? Database { get; init; }

    public required MetricUnit Unit { get; init; }

    /// <summary>Its past.</summary>
    public required DailySeries Series { get; init; }

    /// <summary>What the past tells, where other cases have the same past; null to work it out.</summary>
    public PastCourse? Course { get; init; }

    /// <summary>The past as it is shown, where the trend is taken from another form of it.</summary>
    public IReadOnlyList<TimedValue>? Shown { get; init; }

    /// <summary>The value now; null for that of the last day.</summary>
    public double? Current { get; init; }

    /// <summary>When the value now was measured; null for just now.</summary>
    public DateTimeOffset? CurrentAt { get; init; }

    /// <summary>True if what counts is the highest of many days: then what was highest lately may come again.</summary>
    public bool CountsHighest { get; init; }

    /// <summary>Where the highest counts: how many there are just now.</summary>
    public double? JustNow { get; init; }

    public double? Limit { get; init; }

    public string? LimitSource { get; init; }

    /// <summary>True if something stops at the limit; false if it is only somebody's wish.</summary>
    public bool IsHard { get; init; }

    public bool IsWeekly { get; init; }

    public bool OnlyRises { get; init; }

    /// <summary>True if it runs towards lower values.</summary>
    public bool CountsDown { get; init; }

    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>The same thing upside down, for what counts down.</summary>
    public CapacityCase Negated() => this with
    {
        Course = null,
        Series = Series with { Points = [.. Series.Points.Select(point => point with { Value = -point.Value })] },
        Current = -Current,
        Limit = -Limit,
    };
}
