using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Lets a parameter of type DateTimeOffset also take a TimeSpan, or a duration such as <c>7d</c>, which mean so far from now.</summary>
/// <param name="meaning">What a duration means, for errors.</param>
[AttributeUsage(AttributeTargets.Property)]
public abstract class RelativeTimeAttribute(string meaning) : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public sealed override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        // PowerShell reads 7d as the decimal number 7 and 10s as the short number 10, but remembers how they were written.
        if (inputData is PSObject { BaseObject: decimal or short } number && Durations.TryParse(LanguagePrimitives.ConvertTo<string>(number), out var written))
        {
            return FromNow(TimeProvider.System.GetUtcNow(), written);
        }

        return value switch
        {
            TimeSpan span => FromNow(TimeProvider.System.GetUtcNow(), span),
            string text when Durations.TryParse(text.Trim(), out var span) && !text.Contains(':', StringComparison.Ordinal) => FromNow(TimeProvider.System.GetUtcNow(), span),
            short or decimal or int or long or double => throw new ArgumentTransformationMetadataException(
                "A number is no time. Give a date and time, or a duration such as 7d or 12h."),
            // What is told otherwise is how .NET reads times.
            string text when !LanguagePrimitives.TryConvertTo<DateTimeOffset>(text, out _) => throw new ArgumentTransformationMetadataException(
                $"'{text}' is no time. Give a date and time such as 2026-01-31T12:00:00Z, or a duration such as 7d or 12h, which means {meaning}."),
            _ => inputData,
        };
    }

    /// <summary>The time that is so far from now.</summary>
    /// <param name="now">Now.</param>
    /// <param name="span">How far.</param>
    protected abstract DateTimeOffset FromNow(DateTimeOffset now, TimeSpan span);
}
