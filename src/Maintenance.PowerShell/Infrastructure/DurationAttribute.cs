using System.Globalization;
using System.Management.Automation;
using System.Numerics;

namespace Maintenance.Infrastructure;

/// <summary>
/// Lets a parameter take a duration as maintenance.json does: <c>24h</c>, <c>30d</c>, <c>24:00:00</c>. PowerShell by itself would
/// take 24:00:00 for 24 days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        // A TimeSpan, and whatever else PowerShell can make one of.
        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is not (string or sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal or BigInteger))
        {
            return inputData;
        }

        // PowerShell reads 7d as the decimal number 7 and 10s as the short number 10, but remembers how they were written.
        var text = LanguagePrimitives.ConvertTo<string>(inputData);
        if (Durations.TryParse(text, out var duration))
        {
            return duration;
        }

        // Of a number without a unit .NET makes days or ten millionths of a second; only of nothing it does not matter what.
        return text == "0" ? TimeSpan.Zero
            // What .NET can read, such as -1.00:00:00, is for the cmdlet to refuse.
            : text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _) ? inputData
            // What is told of -3d otherwise is how .NET writes numbers.
            : text.StartsWith('-') && Durations.TryParse(text[1..], out _) ? throw new ArgumentTransformationMetadataException($"'{text}' is no duration: it lies before zero. Write it as 12h or 30d.")
            : throw new ArgumentTransformationMetadataException($"'{text}' is no duration. Write it as 30s, 15m, 1.5h, 1h30m, 7d, 2 weeks or 24:00:00.");
    }
}
