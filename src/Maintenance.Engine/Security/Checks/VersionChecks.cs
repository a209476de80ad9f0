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

    /// <summary>The newest minor versions on the day of <see cref="RecordedOn"/>. All majors are released together.</summary>
    private static readonly Dictionary<int, int> NewestMinors = new()
    {
        [14] = 25,
        [15] = 20,
        [16] = 16,
        [17] = 12,
        [18] = 6,
    };

    /// <summary>When these were written down. What was released since is not in them.</summary>
    internal static readonly DateOnly RecordedOn = new(2026, 9, 30);

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
            Recommendation = "Compare with postgresql.org, and install the newest. Minor versions fix security holes and change no data formats: a restart is enough.",
            Cis = ["1.5"],
            Gdpr = ["Art. 32(1)(b)"],
            Scope = SecurityScope.Server,
        },
    ];

    private static CheckResult EndOfLife(AuditFacts facts)
    {
        var major = facts.Server.Major;
        if (major < LastReleases.Keys.Min())
        {
            return CheckResult.Of([new Fault($"PostgreSQL {major}", $"PostgreSQL {major} is out of support: holes found since stay open.") { Evidence = new Dictionary<string, object?> { ["Version"] = major } }]);
        }

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

    // Being older than what was known once is a fault for ever; being as new as that is well only until the next release is due.
    private static CheckResult Minor(AuditFacts facts)
    {
        var (major, minor) = (facts.Server.Major, facts.Server.VersionNumber % 10000);
        if (!NewestMinors.TryGetValue(major, out var newest))
        {
            return new CheckResult { Unknown = $"this module does not know the minor versions of PostgreSQL {major}" };
        }

        if (minor < newest)
        {
            return CheckResult.Of(
            [
                new Fault($"PostgreSQL {major}", $"The server runs {major}.{minor}; {major}.{newest} was out by {RecordedOn:yyyy-MM-dd}.")
                {
                    Evidence = new Dictionary<string, object?> { ["Version"] = $"{major}.{minor}", ["Newest"] = $"{major}.{newest}", ["RecordedOn"] = RecordedOn },
                },
            ]);
        }

        var due = NextRelease(RecordedOn);
        return DateOnly.FromDateTime(facts.Now.UtcDateTime) < due && minor == newest
            ? new CheckResult { Note = $"it runs {major}.{minor}, the newest on {RecordedOn:yyyy-MM-dd}, and the next is due on {due:yyyy-MM-dd}" }
            : new CheckResult { Unknown = $"it runs {major}.{minor}, and this module knows releases up to {RecordedOn:yyyy-MM-dd} only, while one was due on {due:yyyy-MM-dd}" };
    }

    /// <summary>The next scheduled release after a day: the second Thursday of February, May, August or November.</summary>
    internal static DateOnly NextRelease(DateOnly after)
    {
        for (var month = new DateOnly(after.Year, after.Month, 1); ; month = month.AddMonths(1))
        {
            var thursday = month.AddDays(((int)DayOfWeek.Thursday - (int)month.DayOfWeek + 7) % 7 + 7);
            if (month.Month % 3 == 2 && thursday > after)
            {
                return thursday;
            }
        }
    }
}
