using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Lets a parameter of type DateTimeOffset also take a TimeSpan, or a duration such as <c>7d</c>, which mean so long ago.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TimeOrAgoAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        // PowerShell reads 7d as the decimal number 7 and 10s as the short number 10, but remembers how they were written.
        if (inputData is PSObject { BaseObject: decimal or short } number && Durations.TryParse(LanguagePrimitives.ConvertTo<string>(number), out var written))
        {
            return Before(TimeProvider.System.GetUtcNow(), written);
        }

        return value switch
        {
            TimeSpan span => Before(TimeProvider.System.GetUtcNow(), span),
            string text when Durations.TryParse(text.Trim(), out var span) && !text.Contains(':', StringComparison.Ordinal) => Before(TimeProvider.System.GetUtcNow(), span),
            short or decimal or int or long or double => throw new ArgumentTransformationMetadataException(
                "A number is no time. Give a date and time, or a duration such as 7d or 12h."),
            // What is told otherwise is how .NET reads times.
            string text when !LanguagePrimitives.TryConvertTo<DateTimeOffset>(text, out _) => throw new ArgumentTransformationMetadataException(
                $"'{text}' is no time. Give a date and time such as 2026-01-31T12:00:00Z, or a duration such as 7d or 12h, which means so long ago."),
            _ => inputData,
        };
    }

    /// <summary>So long before a time; 7 days and -7 days both mean a week ago.</summary>
    internal static DateTimeOffset Before(DateTimeOffset now, TimeSpan span)
    {
        var ago = Math.Abs((decimal)span.Ticks);
        return ago < now.UtcTicks ? now.AddTicks(-(long)ago) : DateTimeOffset.MinValue;
    }
}
