using System.Collections;
using System.Management.Automation;
using System.Text.Json;

namespace Maintenance.Infrastructure;

/// <summary>
/// Lets a parameter take subjects as people write them: <c>'anon'</c> for a role without claims, or
/// <c>@{ Name = 'A'; Role = 'authenticated'; Claims = @{ sub = '...' } }</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RowSecuritySubjectAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] Names = ["Name", "Role", "Claims", "IsStranger"];

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData switch
    {
        PSObject { BaseObject: object[] items } => items.Select(ToSubject).ToArray(),
        object[] items => items.Select(ToSubject).ToArray(),
        _ => ToSubject(inputData),
    };

    private static object? ToSubject(object? input)
    {
        var value = input is PSObject wrapped ? wrapped.BaseObject : input;
        return value switch
        {
            string role when role.Length > 0 => new RowSecuritySubject(role, role),
            IDictionary => Create(Entries(value)!),
            PSCustomObject => Create(Entries(input)!),
            _ => input,
        };
    }

    private static Dictionary<string, object?>? Entries(object? input) => (input is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : input) switch
    {
        IDictionary dictionary => dictionary.Keys.Cast<object>().ToDictionary(key => key.ToString() ?? "", key => dictionary[key], StringComparer.OrdinalIgnoreCase),
        PSObject custom => custom.Properties.ToDictionary(property => property.Name, property => (object?)property.Value, StringComparer.OrdinalIgnoreCase),
        _ => null,
    };

    private static RowSecuritySubject Create(Dictionary<string, object?> entries)
    {
        if (entries.Keys.FirstOrDefault(name => !Names.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new ArgumentTransformationMetadataException($"A subject has no setting '{unknown}'. It has: {string.Join(", ", Names)}.");
        }

        var role = Text(entries.GetValueOrDefault("Role")) ?? throw new ArgumentTransformationMetadataException("A subject needs Role.");
        return new RowSecuritySubject(Text(entries.GetValueOrDefault("Name")) ?? role, role)
        {
            Claims = Claims(entries.GetValueOrDefault("Claims")),
            IsStranger = LanguagePrimitives.IsTrue(entries.GetValueOrDefault("IsStranger")),
        };
    }

    private static string? Text(object? value) => value is not null && LanguagePrimitives.ConvertTo<string>(value) is { Length: > 0 } text ? text : null;

    private static string? Claims(object? value)
    {
        if (Entries(value) is { } entries)
        {
            return JsonSerializer.Serialize(entries.ToDictionary(entry => entry.Key, entry => Plain(entry.Value), StringComparer.Ordinal));
        }

        if (Text(value) is not { } text)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object ? text : throw new ArgumentTransformationMetadataException("Claims are a hashtable, or a JSON object.");
        }
        catch (JsonException)
        {
            throw new ArgumentTransformationMetadataException("Claims are a hashtable, or a JSON object.");
        }
    }

    private static object? Plain(object? value) => (value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value) switch
    {
        null => null,
        string or bool or int or long or double or decimal => value is PSObject simple ? simple.BaseObject : value,
        object[] items => items.Select(Plain).ToArray(),
        { } other when Entries(other) is { } nested => nested.ToDictionary(entry => entry.Key, entry => Plain(entry.Value), StringComparer.Ordinal),
        { } other => other.ToString(),
    };
}
