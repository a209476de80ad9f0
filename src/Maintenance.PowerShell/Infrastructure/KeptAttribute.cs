using System.Collections;
using System.Management.Automation;
using Maintenance.Formatting;

namespace Maintenance.Infrastructure;

/// <summary>
/// Lets a parameter take records that were kept in a file, or came from another session, as those that were just got: whole, or not at all. Whether what they are
/// about is still there, and still the same, is looked at before anything is done.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class KeptAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject { BaseObject: IList wrapped } ? wrapped : inputData) is IList items and not byte[]
            ? items.Cast<object?>().Select(Revived.Whole).ToArray()
            : Revived.Whole(inputData);
}
