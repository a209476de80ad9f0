using System.Globalization;

namespace Maintenance.Engine.Security.Scan;

/// <summary>Makes findings of what a scanner's result says. The one place that decides what a scan came to.</summary>
internal static class ScanFindings
{
    /// <summary>Id of the check that scanners of a kind carry out.</summary>
    /// <param name="kind">The kind.</param>
    public static string CheckOf(ScanKind kind) => kind switch
    {
        ScanKind.Dependencies => "DEP-VULNERABLE",
        ScanKind.Secrets => "SECRET-FOUND",
        _ => "CODE-FLAW",
    };

    /// <summary>Makes findings.</summary>
    /// <param name="scanner">The scanner.</param>
    /// <param name="name">What was scanned, by the name it has on every machine.</param>
    /// <param name="reading">What its result says.</param>
    /// <param name="now">Now.</param>
    public static IEnumerable<Finding> Of(Scanner scanner, string name, ScanReading reading, DateTimeOffset now)
    {
        var tool = ScanText.Clean(reading.Tool ?? scanner.Name);
        var scope = $"{tool}: {name}";
        var about = About(tool, reading).ToList();
        foreach (var flaw in reading.Flaws)
        {
            yield return Make(scanner.Kind, scope, flaw.Subject, flaw.Severity, FindingOutcome.Fail, flaw.Message, flaw.Recommendation, about.Concat(flaw.Evidence), now) with
            {
                Mappings = flaw.Mappings,
                Fingerprint = FindingFingerprint.Of(CheckOf(scanner.Kind), scope, flaw.Identity),
            };
        }

        if (reading.Problem is { } problem)
        {
            var recommendation = reading.Recommendation ?? $"Run {scanner.Program} by hand to see what is wrong.";
            yield return Make(scanner.Kind, scope, name, FindingSeverity.High, FindingOutcome.Unknown, Unclear(tool, scanner.Kind, name, problem), recommendation, about, now);
        }
        else if (reading.Flaws.Count == 0)
        {
            var count = reading.Examined is { } examined ? string.Create(CultureInfo.InvariantCulture, $", of {examined} looked at") : "";
            yield return Make(scanner.Kind, scope, name, FindingSeverity.Info, FindingOutcome.Pass, $"{tool} found nothing in {name}{count}{(reading.Note is { } note ? $" ({note})" : "")}.", null, about, now);
        }
    }

    /// <summary>Says that no scanner could look at all.</summary>
    /// <param name="kind">What was to be looked for.</param>
    /// <param name="name">What was to be scanned.</param>
    /// <param name="problem">Why, as a phrase.</param>
    /// <param name="recommendation">What to do.</param>
    /// <param name="now">Now.</param>
    public static Finding Unknown(ScanKind kind, string name, string problem, string recommendation, DateTimeOffset now) =>
        Make(kind, name, name, FindingSeverity.High, FindingOutcome.Unknown, Unclear("Nobody", kind, name, problem), recommendation, [], now);

    private static IEnumerable<KeyValuePair<string, object?>> About(string tool, ScanReading reading) =>
    [
        new("Scanner", tool),
        new("Version", reading.Version),
        .. reading.Examined is { } examined ? [new("Examined", examined)] : Array.Empty<KeyValuePair<string, object?>>(),
        .. reading.Suppressed > 0 ? [new("Suppressed", reading.Suppressed)] : Array.Empty<KeyValuePair<string, object?>>(),
        .. reading.Note is { } note ? [new("Note", note)] : Array.Empty<KeyValuePair<string, object?>>(),
        .. reading.Evidence,
    ];

    private static string Unclear(string who, ScanKind kind, string name, string problem) =>
        $"{who} could {(who == "Nobody" ? "" : "not ")}tell whether {What(kind)} in {name}: {ScanText.Clean(problem).TrimEnd('.')}.";

    private static Finding Make(
        ScanKind kind,
        string scope,
        string subject,
        FindingSeverity severity,
        FindingOutcome outcome,
        string message,
        string? recommendation,
        IEnumerable<KeyValuePair<string, object?>> evidence,
        DateTimeOffset now) => new()
        {
            Id = CheckOf(kind),
            Area = SecurityAuditor.Area,
            Severity = severity,
            Outcome = outcome,
            Subject = ScanText.Clean(subject),
            Message = ScanText.Clean(message, 1000),
            Recommendation = recommendation is null ? null : ScanText.Clean(recommendation),
            Evidence = evidence.DistinctBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => Fact(pair.Value)),
            Scope = scope,
            CollectedAt = now,
        };

    // Facts come from what was scanned, and may hold anything.
    private static object? Fact(object? value) => value switch
    {
        string text => ScanText.Clean(text),
        IEnumerable<string> texts => texts.Select(text => ScanText.Clean(text)).ToArray(),
        _ => value,
    };

    private static string What(ScanKind kind) => kind switch
    {
        ScanKind.Dependencies => "dependencies are vulnerable",
        ScanKind.Secrets => "secrets are",
        _ => "flaws are",
    };
}
