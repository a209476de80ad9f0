using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Analytics;

/// <summary>Figures from functions over real HTTP, and what becomes of them when the functions misbehave.</summary>
public sealed class FunctionAnalyticsTests(SandboxFixture fixture) : IAsyncDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private readonly MaintenanceEngine _engine = new();
    private NpgsqlDataSource? _database;
    private LoopbackHttp? _http;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_http is not null)
        {
            await _http.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_the_functions_answer_is_taken_as_they_say_it()
    {
        var (target, endpoint) = await StartAsync();

        var errors = await _engine.Analytics.GetErrorsAsync(target, Day, MeasurementSourceChoice.Auto, Calls.Silent(), Token);
        var performance = await _engine.Analytics.GetPerformanceAsync(target, Day, MeasurementSourceChoice.Function, Calls.Silent(), Token);
        var resources = await _engine.Analytics.GetResourcesAsync(target, Day, MeasurementSourceChoice.Auto, Calls.Silent(), Token);
        var compliance = await _engine.Compliance.ReportAsync(target, ComplianceReportType.Monthly, MeasurementSourceChoice.Function, Calls.Silent(), Token);

        Assert.All<Measurement>([errors, performance, resources, compliance], measurement =>
        {
            Assert.Equal(MeasurementSource.Function, measurement.Source);
            Assert.EndsWith("answered.", measurement.SourceReason, StringComparison.Ordinal);
            Assert.All(measurement.Metrics, metric => Assert.NotNull(metric.Value));
        });
        Assert.True(errors.CriticalErrorCount > 0);
        Assert.NotEmpty(errors.TopErrors);
        Assert.NotNull(performance.AverageResponseTime);
        Assert.NotNull(performance.AverageQueryTime);
        Assert.NotNull(resources.BandwidthUsagePercent);
        Assert.NotNull(compliance.ConsentPercent);
        Assert.Equal(
            [
                ("error-tracking", "get_error_analytics"),
                ("database-scalability", "performance_analysis"),
                ("production-monitoring", "performance_metrics"),
                ("database-scalability", "resource_usage_report"),
                ("gdpr-compliance", "compliance_report"),
            ],
            endpoint.Requests.Take(1).Concat(endpoint.Requests.Skip(1).Take(2).Order()).Concat(endpoint.Requests.Skip(3)));
    }

    [Theory]
    [InlineData(FunctionFault.Http500, MaintenanceErrorCode.FunctionFailed)]
    [InlineData(FunctionFault.Http401, MaintenanceErrorCode.FunctionAuthenticationFailed)]
    [InlineData(FunctionFault.Html, MaintenanceErrorCode.FunctionContentType)]
    [InlineData(FunctionFault.MissingField, MaintenanceErrorCode.FunctionFieldMissing)]
    public async Task Where_a_function_fails_the_database_is_measured_and_the_result_says_so(FunctionFault fault, MaintenanceErrorCode code)
    {
        var (target, endpoint) = await StartAsync();
        endpoint.Fault = fault;

        var fallen = await _engine.Analytics.GetErrorsAsync(target, Day, MeasurementSourceChoice.Auto, Calls.Silent(), Token);
        var direct = await _engine.Analytics.GetErrorsAsync(target, Day, MeasurementSourceChoice.Database, Calls.Silent(), Token);

        Assert.Equal(MeasurementSource.Database, fallen.Source);
        Assert.Contains(code.ToString(), fallen.SourceReason, StringComparison.Ordinal);
        Assert.Equal((direct.ErrorCount, direct.CriticalErrorCount, direct.RequestCount), (fallen.ErrorCount, fallen.CriticalErrorCount, fallen.RequestCount));
        Assert.True(fallen.CriticalErrorCount > 0);
        Assert.Contains(fallen.Findings, finding => finding is { Id: "ANALYTICS-FUNCTION-FAILED", Severity: FindingSeverity.Low } && Equals(finding.Evidence["Error"], code.ToString()));
        Assert.DoesNotContain(direct.Findings, finding => finding.Id == "ANALYTICS-FUNCTION-FAILED");

        // Asked for the function alone, a failure is an error and never a number.
        var error = await Assert.ThrowsAsync<MaintenanceException>(() =>
            _engine.Analytics.GetErrorsAsync(target, Day, MeasurementSourceChoice.Function, Calls.Silent(), Token));
        Assert.Contains(error.Code, new[] { code, MaintenanceErrorCode.FunctionCircuitOpen });
    }

    [Fact]
    public async Task A_function_that_hangs_leaves_the_database_half_of_the_time()
    {
        var (target, endpoint) = await StartAsync();
        endpoint.Fault = FunctionFault.Hang;

        var result = await _engine.Analytics.GetResourcesAsync(target, Day, MeasurementSourceChoice.Auto, Calls.Silent(TimeSpan.FromSeconds(4)), Token);

        Assert.Equal(MeasurementSource.Database, result.Source);
        Assert.True(result.StorageBytes > 0);
    }

    [Fact]
    public async Task Where_both_fail_the_error_is_the_databases_and_mentions_the_function()
    {
        var (target, endpoint) = await StartAsync();
        endpoint.Fault = FunctionFault.Http401;
        target = target with { Analytics = new AnalyticsSettings { ErrorLog = new ErrorLogSettings { Table = "nowhere" } } };

        var error = await Assert.ThrowsAsync<MaintenanceException>(() =>
            _engine.Analytics.GetErrorsAsync(target, Day, MeasurementSourceChoice.Auto, Calls.Silent(), Token));

        Assert.Equal(MaintenanceErrorCode.MappingInvalid, error.Code);
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
        Assert.Contains("error-tracking", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(endpoint.Token, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_alone_asks_no_function()
    {
        var (target, endpoint) = await StartAsync();

        await _engine.Analytics.GetPerformanceAsync(target, Day, MeasurementSourceChoice.Database, Calls.Silent(), Token);

        Assert.Empty(endpoint.Requests);
    }

    private async Task<(MaintenanceTarget Target, FunctionEndpoint Endpoint)> StartAsync()
    {
        var sandbox = await fixture.PostgresAsync(15);
        _database = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(sandbox));
        var endpoint = new FunctionEndpoint(_database);
        _http = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>> { ["functions"] = endpoint.AnswerAsync });
        return (
            sandbox.Target with
            {
                Functions = new FunctionSettings
                {
                    BaseUri = new Uri($"http://127.0.0.1:{_http.Port}/functions/v1"),
                    BearerToken = SecretReference.FromSecureString(new NetworkCredential("", endpoint.Token).SecurePassword),
                },
                History = new HistorySettings { Kind = HistoryKind.None },
            },
            endpoint);
    }
}
