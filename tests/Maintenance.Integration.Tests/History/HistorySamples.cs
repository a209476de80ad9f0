using System.Text.Json;

namespace Maintenance.IntegrationTests.History;

/// <summary>Runs to record, and how to tell whether they came back whole.</summary>
internal static class HistorySamples
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    public static MaintenanceRun Run(
        DateTimeOffset? startedAt = null, string task = "Daily", string target = "app", HealthStatus status = HealthStatus.Ok) => new()
        {
            Id = Guid.CreateVersion7(startedAt ?? Noon),
            Task = task,
            Target = target,
            Status = status,
            StartedAt = startedAt ?? Noon,
            Duration = TimeSpan.FromSeconds(1.5),
            Message = "Fine.",
        };

    /// <summary>A run that uses everything a run can hold, with what strangers may put into names and messages.</summary>
    public static MaintenanceRun CompleteRun() => Run(Noon.AddTicks(1234560)) with
    {
        Status = HealthStatus.Critical,
        Duration = new TimeSpan(1, 2, 3, 4, 567),
        Machine = "host-1",
        ModuleVersion = "0.1.0",
        Message = "'; DROP TABLE runs; -- \"quoted\" \\ $1 {0} %s Grüße 日本 😀\r\n\u001b[31m",
        Artifacts = [new MaintenanceArtifact("Log", "/tmp/a 'b' \"c\".log", 5_000_000_000)],
        Steps =
        [
            new MaintenanceStep { Name = "Health", State = StepState.Done, Status = HealthStatus.Ok, Message = "ok", StartedAt = Noon, Duration = TimeSpan.FromMilliseconds(12.345) },
            new MaintenanceStep
            {
                Name = "Backup", State = StepState.Failed, Status = HealthStatus.Unknown, Message = "no answer", StartedAt = Noon.AddSeconds(1),
                Error = MaintenanceErrorCode.StoreUnreachable, Recommendation = "Look there.",
            },
        ],
        Metrics =
        [
            new Metric { Name = "storage_usage_percent", Value = 0.1 + 0.2, Unit = MetricUnit.Percent, ObservedAt = Noon, Target = "app", Status = HealthStatus.Warning, Labels = new Dictionary<string, string> { ["z"] = "1", ["a"] = "'" } },
            new Metric { Name = "error_rate", Value = null, Unit = MetricUnit.PerSecond, ObservedAt = Noon, Target = "app", Status = HealthStatus.Unknown, Reason = "not permitted" },
            new Metric { Name = "size", Value = double.MaxValue, ObservedAt = Noon, Target = "other" },
        ],
        Findings =
        [
            new Finding
            {
                Id = "DB-X", Area = "Database", Severity = FindingSeverity.High, Message = "bad", Target = "app", Subject = "public.\"t\"",
                Recommendation = "Do.", CollectedAt = Noon.AddMinutes(1),
                Remedy = new Remedy { Kind = "DropInvalidIndex", Command = "DROP INDEX CONCURRENTLY x", Rollback = "CREATE INDEX x" },
                Evidence = new Dictionary<string, object?>
                {
                    ["zLong"] = 5L, ["aDouble"] = 5.0, ["big"] = 1e17, ["text"] = "t", ["flag"] = true, ["none"] = null,
                    ["list"] = new List<object?> { 1L, "b", 2.5 },
                },
            },
            new Finding { Id = "DB-Y", Area = "Backup", Severity = FindingSeverity.Info, Outcome = FindingOutcome.NotPermitted, Message = "m", Target = "app", Remedy = new Remedy { Kind = "K", Command = "C" } },
            new Finding
            {
                Id = "SEC-Z", Area = "Security", Severity = FindingSeverity.Medium, Message = "m", Target = "app", Subject = "s", Database = "d'b", Scope = "npm: app",
                Fingerprint = "f1", FixSql = "ALTER TABLE \"t\" ENABLE ROW LEVEL SECURITY;", Mappings = [new FindingMapping("GDPR", "Art. 32"), new FindingMapping("CIS", "4.7")],
                State = FindingState.Accepted, FirstSeenAt = Noon.AddDays(-3), Acceptance = new FindingAcceptance("Jane", new DateOnly(2027, 1, 31), "it's public"),
            },
        ],
    };

    /// <summary>Compares runs with all that they hold.</summary>
    public static void AssertSame(MaintenanceRun expected, MaintenanceRun actual) =>
        Assert.Equal(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));
}
