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
        Assert.Equal("##vso[task.logissue type=error;code=Critical]production: Errors: 50%AZP25%0A# #vso[task.complete result=Succeeded;]", line);
        Assert.DoesNotContain('\n', line);
    }

    [Theory]
    [InlineData("##vso[task.setvariable variable=PATH]/evil")]
    [InlineData("a ##VSO[task.complete result=Succeeded;]")]
    [InlineData("a\r##vso[task.prependpath]/evil")]
    [InlineData("a\u2028##[error]b")]
    [InlineData("50%0A##vso[task.complete result=Succeeded;]")]
    [InlineData("a];type=warning]b;c\r\n::add-mask::x")]
    [InlineData("::set-output name=x::y")]
    [InlineData("\u001b[2K\u0007")]
    public void A_hostile_message_is_a_message(string message)
    {
        var step = new MaintenanceStep { Name = message, State = StepState.Done, Status = HealthStatus.Critical, Message = message, StartedAt = DateTimeOffset.UnixEpoch };
        var run = Run(HealthStatus.Critical, step) with { Message = message, Target = message, Task = message };
        var error = new MaintenanceException(MaintenanceErrorCode.DatabaseError, message, message);
        foreach (var line in AzurePipelinesText.Of(run).Concat(AzurePipelinesText.Of(message, error)).Concat(AzurePipelinesText.Hide(message + "longer")))
        {
            Assert.Matches(@"\A##vso\[task\.(logissue|complete|uploadsummary|setsecret)[^\]\r\n]*\]", line);
            Assert.DoesNotContain(line, character => char.IsControl(character) && !line.StartsWith("##vso[task.setsecret]", StringComparison.Ordinal));
            Assert.DoesNotContain('\n', line);
            Assert.True(line.StartsWith("##vso[task.setsecret]", StringComparison.Ordinal) || line.LastIndexOf("##", StringComparison.Ordinal) == 0, line);
            Assert.DoesNotMatch("%(?!AZP25|0A|0D|5D|3B)", line);
        }

        foreach (var line in GitHubActionsText.Of(run).Concat(GitHubActionsText.Of(message, error)))
        {
            Assert.Matches(@"\A::error title=[^:,\r\n]*::[^\r\n]*\z", line);
            Assert.DoesNotContain("##[", line, StringComparison.Ordinal);
        }

        foreach (var line in RunText.Render(run).Split('\n'))
        {
            Assert.DoesNotMatch(@"(?i)##(vso)?\[|^\s*::", line);
        }
    }

    [Fact]
    public void Only_Markdown_on_this_machine_becomes_the_summary_page()
    {
        var run = Run(HealthStatus.Ok) with { Artifacts = [new("Report", "https://store/run.md", 1), new("Report", "/logs/run.html", 1), new("Log", "/logs/run.md", 1), new("Report", "/logs/50%.md", 1)] };
        Assert.Equal(["##vso[task.uploadsummary]/logs/50%AZP25.md", "##vso[task.complete result=Succeeded;]m"], AzurePipelinesText.Of(run));
    }

    [Fact]
    public void A_secret_is_hidden_line_by_line_but_not_where_it_would_hide_everything() =>
        Assert.Equal(["##vso[task.setsecret]-----BEGIN", "##vso[task.setsecret]50%AZP25off"], AzurePipelinesText.Hide("-----BEGIN\r\n50%off\n\nabc\n-----BEGIN\n"));

    [Fact]
    public void A_run_that_there_was_not_fails_the_task() => Assert.Equal(
        ["##vso[task.logissue type=error;code=AlreadyRunning]production: It runs. Wait.", "##vso[task.complete result=Failed;]It runs."],
        AzurePipelinesText.Of("production", new MaintenanceException(MaintenanceErrorCode.AlreadyRunning, "It runs.", "Wait.")));
}
