using System.Collections;
using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>
/// Lets a parameter take retention policies as people write them: <c>@{ Table = 'error_logs'; TimeColumn = 'timestamp'; Age = '90d' }</c>,
/// or rows of a CSV or JSON file. A name that no policy has is an error, not ignored: it may be a mistyped legal hold.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RetentionPolicyAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] Names = [.. typeof(RetentionPolicy).GetProperties().Select(property => property.Name)];

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData switch
    {
        PSObject { BaseObject: object[] items } => items.Select(ToPolicy).ToArray(),
        object[] items => items.Select(ToPolicy).ToArray(),
        _ => ToPolicy(inputData),
    };

    private static object? ToPolicy(object? input)
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

    private static RetentionPolicy Create(Dictionary<string, object?> entries)
    {
        if (entries.Keys.FirstOrDefault(name => !Names.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new ArgumentTransformationMetadataException($"A retention policy has no setting '{unknown}'. It has: {string.Join(", ", Names)}.");
        }

        try
        {
            return new RetentionPolicy
            {
                Table = Text("Table") ?? throw Missing("Table"),
                TimeColumn = Text("TimeColumn") ?? throw Missing("TimeColumn"),
                Age = Time("Age") ?? throw Missing("Age"),
                Action = Text("Action") is { } action ? LanguagePrimitives.ConvertTo<RetentionAction>(action) : default,
                Destination = Text("Destination"),
                LegalHold = Text("LegalHold"),
                Anonymise = ToMethods(Value("Anonymise")),
                BatchTarget = Time("BatchTarget"),
                Order = Text("Order") is { } order ? LanguagePrimitives.ConvertTo<int>(order) : 0,
                TimeZone = Text("TimeZone") ?? "UTC",
            };
        }
        catch (PSInvalidCastException exception)
        {
            // With the exception in it, the binder would take it for another parameter's business and not show it.
            throw new ArgumentTransformationMetadataException($"A setting of the retention policy has no fit value. {exception.Message}");
        }

        object? Value(string name) => entries.GetValueOrDefault(name) is PSObject { BaseObject: not PSCustomObject } value ? value.BaseObject : entries.GetValueOrDefault(name);

        string? Text(string name) => Value(name) is { } value && LanguagePrimitives.ConvertTo<string>(value) is { Length: > 0 } text ? text : null;

        TimeSpan? Time(string name) => Value(name) switch
        {
            null => null,
            TimeSpan span => span,
            _ => Durations.TryParse(Text(name) ?? "", out var duration)
                ? duration
                : throw new ArgumentTransformationMetadataException($"The {name} of a retention policy is a duration, such as 90d or 24:00:00."),
        };
    }

    /// <summary>What columns are overwritten with, as people write it: <c>@{ email = 'Redact'; user_id = 'Null' }</c>.</summary>
    internal static IReadOnlyDictionary<string, AnonymiseMethod> ToMethods(object? value) => value switch
    {
        null => new Dictionary<string, AnonymiseMethod>(),
        IReadOnlyDictionary<string, AnonymiseMethod> methods => methods,
        IDictionary dictionary => dictionary.Keys.Cast<object>().ToDictionary(key => key.ToString() ?? "", key => LanguagePrimitives.ConvertTo<AnonymiseMethod>(dictionary[key])),
        PSObject custom => custom.Properties.ToDictionary(property => property.Name, property => LanguagePrimitives.ConvertTo<AnonymiseMethod>(property.Value)),
        _ => throw new ArgumentTransformationMetadataException("Anonymise takes columns with a method each: @{ email = 'Redact'; user_id = 'Null' }."),
    };

    private static ArgumentTransformationMetadataException Missing(string name) => new($"A retention policy needs {name}.");
}
