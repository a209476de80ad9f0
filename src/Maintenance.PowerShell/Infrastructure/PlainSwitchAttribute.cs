using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>
/// Refuses a number for a switch beside which a count stands: PowerShell would take <c>@{ Newest = 5 }</c> of a splatted table for a
/// plain yes, and five for one.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PlainSwitchAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is bool or SwitchParameter
            ? inputData
            : throw new ArgumentTransformationMetadataException("This is a switch. In a splatted table the number is Count: @{ Newest = $true; Count = 5 }.");
}
