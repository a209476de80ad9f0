using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Lets a parameter of type DateTimeOffset also take a TimeSpan, which means so long ago.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TimeOrAgoAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is TimeSpan span ? Before(TimeProvider.System.GetUtcNow(), span) : inputData;
    }

    /// <summary>So long before a time; 7 days and -7 days both mean a week ago.</summary>
    internal static DateTimeOffset Before(DateTimeOffset now, TimeSpan span)
    {
        var ago = Math.Abs((decimal)span.Ticks);
        return ago < now.UtcTicks ? now.AddTicks(-(long)ago) : DateTimeOffset.MinValue;
    }
}
