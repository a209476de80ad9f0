using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Lets a parameter take a size as maintenance.json does, also where it comes as text: <c>'500MB'</c>, <c>'1.5 GB'</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ByteSizeAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            string text when ByteSizes.TryParse(text, out var bytes) => bytes,
            // A number without a unit, such as -1, is for the parameter to judge.
            string text when !LanguagePrimitives.TryConvertTo<long>(text, out _) => throw Wrong($"'{text}'"),
            DateTime or TimeSpan or bool => throw Wrong($"'{inputData}'"),
            _ => inputData,
        };

    private static ArgumentTransformationMetadataException Wrong(string what) => new($"{what} is no size. Write it as 500kB, 10MB, 1.5 GB or 2GiB, or as a number of bytes.");
}
