using System.Collections;
using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>
/// Lets a parameter take records as people write them: tables with their settings, or rows of a CSV or JSON file. A name that no record
/// has is an error, not ignored: it may be a mistyped one.
/// </summary>
/// <typeparam name="T">The record.</typeparam>
/// <param name="what">What it is called in errors, with its article.</param>
[AttributeUsage(AttributeTargets.Property)]
public abstract class SettingsAttribute<T>(string what) : ArgumentTransformationAttribute
{
    private static readonly string[] Names = [.. typeof(T).GetProperties().Select(property => property.Name)];

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData switch
    {
        PSObject { BaseObject: object[] items } => items.Select(ToRecord).ToArray(),
        object[] items => items.Select(ToRecord).ToArray(),
        _ => ToRecord(inputData),
    };

    /// <summary>Makes a record of its settings.</summary>
    /// <param name="settings">The settings by name, in upper or lower case.</param>
    protected abstract T Create(IReadOnlyDictionary<string, object?> settings);

    /// <summary>What else to say to somebody who gives a text instead of settings.</summary>
    protected virtual string Advice => "";

    /// <summary>A setting as text; null where it is missing or empty.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="name">Its name.</param>
    protected static string? Text(IReadOnlyDictionary<string, object?> settings, string name) =>
        Value(settings, name) is { } value && LanguagePrimitives.ConvertTo<string>(value) is { Length: > 0 } text ? text : null;

    /// <summary>A setting as it was given; null where it is missing.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="name">Its name.</param>
    protected static object? Value(IReadOnlyDictionary<string, object?> settings, string name) =>
        settings.GetValueOrDefault(name) is PSObject { BaseObject: not PSCustomObject } value ? value.BaseObject : settings.GetValueOrDefault(name);

    /// <summary>A setting as text that must be there.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="name">Its name.</param>
    protected string Needed(IReadOnlyDictionary<string, object?> settings, string name) => Text(settings, name) ?? throw Missing(name);

    /// <summary>The error for a setting that must be there.</summary>
    /// <param name="name">Its name.</param>
    protected ArgumentTransformationMetadataException Missing(string name) => new($"{Capital} needs {name}.");

    private string Capital => char.ToUpperInvariant(what[0]) + what[1..];

    private object? ToRecord(object? input)
    {
        var value = input is PSObject wrapped ? wrapped.BaseObject : input;
        if (value is string text)
        {
            // For the binder the text in a pipeline may be another parameter's yet: of a conversion that fails it tells only where none fits.
            throw new ArgumentTransformationMetadataException($"'{text}' is not {what}: that is a table of settings. {Advice}".TrimEnd(), new PSInvalidCastException());
        }

        Dictionary<string, object?>? settings = value switch
        {
            IDictionary dictionary => dictionary.Keys.Cast<object>().ToDictionary(key => key.ToString() ?? "", key => dictionary[key], StringComparer.OrdinalIgnoreCase),
            PSCustomObject when input is PSObject custom => custom.Properties.ToDictionary(property => property.Name, property => (object?)property.Value, StringComparer.OrdinalIgnoreCase),
            _ => null,
        };
        if (settings?.Keys.FirstOrDefault(name => !Names.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new ArgumentTransformationMetadataException($"{Capital} has no setting '{unknown}'. It has: {string.Join(", ", Names)}.");
        }

        return settings is null ? input : Create(settings);
    }
}
