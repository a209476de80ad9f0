using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Lets a parameter take a size as maintenance.json does, also where it comes as text: <c>'500MB'</c>, <c>'1.5 GB'</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ByteSizeAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string text && ByteSizes.TryParse(text, out var bytes) ? bytes : inputData;
}
