using System.Collections;
using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Lets a parameter of findings take what carries findings, such as a run or a report, for those that it carries.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FindingsAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var given = Plain(inputData);
        // What is neither is left to the binder, which says so.
        return given is IList items and not Finding[]
            ? items.Cast<object?>().SelectMany(item => Of(item) ?? [item]).ToArray()
            : Of(given) is { } carried ? carried : inputData;
    }

    // An object that a filter copied (Select-Object) carries them as well as the one that was made.
    private static object?[]? Of(object? item) =>
        Plain(item) is { } value and not Finding && PSObject.AsPSObject(item!).Properties["Findings"]?.Value is { } carried && Plain(carried) is IEnumerable findings and not string
            ? [.. findings.Cast<object?>().Select(Plain)]
            : null;

    private static object? Plain(object? item) => item is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : item;
}
