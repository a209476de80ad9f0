using System.Globalization;

namespace Maintenance.Engine.Security.Scan;

/// <summary>Makes findings of what a scanner's result says. The one place that decides what a scan came to.</summary>
internal static class ScanFindings
{
    /// <summary>Id of the check that scanners of a kind carry out.</summary>
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
        var scope = $"{scanner.Name}: {name}";
        var about = new Dictionary<string, object?> { ["Scanner"] = scanner.Name, ["Version"] = reading.Version };
        foreach (var flaw in reading.Flaws)
        {
            yield return Make(flaw.Severity, FindingOutcome.Fail, flaw.Message) with
            {
                Subject = flaw.Subject,
                Evidence = about.Concat(flaw.Evidence).DistinctBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Value),
                Recommendation = flaw.Recommendation,
                Mappings = flaw.Mappings,
                Fingerprint = FindingFingerprint.Of(CheckOf(scanner.Kind), scope, flaw.Identity),
            };
        }

        if (reading.Problem is { } problem)
        {
            yield return Make(FindingSeverity.High, FindingOutcome.Unknown, $"{scanner.Name} could not tell whether {What(scanner.Kind)} in {name}: {problem}.") with
            {
                Evidence = about,
                Recommendation = reading.Recommendation ?? $"Run {scanner.Program} by hand to see what is wrong.",
            };
        }
        else if (reading.Flaws.Count == 0)
        {
            yield return Make(FindingSeverity.Info, FindingOutcome.Pass, $"{scanner.Name} found nothing in {name}{(reading.Examined is { } count ? string.Create(CultureInfo.InvariantCulture, $", of {count} looked at") : "")}.") with { Evidence = about };
        }

        Finding Make(FindingSeverity severity, FindingOutcome outcome, string message) => new()
        {
            Id = CheckOf(scanner.Kind),
            Area = SecurityAuditor.Area,
            Severity = severity,
            Outcome = outcome,
            Subject = name,
            Message = message,
            Scope = scope,
            CollectedAt = now,
        };
    }

    private static string What(ScanKind kind) => kind switch
    {
        ScanKind.Dependencies => "dependencies are vulnerable",
        ScanKind.Secrets => "secrets are",
        _ => "flaws are",
    };
}
