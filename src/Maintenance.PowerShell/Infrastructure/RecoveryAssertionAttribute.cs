using System.Collections;
using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>
/// Lets a parameter take assertions as people write them: <c>@{ Name = 'Orders'; Sql = 'SELECT count(*) > 0 FROM orders' }</c>, or rows of
/// a CSV or JSON file. A name that no assertion has is an error, not ignored: it may be a mistyped Expected.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RecoveryAssertionAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] Names = [.. typeof(RecoveryAssertion).GetProperties().Select(property => property.Name)];

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData switch
    {
        PSObject { BaseObject: object[] items } => items.Select(ToAssertion).ToArray(),
        object[] items => items.Select(ToAssertion).ToArray(),
        _ => ToAssertion(inputData),
    };

    private static object? ToAssertion(object? input)
    {
        var value = input is PSObject wrapped ? wrapped.BaseObject : input;
        Dictionary<string, object?>? entries = value switch
        {
            IDictionary dictionary => dictionary.Keys.Cast<object>().ToDictionary(key => key.ToString() ?? "", key => dictionary[key], StringComparer.OrdinalIgnoreCase),
            PSCustomObject when input is PSObject custom => custom.Properties.ToDictionary(property => property.Name, property => (object?)property.Value, StringComparer.OrdinalIgnoreCase),
            _ => null,
        };
        return entries is null ? input : Create(entries);
    }

    private static RecoveryAssertion Create(Dictionary<string, object?> entries)
    {
        if (entries.Keys.FirstOrDefault(name => !Names.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new ArgumentTransformationMetadataException($"An assertion has no setting '{unknown}'. It has: {string.Join(", ", Names)}.");
        }

        return new RecoveryAssertion
        {
            Name = Text("Name") ?? throw Missing("Name"),
            Sql = Text("Sql") ?? throw Missing("Sql"),
            Expected = Text("Expected"),
            Database = Text("Database"),
        };

        string? Text(string name) => entries.GetValueOrDefault(name) is { } value && LanguagePrimitives.ConvertTo<string>(value) is { Length: > 0 } text ? text : null;
    }

    private static ArgumentTransformationMetadataException Missing(string name) => new($"An assertion needs {name}.");
}
