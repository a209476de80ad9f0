using System.Net;
using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Tasks;

/// <summary>
/// The daily run while things fail around it: it ends in time, tells no number that was not measured, says so in its status, and
/// loses nothing. The tests named after defects fail on what the guide's script did.
/// </summary>
public sealed class DailyFaultTests(SandboxFixture fixture) : IAsyncLifetime
{
    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;
    private MaintenanceSandbox _sandbox = null!;
    private MaintenanceTarget _target = null!;

    private FunctionEndpoint Functions => SandboxServices.Of(_sandbox.Id)!.Functions;

    private NotificationSink Sink => SandboxServices.Of(_sandbox.Id)!.Notifications;

    /// <summary>The target as one that has nothing but its functions: nobody else can give their numbers.</summary>
    private MaintenanceTarget FunctionsOnly => _target with { Database = null };

    public async ValueTask InitializeAsync()
    {
        _sandbox = await SandboxFixture.OrSkipAsync(() => fixture.Service.StartAsync(
            new SandboxOptions { Name = "faults", PostgresVersion = 15, Scale = 0.1, ResourcePath = SandboxFixture.ResourcePath }, Calls.Silent(), CancellationToken.None));
        _target = _sandbox.Target with { History = new HistorySettings { Path = Path.Combine(_folder, "history.db") } };
    }

    private async Task<MaintenanceRun> RunAsync(MaintenanceTarget target, double seconds = 20)
    {
        var started = TimeProvider.System.GetTimestamp();
        var run = await _engine.Tasks.RunAsync(target, "Daily", new(), Calls.Silent(TimeSpan.FromSeconds(seconds)), TestContext.Current.CancellationToken);
        var took = TimeProvider.System.GetElapsedTime(started);
        Assert.True(took < TimeSpan.FromSeconds(seconds + 1), $"It took {took}.");
        Assert.NotEqual(0, run.ExitCode);
        Assert.DoesNotContain("every check passed", run.Message, StringComparison.Ordinal);
        return run;
    }

    private static MaintenanceStep Step(MaintenanceRun run, string name) => run.Steps.First(step => step.Name == name);

    private static double? Value(MaintenanceRun run, string metric) => run.Metrics.Where(known => known.Name == metric).Select(known => known.Value).FirstOrDefault();

    private List<(string Channel, string Text)> Told() =>
        [.. Sink.Received.Select(received => (received.Channel, JsonDocument.Parse(received.Body).RootElement.ToString()))];

    private static ChannelSettings Webhook(string address) => new() { Webhook = SecretReference.FromSecureString(new NetworkCredential("", address).SecurePassword) };

    [Theory]
    [InlineData(FunctionFault.Http500, MaintenanceErrorCode.FunctionFailed)]
    [InlineData(FunctionFault.Http401, MaintenanceErrorCode.FunctionAuthenticationFailed)]
    [InlineData(FunctionFault.Html, MaintenanceErrorCode.FunctionContentType)]
    [InlineData(FunctionFault.MissingField, MaintenanceErrorCode.FunctionFieldMissing)]
    public async Task Defects_1_to_3_functions_that_fail_give_no_numbers(FunctionFault fault, MaintenanceErrorCode expected)
    {
        Functions.Fault = fault;
        var run = await RunAsync(FunctionsOnly);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal((HealthStatus.Critical, expected), (Step(run, "Functions").Status, Step(run, "Functions").Error!.Value));
        foreach (var metric in new[] { "error_rate", "critical_errors_count", "storage_usage_percent", "bandwidth_usage_percent", "gdpr_compliance_score", "avg_query_time", "overall_health_percent" })
        {
            Assert.Null(Value(run, metric));
        }

        foreach (var part in new[] { "Errors", "Resources", "Compliance", "Function score" })
        {
            Assert.Equal((HealthStatus.Unknown, StepState.Failed), (Step(run, part).Status, Step(run, part).State));
        }

        var summary = Told().Single(message => message.Channel == "Default").Text;
        Assert.Contains("completed with issues", summary, StringComparison.Ordinal);
        Assert.Contains("unknown", summary, StringComparison.Ordinal);
        Assert.DoesNotContain("0 %", summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FunctionFault.Http500)]
    [InlineData(FunctionFault.Html)]
    public async Task With_a_database_the_numbers_come_from_there_and_say_so(FunctionFault fault)
    {
        Functions.Fault = fault;
        var run = await RunAsync(_target);
        Assert.NotNull(Value(run, "error_rate"));
        Assert.Contains("database", Step(run, "Errors").Message, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Critical, Step(run, "Functions").Status);
    }

