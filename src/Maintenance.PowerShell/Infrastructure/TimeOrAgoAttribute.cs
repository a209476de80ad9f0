namespace Maintenance.Infrastructure;

/// <summary>Lets a parameter of type DateTimeOffset also take a duration, which means so long ago.</summary>
public sealed class TimeOrAgoAttribute() : RelativeTimeAttribute("so long ago")
{
    /// <inheritdoc/>
    protected override DateTimeOffset FromNow(DateTimeOffset now, TimeSpan span) => Before(now, span);

    /// <summary>So long before a time; 7 days and -7 days both mean a week ago.</summary>
    internal static DateTimeOffset Before(DateTimeOffset now, TimeSpan span)
    {
        var ago = Math.Abs((decimal)span.Ticks);
        return ago < now.UtcTicks ? now.AddTicks(-(long)ago) : DateTimeOffset.MinValue;
    }
}
