namespace Maintenance.Engine.Security.Checks;

/// <summary>Whether the server's version still gets security fixes.</summary>
internal static class VersionChecks
{
    /// <summary>The day of the last release of each major version, as postgresql.org/support/versioning tells it: five years after the first, in November.</summary>
    private static readonly Dictionary<int, DateOnly> LastReleases = new()
    {
        [13] = new(2025, 11, 13),
        [14] = new(2026, 11, 12),
        [15] = new(2027, 11, 11),
        [16] = new(2028, 11, 9),
        [17] = new(2029, 11, 8),
        [18] = new(2030, 11, 14),
    };

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        new("DBSEC-VERSION-EOL", "The server's version gets security fixes", FindingSeverity.High, EndOfLife)
        {
            Recommendation = "Plan the upgrade to a supported major version.",
            Cis = ["1.5"],
            Gdpr = ["Art. 32(1)(b)"],
            Scope = SecurityScope.Server,
        },
        new("DBSEC-VERSION-MINOR", "The server runs the newest minor version", FindingSeverity.High, Minor)
        {
            Recommendation = "Compare with postgresql.org. Minor versions fix security holes and change no data formats: a restart is enough.",
            Cis = ["1.5"],
            Gdpr = ["Art. 32(1)(b)"],
            Scope = SecurityScope.Server,
        },
    ];

    private static CheckResult EndOfLife(AuditFacts facts)
    {
        var major = facts.Server.Major;
        if (!LastReleases.TryGetValue(major, out var last))
        {
            return new CheckResult { Unknown = $"this module does not know when PostgreSQL {major} ends" };
        }

        var today = DateOnly.FromDateTime(facts.Now.UtcDateTime);
        var evidence = new Dictionary<string, object?> { ["Version"] = major, ["LastRelease"] = last };
        return today > last ? CheckResult.Of([new Fault($"PostgreSQL {major}", $"PostgreSQL {major} had its last release on {last:yyyy-MM-dd}: holes found since stay open.") { Evidence = evidence }])
            : last.AddMonths(-6) < today ? CheckResult.Of([new Fault($"PostgreSQL {major}", $"PostgreSQL {major} has its last release on {last:yyyy-MM-dd}.") { Evidence = evidence, Severity = FindingSeverity.Low }])
            : new CheckResult { Note = $"PostgreSQL {major} until {last:yyyy-MM-dd}" };
    }

    private static CheckResult Minor(AuditFacts facts) =>
        new() { Manual = $"it runs {facts.Server.Major}.{facts.Server.VersionNumber % 10000}, and the server cannot say what the newest is" };
}
