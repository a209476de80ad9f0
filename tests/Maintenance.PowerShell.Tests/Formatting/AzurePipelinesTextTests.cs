using Maintenance.Formatting;

namespace Maintenance.ModuleTests.Formatting;

public sealed class AzurePipelinesTextTests
{
    private static MaintenanceRun Run(HealthStatus status, params MaintenanceStep[] steps) => new()
    {
        Id = Guid.Empty,
        Task = "Daily",
        Target = "production",
        Status = status,
        Message = "m",
        StartedAt = DateTimeOffset.UnixEpoch,
        Steps = steps,
        Artifacts = [new MaintenanceArtifact("Report", "/logs/run.md", 1)],
    };

    [Theory]
    [InlineData(HealthStatus.Ok, "Succeeded")]
    [InlineData(HealthStatus.Warning, "SucceededWithIssues")]
    [InlineData(HealthStatus.Unknown, "Failed")]
    [InlineData(HealthStatus.Critical, "Failed")]
    public void The_result_of_the_task_is_that_of_the_run(HealthStatus status, string expected) =>
        Assert.Equal(["##vso[task.uploadsummary]/logs/run.md", $"##vso[task.complete result={expected};]m"], AzurePipelinesText.Of(Run(status)));

    [Fact]
    public void Text_from_outside_makes_no_command_of_its_own()
    {
        var step = new MaintenanceStep { Name = "Errors", State = StepState.Done, Status = HealthStatus.Critical, Message = "50%\r\n##vso[task.complete result=Succeeded;]", StartedAt = DateTimeOffset.UnixEpoch };
        var line = AzurePipelinesText.Of(Run(HealthStatus.Critical, step))[0];
        Assert.Equal("##vso[task.logissue type=error;code=Critical]production: Errors: 50%AZP25%0D%0A##vso[task.complete result=Succeeded;]", line);
        Assert.DoesNotContain('\n', line);
    }
}
