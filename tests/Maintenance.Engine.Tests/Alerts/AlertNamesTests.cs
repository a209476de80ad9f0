using Maintenance.Engine.Alerts;
using static Maintenance.Engine.Tests.Alerts.AlertTestRules;

namespace Maintenance.Engine.Tests.Alerts;

/// <summary>Names of channels and tasks that lead nowhere, and runs that are not missing.</summary>
public sealed class AlertNamesTests
{
    [Theory]
    [InlineData("Emergency", null)]
    [InlineData("security", null)]
    [InlineData("Nope", "\"Nope\" is no channel. Known are: Default, Emergency, Security.")]
    [InlineData("Emergancy", "\"Emergancy\" is no channel. Did you mean \"Emergency\"?")]
    public void A_channel_that_is_none_is_named(string channel, string? mistake) => Assert.Equal(
        mistake is null ? [] : new[] { ("channel", mistake) }, AlertRules.Check(new AlertRuleSettings { Name = "system_health", Channel = channel }, BuiltInRules.Guide[0]));

    [Fact]
    public void All_tasks_that_there_are_have_their_names()
    {
        var engine = new MaintenanceEngine();
        Assert.Equal(engine.Tasks.List().Select(task => task.Name).Order(StringComparer.Ordinal), Maintenance.Engine.Scheduling.MaintenanceMatrix.Tasks.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_task_that_asks_at_its_first_run_does_not_miss_itself()
    {
        var expected = new Dictionary<string, TimeSpan> { ["HealthMonitoring"] = TimeSpan.FromMinutes(15), ["Daily"] = TimeSpan.FromHours(26) };
        Assert.Equal(["Daily"], AlertHeartbeat.Judge("prod", expected, new Dictionary<string, DateTimeOffset?>(), Noon, "healthmonitoring").Select(finding => finding.Subject));
        var late = Assert.Single(AlertHeartbeat.Judge("prod", expected, new Dictionary<string, DateTimeOffset?> { ["HealthMonitoring"] = Noon.AddHours(-5), ["Daily"] = Noon }, Noon, "HealthMonitoring"));
        Assert.StartsWith("HealthMonitoring runs again only now: the run before began at 2026-06-01 07:00Z, 5 hours ago", late.Message, StringComparison.Ordinal);
    }
}
