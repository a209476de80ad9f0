using Maintenance.Engine.Configuration;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Notify;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;

namespace Maintenance.Engine.Alerts;

/// <summary>Which rules hold for a target, and what is wrong with one. Pure.</summary>
internal static class AlertRules
{
    /// <summary>Where rules come from that are given with a call.</summary>
    public const string Pipeline = "pipeline";

    private const string Gone = "no longer in force";

    private static readonly TimeSpan LongestFor = TimeSpan.FromDays(31);

    private static readonly JsonSerializerSettings Remembered = new() { NullValueHandling = NullValueHandling.Ignore, Converters = { new StringEnumConverter() } };

    /// <summary>The rules in force: those that are built in, changed and joined by the configuration's, and those by the caller's. The last of a name counts.</summary>
    /// <param name="policy">What the configuration says.</param>
    /// <param name="given">What the caller says besides.</param>
    /// <exception cref="MaintenanceException">InvalidArgument: names every mistake.</exception>
    public static IReadOnlyList<AlertRule> Of(AlertPolicy policy, IReadOnlyList<AlertRuleSettings> given)
    {
        var mistakes = new List<string>();
        var rules = BuiltInRules.All.ToList();
        var places = rules.Select((rule, index) => (rule.Name, index)).ToDictionary(place => place.Name, place => place.index, StringComparer.OrdinalIgnoreCase);
        foreach (var (settings, source) in policy.Rules.Select(rule => (rule, "configuration")).Concat(given.Select(rule => (rule, Pipeline))))
        {
            var index = places.GetValueOrDefault(settings.Name ?? "", -1);
            var found = Check(settings, index < 0 ? null : rules[index]).ToList();
            if (found.Count > 0)
            {
                mistakes.Add($"{(string.IsNullOrWhiteSpace(settings.Name) ? "A rule" : $"The rule '{settings.Name}'")} of the {(source == Pipeline ? "call (-Rule, or piped)" : source)}: {string.Join(' ', found.Select(mistake => char.ToUpperInvariant(mistake.Text[0]) + mistake.Text[1..]))}");
                continue;
            }

            var rule = Merge(index < 0 ? null : rules[index], settings, source);
            if (index < 0)
            {
                places[rule.Name] = rules.Count;
                rules.Add(rule);
            }
            else
            {
                rules[index] = rule;
            }
        }

        return mistakes.Count == 0 ? rules : throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument, string.Join(' ', mistakes), "Mend the rules; none of them was looked at. Get-AlertRule shows the form of those that are built in.");
    }

    /// <summary>What is wrong with the settings of a rule: the setting, and what is to be said of it.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="existing">The rule of this name; null if it is a new one.</param>
    public static IEnumerable<(string Setting, string Text)> Check(AlertRuleSettings settings, AlertRule? existing)
    {
        if (string.IsNullOrWhiteSpace(settings.Name) || settings.Name.Length > 100 || settings.Name.Any(char.IsControl))
        {
            yield return ("name", "a rule has a name of one line, at most 100 characters.");
        }

        if (existing is null)
        {
            foreach (var (setting, isMissing) in new[]
            {
                ("metric", settings.Metric is null), ("operator", settings.Operator is null), ("threshold", settings.Threshold is null),
                ("severity", settings.Severity is null), ("message", settings.Message is null),
            })
            {
                if (isMissing)
                {
                    yield return (setting, $"a rule that is not built in says its {setting}.");
                }
            }
        }

        if (settings.Metric is { } metric && AlertMetrics.Find(metric) is null)
        {
            yield return ("metric", $"\"{metric}\" is no metric that is measured. {Suggestion.Sentence(metric, AlertMetrics.Names)}");
        }

        if (settings.Threshold is { } limit && !double.IsFinite(limit))
        {
            yield return ("threshold", "the threshold must be a number.");
        }

        var threshold = settings.Threshold ?? existing?.Threshold;
        var comparison = settings.Operator ?? existing?.Operator;
        if ((settings.ClearThreshold ?? existing?.ClearThreshold) is { } clear && threshold is { } bound && comparison is { } side
            && (!double.IsFinite(clear) || (side is AlertOperator.GreaterThan or AlertOperator.GreaterThanOrEqual ? clear > bound : clear < bound)))
        {
            yield return ("clearThreshold", Say.Text($"the clear threshold ({clear:0.####}) must lie on the good side of the threshold ({bound:0.####}), or be the same."));
        }

        foreach (var (setting, duration) in new[] { ("for", settings.For), ("keepFiringFor", settings.KeepFiringFor) })
        {
            if (duration < TimeSpan.Zero || duration > LongestFor)
            {
                yield return (setting, $"{setting} must be between nothing and 31 days.");
            }
        }

        if (settings.MinimumSamples is < 1 or > 1000)
        {
            yield return ("minimumSamples", "minimumSamples must be between 1 and 1000.");
        }

        if (settings.Message is { } message)
        {
            if (string.IsNullOrWhiteSpace(message))
            {
                yield return ("message", "the message must not be empty.");
            }

            foreach (var name in AlertMessages.UnknownPlaceholders(message))
            {
                yield return ("message", $"the message has the placeholder {{{name}}}, which means nothing. There are {{value}}, {{threshold}}, {{metric}}, {{target}}, {{rule}} and {{label.NAME}}.");
            }
        }

        if (settings.Channel is { } channel && NotificationChannels.Mistake(channel) is { } mistake)
        {
            yield return ("channel", mistake);
        }

        if (settings.Runbook is { } runbook && (!runbook.IsAbsoluteUri || runbook.Scheme is not ("https" or "http")))
        {
            yield return ("runbook", "the runbook must be an address that begins with https:// or http://.");
        }
    }

    /// <summary>A rule as it is remembered with what it has to tell.</summary>
    public static string Definition(AlertRule rule) => JsonConvert.SerializeObject(AlertRuleSettings.Of(rule) with { IsEnabled = null }, Remembered);

    /// <summary>The rule of an alert that is in no configuration, as it was when it was last looked at.</summary>
    public static AlertRule Defined(AlertMemory memory)
    {
        try
        {
            if (memory.Definition is { } text && JsonConvert.DeserializeObject<AlertRuleSettings>(text, Remembered) is { } settings && !Check(settings, null).Any())
            {
                return Merge(null, settings, Gone);
            }
        }
        catch (JsonException)
        {
            // What a newer version wrote.
        }

        return new AlertRule
        {
            Name = memory.Key.Rule,
            Metric = "unknown",
            Operator = AlertOperator.GreaterThan,
            Threshold = 0,
            Severity = AlertSeverity.Warning,
            Message = "what the rule said is not known any more",
            Source = Gone,
        };
    }

    private static AlertRule Merge(AlertRule? rule, AlertRuleSettings settings, string source)
    {
        var metric = settings.Metric is { } name ? AlertMetrics.Find(name)! : null;
        var merged = new AlertRule
        {
            Name = rule?.Name ?? settings.Name,
            Metric = metric?.Name ?? rule!.Metric,
            Unit = metric?.Unit ?? rule!.Unit,
            Operator = settings.Operator ?? rule!.Operator,
            Threshold = settings.Threshold ?? rule!.Threshold,
            ClearThreshold = settings.ClearThreshold ?? rule?.ClearThreshold,
            For = settings.For ?? rule?.For ?? TimeSpan.Zero,
            KeepFiringFor = settings.KeepFiringFor ?? rule?.KeepFiringFor ?? TimeSpan.Zero,
            MinimumSamples = settings.MinimumSamples ?? rule?.MinimumSamples ?? 1,
            NoData = settings.NoData ?? rule?.NoData ?? NoDataPolicy.Alert,
            Severity = settings.Severity ?? rule!.Severity,
            Message = settings.Message ?? rule!.Message,
            Channel = settings.Channel ?? rule?.Channel,
            Labels = settings.Labels ?? rule?.Labels ?? new Dictionary<string, string>(),
            Runbook = settings.Runbook ?? rule?.Runbook,
            IsEnabled = settings.IsEnabled ?? rule?.IsEnabled ?? true,
            Source = rule is null ? source : $"{rule.Source}, changed by the {source}",
        };
        // Whoever gives a rule as it is changes nothing.
        return rule is not null && merged with { Source = rule.Source } == rule ? rule : merged;
    }
}