    [Fact]
    public async Task Functions_that_hang_do_not_hold_the_run_up()
    {
        Functions.Fault = FunctionFault.Hang;
        var run = await RunAsync(_target, seconds: 9);
        Assert.Equal(HealthStatus.Unknown, Step(run, "Functions").Status);
        Assert.Equal(HealthStatus.Ok, Step(run, "Backups").Status);
        Assert.Equal(StepState.Done, Step(run, "Notify").State);
        Assert.Equal(StepState.Done, Step(run, "Publish").State);
    }

    [Fact]
    public async Task Defect_10_a_function_that_says_it_is_unhealthy_is_not_healthy()
    {
        Functions.Fault = FunctionFault.Unhealthy;
        Functions.FaultyFunctions = ["gdpr-compliance"];
        var run = await RunAsync(_target);
        Assert.Equal((HealthStatus.Critical, MaintenanceErrorCode.FunctionUnhealthy), (Step(run, "Functions").Status, Step(run, "Functions").Error!.Value));
        Assert.Contains("Edge functions health check failed: gdpr-compliance", Told().Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defect_12_the_summary_tells_everything_that_is_wrong()
    {
        // What the guide's script called a success: the health score alone is fine.
        string Answer(string action) => action switch
        {
            "health_check" => """{"status":"healthy"}""",
            "comprehensive_health_check" => """{"result":{"overall_health_percent":99}}""",
            "performance_analysis" => """{"result":{"avg_query_time":1,"slow_queries_count":0,"connection_pool_usage":5}}""",
            "get_error_analytics" => """{"result":{"error_rate":9,"critical_errors_count":12}}""",
            "compliance_report" => """{"result":{"compliance_score":40}}""",
            "resource_usage_report" => """{"result":{"storage_usage_percent":99,"bandwidth_usage_percent":1}}""",
            _ => "{}",
        };
        await using var functions = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>>
        {
            ["v1"] = (request, _) => Task.FromResult<LoopbackAnswer?>(LoopbackAnswer.Json(200, Answer(JsonDocument.Parse(request.Body).RootElement.GetProperty("action").GetString()!))),
        });
        var run = await RunAsync(FunctionsOnly with
        {
            Functions = new FunctionSettings { BaseUri = new Uri($"http://127.0.0.1:{functions.Port}/v1") },
            BackupStore = new StoreSettings { Path = Directory.CreateDirectory(Path.Combine(_folder, "empty")).FullName },
        });
        Assert.Equal(2, run.ExitCode);
        var summary = Told().Single(message => message.Channel == "Default").Text;
        Assert.DoesNotContain("successfully", summary, StringComparison.Ordinal);
        foreach (var part in new[] { "CRITICAL Backups", "CRITICAL Errors", "CRITICAL Compliance", "WARNING Resources", "9 %", "40 %" })
        {
            Assert.Contains(part, summary, StringComparison.Ordinal);
        }

        var emergency = Told().Single(message => message.Channel == "Emergency").Text;
        Assert.Contains("CRITICAL: No database backups found in last 24 hours", emergency, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defect_17_a_store_that_cannot_be_asked_is_no_emergency()
    {
        var run = await RunAsync(_target with { BackupStore = new StoreSettings { Path = Path.Combine(_folder, "nowhere") } });
        Assert.Equal(HealthStatus.Unknown, Step(run, "Backups").Status);
        var message = Assert.Single(Told());
        Assert.Equal("Default", message.Channel);
        Assert.Contains("UNKNOWN Backups", message.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slack_that_is_down_loses_nothing()
    {
        var down = _target with { Channels = new Dictionary<string, ChannelSettings> { ["Default"] = Webhook("http://127.0.0.1:1/x") } };
        var run = await RunAsync(down);
        Assert.Equal((StepState.Failed, HealthStatus.Warning, MaintenanceErrorCode.NotificationUndelivered), (Step(run, "Notify").State, Step(run, "Notify").Status, Step(run, "Notify").Error!.Value));
        Assert.Single(await _engine.Notifications.ListAsync(down, Calls.Silent(), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(NotificationFault.Http429, MaintenanceErrorCode.NotificationUndelivered)]
    [InlineData(NotificationFault.Http404, MaintenanceErrorCode.NotificationRejected)]
    [InlineData(NotificationFault.Hang, MaintenanceErrorCode.NotificationUndelivered)]
    public async Task Slack_that_refuses_is_a_step_that_failed(NotificationFault fault, MaintenanceErrorCode expected)
    {
        Sink.Fault = fault;
        Sink.RetryAfter = TimeSpan.FromMinutes(5);
        var run = await RunAsync(_target, seconds: 9);
        Assert.Equal((StepState.Failed, expected), (Step(run, "Notify").State, Step(run, "Notify").Error!.Value));
        Assert.Equal(StepState.Done, Step(run, "Publish").State);
    }

    [Fact]
    public async Task A_store_of_artefacts_that_is_down_is_a_step_that_failed()
    {
        var run = await RunAsync(_target with
        {
            ArtifactStore = new StoreSettings { AccountName = "devstoreaccount1", ServiceUri = new Uri("http://127.0.0.1:1/devstoreaccount1"), Container = "maintenance-logs", AccountKey = Key(Convert.ToBase64String(new byte[64])) },
        });
        Assert.Equal((StepState.Failed, HealthStatus.Warning), (Step(run, "Publish").State, Step(run, "Publish").Status));
        Assert.Equal(MaintenanceErrorCode.StoreUnreachable, Step(run, "Publish").Error);
        Assert.EndsWith("Publish failed.", run.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_of_the_store_is_told_as_that()
    {
        var azurite = await fixture.AzuriteAsync();
        var settings = new StoreSettings
        {
            AccountName = "devstoreaccount1",
            ServiceUri = azurite.BlobServiceUri,
            Container = "maintenance-logs",
            AccountKey = Key(Convert.ToBase64String(new byte[64])),
        };
        var run = await RunAsync(_target with { ArtifactStore = settings, BackupStore = settings with { Container = "disaster-recovery" } });
        Assert.Equal(MaintenanceErrorCode.StoreAuthenticationFailed, Step(run, "Publish").Error);
        Assert.Equal((HealthStatus.Unknown, MaintenanceErrorCode.StoreAuthenticationFailed), (Step(run, "Backups").Status, Step(run, "Backups").Error!.Value));
    }

    [Fact]
    public async Task A_container_that_is_missing_is_made_and_a_second_run_of_the_day_is_kept_beside_the_first()
    {
        var azurite = await fixture.AzuriteAsync();
        var container = $"logs-{Guid.NewGuid():N}";
        var target = _target with { ArtifactStore = azurite.Target.BackupStore! with { Container = container, Prefix = "" } };
        var first = await RunAsync(target);
        Assert.Equal(StepState.Done, Step(first, "Publish").State);
        var second = await RunAsync(target);
        var day = first.StartedAt.UtcDateTime.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains($"/{container}/daily-logs/maintenance-{day}.log", Step(first, "Publish").Message, StringComparison.Ordinal);
        Assert.Contains($"/{container}/daily-logs/maintenance-{day}.2.log", Step(second, "Publish").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_down_is_critical_and_everything_else_goes_on()
    {
        var run = await RunAsync(_target with { Database = _target.Database! with { Port = 1 } });
        Assert.Equal((HealthStatus.Critical, MaintenanceErrorCode.DatabaseUnreachable), (Step(run, "Database").Status, Step(run, "Database").Error!.Value));
        Assert.Equal(HealthStatus.Ok, Step(run, "Functions").Status);
        Assert.Equal(StepState.Done, Step(run, "Publish").State);
        Assert.Contains("CRITICAL Database", Told().Single(message => message.Channel == "Default").Text, StringComparison.Ordinal);
        Assert.NotInRange(run.Metrics.First(metric => metric.Name == "overall_health_percent").Value ?? 0, 71, 100);
    }

    private static SecretReference Key(string text) => SecretReference.FromSecureString(new NetworkCredential("", text).SecurePassword);

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_sandbox is not null)
        {
            await fixture.Service.StopAsync(_sandbox.Id, Calls.Silent(), CancellationToken.None);
        }

        Directory.Delete(_folder, recursive: true);
    }
}
