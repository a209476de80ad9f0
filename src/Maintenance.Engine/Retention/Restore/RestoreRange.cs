namespace Maintenance.Engine.Retention;

/// <summary>Which rows come back, by their time: as text of the time column's type, null for no limit. Pure.</summary>
/// <param name="Type">The type that the limits are cast to.</param>
/// <param name="From">The first time.</param>
/// <param name="To">The first time that does not belong to it.</param>
internal sealed record RestoreRange(string Type, string? From, string? To)
{
    public bool IsWhole => From is null && To is null;

    /// <summary>A range for a time column.</summary>
    /// <exception cref="MaintenanceException">InvalidArgument for a zone or a range that cannot be meant.</exception>
    public static RestoreRange Of(RestoreOptions options, TimeKind kind, string timeZone)
    {
        if (options.From >= options.To)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "The time range is empty: -From is not before -To.", "-From is the first time that is wanted, -To the first that is not.");
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"There is no time zone {timeZone}.", "Use an IANA name such as Europe/Berlin.");
        }

        string? Text(DateTimeOffset? moment) => moment is { } time ? CutOff.Of(time, TimeSpan.Zero, kind, zone).Value : null;
        return new RestoreRange(
            kind switch
            {
                TimeKind.Moment => "timestamptz",
                TimeKind.WallClock => "timestamp",
                _ => "date",
            },
            Text(options.From),
            Text(options.To));
    }
}
