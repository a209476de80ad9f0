using System.Globalization;
using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>
/// Lets a parameter take a duration as maintenance.json does: <c>24h</c>, <c>30d</c>, <c>24:00:00</c>. PowerShell by itself would
/// take 24:00:00 for 24 days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        IsText(inputData) && Durations.TryParse(LanguagePrimitives.ConvertTo<string>(inputData), out var duration)
            ? duration
            : IsNegative(inputData)
                ? throw new ArgumentTransformationMetadataException($"'{LanguagePrimitives.ConvertTo<string>(inputData)}' is no duration: it lies before zero. Write it as 12h or 30d.")
                : IsNoDuration(inputData)
                    ? throw new ArgumentTransformationMetadataException($"'{LanguagePrimitives.ConvertTo<string>(inputData)}' is no duration. Write it as 30s, 15m, 12h, 7d or 24:00:00.")
                    : inputData;

    // What is told of -3d otherwise is how .NET writes numbers. What .NET can read, such as -1.00:00:00, is for the cmdlet to refuse.
    private static bool IsNegative(object? input) =>
        input is string text ? text.StartsWith('-') && !text.Contains(':', StringComparison.Ordinal) && Durations.TryParse(text[1..], out _) : input is PSObject { BaseObject: decimal or short } number && LanguagePrimitives.ConvertTo<string>(number).StartsWith('-');

    // .NET would say that it has not recognised it as a valid TimeSpan, and not how one is written.
    private static bool IsNoDuration(object? input) => input is string or PSObject { BaseObject: string } && !TimeSpan.TryParse(LanguagePrimitives.ConvertTo<string>(input), CultureInfo.InvariantCulture, out _);

    // PowerShell reads 7d as the decimal number 7 and 10s as the short number 10, but remembers how they were written.
    private static bool IsText(object? input) => input is string or PSObject { BaseObject: string or decimal or short };
}
