using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Lets a parameter of type DateTimeOffset also take a duration, which means so long from now.</summary>
public sealed class TimeOrInAttribute() : RelativeTimeAttribute("so long from now")
{
    /// <inheritdoc/>
    protected override DateTimeOffset FromNow(DateTimeOffset now, TimeSpan span) =>
        span < TimeSpan.Zero ? throw new ArgumentTransformationMetadataException("What lies before zero is over already. Give a date and time, or a duration such as 90m or 2h, which means so long from now.")
        : span < DateTimeOffset.MaxValue - now ? now + span
        : DateTimeOffset.MaxValue;
}
