using Maintenance.Engine.Health;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Tests.Tasks;

/// <summary>Whom a daily run wakes for the sake of backups, and with which words.</summary>
public sealed class DailyMessagesTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 10, 2, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(BackupRecencyState.None, "CRITICAL: No database backups found in last 24 hours")]
    [InlineData(BackupRecencyState.Stale, "CRITICAL: No database backups found in last 24 hours")]
    [InlineData(BackupRecencyState.Incomplete, "CRITICAL: The newest database backup cannot be relied on")]
    [InlineData(BackupRecencyState.Unreadable, "CRITICAL: The newest database backup cannot be relied on")]
    [InlineData(BackupRecencyState.Shrunk, null)]
    [InlineData(BackupRecencyState.CannotDetermine, null)]
    public void Only_what_was_seen_is_an_emergency(BackupRecencyState state, string? title)
    {
        var messages = DailyMessages.Of(Run(Recency("app", state)));
        Assert.Equal(title, messages.SingleOrDefault(message => message.Channel == "Emergency")?.Title);
        Assert.Single(messages, message => message.Channel != "Emergency");
    }

    [Fact]
    public void A_title_names_the_databases_that_lack_a_backup_where_others_have_one()
    {
        var messages = DailyMessages.Of(Run(Recency("app", BackupRecencyState.Fresh), Recency("billing", BackupRecencyState.None)));
        Assert.Equal("CRITICAL: No database backups of billing found in last 24 hours", messages[0].Title);
    }

    [Fact]
    public void Every_state_is_a_finding_of_its_own_name_and_the_unknown_is_no_failure()
    {
        foreach (var state in Enum.GetValues<BackupRecencyState>())
        {
            var finding = BackupProbe.ToFinding(Recency("app", state), new MaintenanceTarget { Name = "t" }, Now);
            Assert.Equal(state == BackupRecencyState.CannotDetermine ? "BACKUP-CANNOT-DETERMINE" : $"BACKUP-{state.ToString().ToUpperInvariant()}", finding.Id);
            Assert.Equal(state == BackupRecencyState.CannotDetermine ? FindingOutcome.Unknown : FindingOutcome.Fail, finding.Outcome);
        }
    }

    private static BackupRecency Recency(string database, BackupRecencyState state) => new()
    {
        State = state,
        Database = database,
        Kind = BackupKind.Custom,
        MaximumAge = TimeSpan.FromHours(24),
        Message = "As it is.",
    };

    private static MaintenanceRun Run(params BackupRecency[] recencies)
    {
        var target = new MaintenanceTarget { Name = "t" };
        return new MaintenanceRun
        {
            Id = Guid.NewGuid(),
            Task = "Daily",
            Target = target.Name,
            Status = HealthStatus.Ok,
            StartedAt = Now,
            Message = "Done.",
            Findings = [.. recencies.Where(recency => recency.State != BackupRecencyState.Fresh).Select(recency => BackupProbe.ToFinding(recency, target, Now))],
            Metrics = [.. recencies.Select(recency => BackupProbe.ToMetric(recency, target, Now))],
        };
    }
}
