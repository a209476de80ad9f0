using System.Collections;
using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Takes retention policies: <c>@{ Table = 'error_logs'; TimeColumn = 'timestamp'; Age = '90d' }</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RetentionPolicyAttribute() : SettingsAttribute<RetentionPolicy>("a retention policy")
{
    /// <inheritdoc/>
    protected override string Advice =>
        "Write @{ Table = 'error_logs'; TimeColumn = 'timestamp'; Age = '90d' }. A policy that the target is configured with is chosen by its table: -Table error_logs.";

    /// <inheritdoc/>
    protected override RetentionPolicy Create(IReadOnlyDictionary<string, object?> settings)
    {
        try
        {
            return new RetentionPolicy
            {
                Table = Needed(settings, "Table"),
                TimeColumn = Needed(settings, "TimeColumn"),
                Age = Time("Age") ?? throw Missing("Age"),
                Action = Text(settings, "Action") is { } action ? LanguagePrimitives.ConvertTo<RetentionAction>(action) : default,
                Destination = Text(settings, "Destination"),
                LegalHold = Text(settings, "LegalHold"),
                Anonymise = ToMethods(Value(settings, "Anonymise")),
                BatchTarget = Time("BatchTarget"),
                Order = Text(settings, "Order") is { } order ? LanguagePrimitives.ConvertTo<int>(order) : 0,
                TimeZone = Text(settings, "TimeZone") ?? "UTC",
            };
        }
        catch (PSInvalidCastException exception)
        {
            // With the exception in it, the binder would take it for another parameter's business and not show it.
            throw new ArgumentTransformationMetadataException($"A setting of the retention policy has no fit value. {exception.Message}");
        }

        TimeSpan? Time(string name) => Value(settings, name) switch
        {
            null => null,
            TimeSpan span => span,
            _ => Durations.TryParse(Text(settings, name) ?? "", out var duration)
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
}
