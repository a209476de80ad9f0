using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>
/// Metrics as they come through a pipeline: ours, those of a result that carries them, and what a filter, a file or another machine has made
/// of them (Select-Object, ConvertFrom-Json, Import-Csv, remoting). What is not understood is an error, never a value that is left out.
/// </summary>
internal static class PipedMetrics
{
    private const string HealthType = "Maintenance.SystemHealth";

    /// <summary>The metrics of one object, by the name of their target (empty where it says none), and whether they are all that is known of it.</summary>
    /// <param name="input">The object.</param>
    /// <param name="now">When a value without a time was measured.</param>
    /// <exception cref="MaintenanceException">InvalidArgument: it has no metrics, or one that is none.</exception>
    public static IEnumerable<(string Target, IReadOnlyList<Metric> Metrics, bool IsComplete)> Of(PSObject input, DateTimeOffset now)
    {
        input = Table(input);
        IReadOnlyList<Metric> metrics = [.. Carried(input)?.Select(item => Read(item, now)) ?? [Read(input, now)]];
        var (target, isComplete) = (Text(input, "Target") ?? "", IsHealth(input));
        return metrics.GroupBy(metric => metric.Target ?? target, StringComparer.OrdinalIgnoreCase)
            .Select(group => (group.Key, (IReadOnlyList<Metric>)[.. group], isComplete));
    }

    // A table of names and values is as good as an object.
    private static PSObject Table(PSObject input)
    {
        if (input.BaseObject is not IDictionary table)
        {
            return input;
        }

        var item = new PSObject();
        foreach (DictionaryEntry entry in table)
        {
            item.Properties.Add(new PSNoteProperty(entry.Key.ToString(), entry.Value));
        }

        return item;
    }

    private static IEnumerable<PSObject>? Carried(PSObject input) =>
        input.BaseObject is not Metric && Plain(input.Properties["Metrics"]?.Value) is IEnumerable items and not string ? items.Cast<object>().Select(PSObject.AsPSObject) : null;

    // A health from another machine, or one that was copied, still names its type; one of a file tells itself by its parts.
    private static bool IsHealth(PSObject input) =>
        input.BaseObject is SystemHealth
        || input.TypeNames.Any(name => name.EndsWith(HealthType, StringComparison.Ordinal))
        || (input.BaseObject is PSCustomObject && input.Properties["Components"] is not null && input.Properties["Score"] is not null);

    private static Metric Read(PSObject item, DateTimeOffset now)
    {
        if (item.BaseObject is Metric metric)
        {
            return metric;
        }

        if (Text(item, "Name") is not { } name || item.Properties["Value"] is null)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"What was piped ({item.BaseObject.GetType().Name}) has no metrics, and is none: a metric has a Name and a Value.",
                "Pipe what Get-SystemHealth, Get-DbHealth or Get-PerformanceMetric give, their Metrics, or objects with Name, Value and, if it has one, Unit.");
        }

        var value = Value(name, Plain(item.Properties["Value"].Value));
        return new Metric
        {
            Name = name,
            Value = value,
            Unit = Known(name, Text(item, "Unit")),
            Target = Text(item, "Target"),
            ObservedAt = Time(name, Plain(item.Properties["ObservedAt"]?.Value)) ?? now,
            Labels = Labels(Plain(item.Properties["Labels"]?.Value)),
            AtLeast = Value(name, Plain(item.Properties["AtLeast"]?.Value)),
            AtMost = Value(name, Plain(item.Properties["AtMost"]?.Value)),
            Details = Text(item, "Details"),
            ExplainedBy = Text(item, "ExplainedBy"),
            Causes = Labels(Plain(item.Properties["Causes"]?.Value)),
            Reason = Text(item, "Reason") ?? (value is null ? "it came without a value" : null),
        };
    }

    private static double? Value(string name, object? value) => value switch
    {
        null or "" => null,
        bool => throw Wrong(name, "Value", value),
        string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(name, "Value", value),
        _ => LanguagePrimitives.TryConvertTo<double>(value, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(name, "Value", value),
    };

    private static MetricUnit Known(string name, string? unit) =>
        unit is null ? MetricUnit.None : Enum.TryParse<MetricUnit>(unit, ignoreCase: true, out var known) && Enum.IsDefined(known) ? known : throw Wrong(name, "Unit", unit);

    private static DateTimeOffset? Time(string name, object? value) => value switch
    {
        null or "" => null,
        DateTimeOffset time => time.ToUniversalTime(),
        DateTime time => new DateTimeOffset(time.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : time).ToUniversalTime(),
        string text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time.ToUniversalTime(),
        _ => throw Wrong(name, "ObservedAt", value),
    };

    private static Dictionary<string, string> Labels(object? labels) => labels switch
    {
        IReadOnlyDictionary<string, string> known => new Dictionary<string, string>(known),
        IDictionary table => table.Keys.Cast<object>().ToDictionary(key => key.ToString() ?? "", key => Words(table[key])),
        PSObject { BaseObject: PSCustomObject } custom => custom.Properties.ToDictionary(property => property.Name, property => Words(property.Value)),
        _ => [],
    };

    private static string Words(object? value) => Convert.ToString(Plain(value), CultureInfo.InvariantCulture) ?? "";

    private static string? Text(PSObject item, string name) => item.Properties[name]?.Value is { } value && Words(value) is { Length: > 0 } text ? text : null;

    private static object? Plain(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    private static MaintenanceException Wrong(string name, string property, object? value) => new(
        MaintenanceErrorCode.InvalidArgument,
        $"The metric '{name}' has the {property} '{Convert.ToString(value, CultureInfo.InvariantCulture)}', which is none.",
        property == "Unit" ? $"Units are {string.Join(", ", Enum.GetNames<MetricUnit>())}." : "Give a number, or nothing where it could not be measured, and times as 2026-11-26T12:00:00Z.");
}
