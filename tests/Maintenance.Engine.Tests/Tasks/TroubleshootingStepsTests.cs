using Maintenance.Engine.Repair;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Tests.Tasks;

public sealed class TroubleshootingStepsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(RepairState.Resolved, StepState.Done, HealthStatus.Ok)]
    [InlineData(RepairState.AlreadyGone, StepState.Done, HealthStatus.Ok)]
    [InlineData(RepairState.NotResolved, StepState.Done, HealthStatus.Critical)]
    [InlineData(RepairState.Refused, StepState.Skipped, HealthStatus.Critical)]
    [InlineData(RepairState.Failed, StepState.Failed, HealthStatus.Critical)]
    [InlineData(RepairState.Unknown, StepState.Done, HealthStatus.Unknown)]
    public void A_step_is_as_well_as_what_remains(RepairState came, StepState state, HealthStatus status)
    {
        var step = TroubleshootingSteps.Repaired(Issue(FindingSeverity.High), Repair(came));
        Assert.Equal((state, status), (step.State, step.Status));
        Assert.StartsWith($"{came}: ", step.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_not_be_looked_at_is_unknown_however_much_else_is_well()
    {
        Assert.Equal(HealthStatus.Ok, TroubleshootingSteps.Found([], Now, TimeSpan.Zero).Status);
        var step = TroubleshootingSteps.Found([Issue(FindingSeverity.High) with { Outcome = FindingOutcome.Unknown, Message = "Nobody knows." }], Now, TimeSpan.Zero);
        Assert.Equal(HealthStatus.Unknown, step.Status);
        Assert.Contains("Nobody knows.", step.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_is_told_where_there_is_nothing_and_what_is_critical_goes_to_the_second_channel_as_well()
    {
        var target = new MaintenanceTarget { Name = "app", Channels = Channels("Default", "emergency") };
        Assert.Empty(TroubleshootingSteps.Messages(target, new RepairReport([], [])));

        var solved = Assert.Single(TroubleshootingSteps.Messages(target, Report(FindingSeverity.High, RepairState.Resolved)));
        Assert.Equal(("Default", HealthStatus.Ok), (solved.Channel, solved.Severity));

        var left = TroubleshootingSteps.Messages(target, Report(FindingSeverity.High, RepairState.NotResolved));
        Assert.Equal(["Emergency", "Default"], left.Select(message => message.Channel));

        Assert.Single(TroubleshootingSteps.Messages(target, Report(FindingSeverity.Medium, RepairState.NotResolved)));
        Assert.Single(TroubleshootingSteps.Messages(target with { Channels = Channels("Default") }, Report(FindingSeverity.High, RepairState.NotResolved)));
    }

    private static RepairReport Report(FindingSeverity severity, RepairState state) => new([new RepairedIssue(Issue(severity), Repair(state))], []);

    private static Dictionary<string, ChannelSettings> Channels(params string[] names) =>
        names.ToDictionary(name => name, _ => new ChannelSettings { Webhook = SecretReference.FromEnvironment("NOWHERE") });

    private static Finding Issue(FindingSeverity severity) => new() { Id = "ISSUE-TEST", Area = "Test", Severity = severity, Message = "It is wrong.", Remedy = new Remedy { Kind = "Test", Command = "test" } };

    private static SystemRepair Repair(RepairState state) => new()
    {
        Id = Guid.Empty,
        Target = "app",
        FindingId = "ISSUE-TEST",
        Fingerprint = Issue(FindingSeverity.High).Fingerprint,
        Remedy = new Remedy { Kind = "Test", Command = "test" },
        State = state,
        Message = "Something was done.",
        StartedAt = Now,
    };
}
