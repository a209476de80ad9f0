namespace Maintenance;

/// <summary>A time of the week in which maintenance may change the system.</summary>
public sealed record MaintenanceWindow
{
    /// <summary>Days on which it opens; empty for every day.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init => field = Readable.Copy(value); } = Readable.List<DayOfWeek>.Empty;

    /// <summary>Time of day at which it opens, in <see cref="TimeZone"/>.</summary>
    public required TimeOnly Start { get; init; }

    /// <summary>How long it stays open.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>IANA name of the time zone. Default UTC.</summary>
    public string TimeZone { get; init; } = "UTC";
}
