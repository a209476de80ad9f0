using System.Collections;
using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>
/// Lets a parameter of findings take those that were kept as JSON or XML in between. What such a file says is text from anywhere: only what
/// names the issue and its remedy is taken, and everything is checked again before anything is done.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RevivedFindingsAttribute : ArgumentTransformationAttribute
{
    private readonly FindingsAttribute _carried = new();

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var given = _carried.Transform(engineIntrinsics, inputData);
        return (given is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : given) switch
        {
            Finding or Finding[] => given,
            IList items => items.Cast<object?>().Select(item => Revive(item) ?? item).ToArray(),
            _ => Revive(given) ?? given,
        };
    }

    private static Finding? Revive(object? item)
    {
        if (item is not PSObject { BaseObject: PSCustomObject } kept)
        {
            return null;
        }

        // The binder would make a finding of anything.
        if (Text(kept, "Id") is not { } id || Text(kept, "Message") is not { } message)
        {
            throw new ArgumentTransformationMetadataException("This is no finding: it has no Id or no Message.");
        }

        return new Finding
        {
            Id = id,
            Area = Text(kept, "Area") ?? "",
            Message = message,
            Severity = Word(kept, "Severity", FindingSeverity.Info),
            Outcome = Word(kept, "Outcome", FindingOutcome.Unknown),
            State = Word(kept, "State", FindingState.Untracked),
            Subject = Text(kept, "Subject"),
            Recommendation = Text(kept, "Recommendation"),
            Target = Text(kept, "Target"),
            Database = Text(kept, "Database"),
            Scope = Text(kept, "Scope"),
            Remedy = Value(kept, "Remedy") is PSObject remedy && Text(remedy, "Kind") is { } kind ? ReviveRemedy(kind, remedy) : null,
        };
    }

    private static Remedy ReviveRemedy(string kind, PSObject kept) => new()
    {
        Kind = kind,
        Command = Text(kept, "Command") ?? "",
        Risk = Word(kept, "Risk", RemedyRisk.High),
        Parameters = (Value(kept, "Parameters") switch
        {
            PSObject { BaseObject: IDictionary table } => table.Keys.Cast<object>().Select(key => (Name: $"{key}", Value: (object?)table[key])),
            PSObject { BaseObject: PSCustomObject } custom => custom.Properties.Select(property => (property.Name, Value: (object?)property.Value)),
            _ => [],
        }).ToDictionary(parameter => parameter.Name, parameter => LanguagePrimitives.ConvertTo<string>(parameter.Value) ?? ""),
    };

    private static PSObject? Value(PSObject kept, string name) => kept.Properties[name]?.Value is { } value ? PSObject.AsPSObject(value) : null;

    private static string? Text(PSObject kept, string name) => Value(kept, name)?.BaseObject is string { Length: > 0 } text ? text : null;

    // JSON keeps enumerations as numbers, XML as what it has made of them.
    private static T Word<T>(PSObject kept, string name, T otherwise)
        where T : struct, Enum =>
        Value(kept, name) is { } value && LanguagePrimitives.TryConvertTo<T>(value.BaseObject is PSCustomObject ? value.ToString() : value.BaseObject, out var word) && Enum.IsDefined(word) ? word : otherwise;
}
