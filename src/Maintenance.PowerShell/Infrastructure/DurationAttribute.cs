using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>
/// Lets a duration be written as <c>24h</c>, <c>7d</c> or <c>24:00:00</c>. Without it PowerShell would take 24:00:00 for 24 days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string text && Durations.TryParse(text.Trim(), out var duration)
            ? duration
            : inputData;
}
