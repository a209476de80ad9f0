using System.Collections;
using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Takes alert rules: those of Get-AlertRule, or tables such as <c>@{ Name = 'error_rate_warning'; Threshold = 1; For = '5m' }</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AlertRuleAttribute() : SettingsAttribute<AlertRuleSettings>("an alert rule")
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => base.Transform(engineIntrinsics, Known(inputData));

    /// <inheritdoc/>
    protected override AlertRuleSettings Create(IReadOnlyDictionary<string, object?> settings)
    {
        try
        {
            return new AlertRuleSettings
            {
                Name = Needed(settings, "Name"),
                Metric = Text(settings, "Metric"),
                Operator = Read<AlertOperator>("Operator"),
                Threshold = Read<double>("Threshold"),
                ClearThreshold = Read<double>("ClearThreshold"),
                For = Time("For"),
                KeepFiringFor = Time("KeepFiringFor"),
                MinimumSamples = Read<int>("MinimumSamples"),
                NoData = Read<NoDataPolicy>("NoData"),
                Severity = Read<AlertSeverity>("Severity"),
                Message = Text(settings, "Message"),
                Channel = Text(settings, "Channel"),
                Labels = Value(settings, "Labels") switch
                {
                    null => null,
                    IReadOnlyDictionary<string, string> labels => labels,
                    IDictionary labels => labels.Keys.Cast<object>().ToDictionary(key => key.ToString() ?? "", key => LanguagePrimitives.ConvertTo<string>(labels[key])),
                    _ => throw new ArgumentTransformationMetadataException("Labels of an alert rule are a table of names and values: @{ database = 'app' }."),
                },
                Runbook = Text(settings, "Runbook") is { } address ? new Uri(address, UriKind.RelativeOrAbsolute) : null,
                IsEnabled = Read<bool>("IsEnabled"),
            };
        }
        catch (PSInvalidCastException exception)
        {
            // With the exception in it, the binder would take it for another parameter's business and not show it.
            throw new ArgumentTransformationMetadataException($"A setting of the alert rule has no fit value. {exception.Message}");
        }

        T? Read<T>(string name)
            where T : struct => Value(settings, name) is { } value ? LanguagePrimitives.ConvertTo<T>(value) : null;

        TimeSpan? Time(string name) => Value(settings, name) switch
        {
            null => null,
            TimeSpan span => span,
            _ => Durations.TryParse(Text(settings, name) ?? "", out var duration)
                ? duration
                : throw new ArgumentTransformationMetadataException($"{name} of an alert rule is a duration, such as 5m or 00:05:00."),
        };
    }

    // Rules of Get-AlertRule, by themselves or among tables.
    private static object? Known(object? input) => input switch
    {
        PSObject { BaseObject: AlertRule rule } => AlertRuleSettings.Of(rule),
        AlertRule rule => AlertRuleSettings.Of(rule),
        PSObject { BaseObject: object[] items } => items.Select(Known).ToArray(),
        object[] items => items.Select(Known).ToArray(),
        _ => input,
    };
}
