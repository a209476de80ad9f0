using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Analytics;

/// <summary>Figures from the sample's tables, checked against SQL of the tests' own.</summary>
public sealed class DatabaseAnalyticsTests(SandboxFixture fixture) : IAsyncDisposable
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);
    private readonly MaintenanceEngine _engine = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Errors_are_those_of_the_log_and_their_rate_is_that_of_the_requests(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await using var direct = await SandboxDatabase.OpenAsync(sandbox);
        const string Recent = "\"timestamp\" > now() - interval '7 days'";
        var errors = await direct.ScalarAsync<long>($"SELECT count(*) FROM error_logs WHERE severity IN ('error', 'critical') AND {Recent}");
        var critical = await direct.ScalarAsync<long>($"SELECT count(*) FROM error_logs WHERE severity = 'critical' AND {Recent}");
        var requests = await direct.ScalarAsync<long>($"SELECT count(*) FROM query_performance_logs WHERE {Recent}");
        var failed = await direct.ScalarAsync<long>($"SELECT count(*) FROM query_performance_logs WHERE {Recent} AND NOT succeeded");

        var result = await ErrorsAsync(Private(sandbox), Week);

        Assert.Equal((errors, critical, requests), (result.ErrorCount!.Value, result.CriticalErrorCount!.Value, result.RequestCount!.Value));
        Assert.True(critical > 0 && requests > 0);
        Assert.Equal(100.0 * failed / requests, result.ErrorRatePercent!.Value, 9);
        Assert.Equal((MeasurementSource.Database, "The functions are not configured."), (result.Source, result.SourceReason));
        Assert.Equal(HealthStatus.Warning, result.Status);
        Assert.Contains(result.Findings, finding => finding.Id == "ERRORS-CRITICAL");
        Assert.Contains(result.TopErrors, error => error is { Message: "Consent lookup timed out after <n> ms", Component: "function-gdpr-compliance", Count: >= 20 });
        Assert.DoesNotContain(result.TopErrors, error => error.Message.Contains('@', StringComparison.Ordinal) || error.Message.Any(char.IsDigit));
        Assert.InRange(result.TopErrors.Sum(error => error.Count!.Value), 1, errors);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Performance_is_that_of_the_request_log(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await using var direct = await SandboxDatabase.OpenAsync(sandbox);
        const string From = "FROM query_performance_logs WHERE \"timestamp\" > now() - interval '7 days'";
        var average = await direct.ScalarAsync<double>($"SELECT avg(duration_ms) {From}");
        var durations = (await direct.ScalarAsync<double[]>($"SELECT array_agg(duration_ms ORDER BY duration_ms) {From}")).ToArray();
        var failed = await direct.ScalarAsync<long>($"SELECT count(*) {From} AND NOT succeeded");

        var result = await PerformanceAsync(Private(sandbox), Week);

        Assert.Equal(average, result.AverageResponseTime!.Value.TotalMilliseconds, 2);
        // The percentile by its definition: between the two values next to the place.
        var place = 0.95 * (durations.Length - 1);
        var (low, share) = ((int)place, place - (int)place);
        Assert.Equal(durations[low] + (share * (durations[low + 1] - durations[low])), result.P95ResponseTime!.Value.TotalMilliseconds, 2);
        Assert.Equal(durations.Length / Week.TotalSeconds, result.RequestsPerSecond!.Value, 9);
        Assert.Equal(100.0 * failed / durations.Length, result.ErrorRatePercent!.Value, 9);
        Assert.Equal(durations.Length, result.Operations.Sum(operation => operation.Count));
        Assert.Equal(5, result.Operations.Count);
        Assert.True(result.AverageQueryTime > TimeSpan.Zero);
        Assert.NotNull(result.SlowQueryCount);
        Assert.True(result.ConnectionUsagePercent is > 0 and < 50);
    }

    [Fact]
    public async Task Without_requests_the_rate_and_the_times_are_unknown_and_not_nought()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await RecreateAsync(sandbox, "no_requests", """
            CREATE TABLE error_logs ("timestamp" timestamptz, severity text, component text, message text);
            CREATE TABLE query_performance_logs ("timestamp" timestamp, operation text, duration_ms numeric, succeeded boolean);
            INSERT INTO error_logs VALUES (now(), 'ERROR', NULL, NULL)
            """);
        var target = Private(sandbox).As(database: "no_requests");

        var errors = await ErrorsAsync(target, Week);
        var performance = await PerformanceAsync(target, Week);

        Assert.Equal((1L, 0L, 0L), (errors.ErrorCount!.Value, errors.CriticalErrorCount!.Value, errors.RequestCount!.Value));
        Assert.Null(errors.ErrorRatePercent);
        Assert.Equal(HealthStatus.Unknown, errors.Status);
        Assert.Contains(errors.Metrics, metric => metric is { Name: "error_rate", Value: null, Status: HealthStatus.Unknown, Reason: "No request was logged in this time." });
        Assert.Null(performance.AverageResponseTime);
        Assert.Null(performance.P95ResponseTime);
        Assert.Contains(performance.Metrics, metric => metric is { Name: "avg_response_time", Value: null, Reason: "No request was logged in this time." });
        Assert.Contains(performance.Metrics, metric => metric.Name == "avg_query_time" && metric.Value is null && metric.Reason!.Contains("pg_stat_statements", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Names_that_would_break_out_of_a_careless_statement_are_only_names(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await RecreateAsync(sandbox, "weird", """
            CREATE SCHEMA "my "" schema";
            CREATE TABLE "my "" schema"."we""ird; drop" ("ti""me" timestamptz, "{table}" text, "a'; --" text, "Message" text);
            INSERT INTO "my "" schema"."we""ird; drop" SELECT now() - interval '1 minute', severity, 'c', 'm' FROM unnest(ARRAY['fatal', 'Severe', 'note']) severity;
            CREATE TABLE query_performance_logs ("timestamp" timestamptz, operation text, duration_ms float4, succeeded boolean);
            INSERT INTO query_performance_logs SELECT now(), 'o', 5, n > 2 FROM generate_series(1, 200) AS n
            """);
        var target = Private(sandbox).As(database: "weird") with
        {
            Analytics = new AnalyticsSettings
            {
                ErrorLog = new ErrorLogSettings
                {
                    Table = "\"my \"\" schema\".\"we\"\"ird; drop\"",
                    Time = "ti\"me",
                    Severity = "{table}",
                    Component = "a'; --",
                    Message = "Message",
                    ErrorSeverities = ["severe"],
                    CriticalSeverities = ["Fatal"],
                },
            },
        };

        var result = await ErrorsAsync(target, TimeSpan.FromMinutes(15));

        Assert.Equal((2L, 1L, 1.0), (result.ErrorCount!.Value, result.CriticalErrorCount!.Value, result.ErrorRatePercent!.Value));
    }

    [Theory]
    [InlineData("public.error_log", "timestamp", "does not exist")]
    [InlineData("Error_Logs\"", "timestamp", "no name of a table")]
    [InlineData("public.error_logs", "created_at", "has no column \"created_at\"")]
    [InlineData("public.error_logs", "message", "is of type text")]
    public async Task A_mapping_that_does_not_fit_is_an_error_that_names_it(string table, string time, string message)
    {
        var sandbox = await fixture.PostgresAsync(15);
        var target = Private(sandbox) with { Analytics = new AnalyticsSettings { ErrorLog = new ErrorLogSettings { Table = table, Time = time } } };

        var error = await Assert.ThrowsAsync<MaintenanceException>(() => ErrorsAsync(target, Week));

        Assert.Equal(MaintenanceErrorCode.MappingInvalid, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("analytics.errorLog", error.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_role_that_may_not_read_the_log_is_told_the_grants_and_counts_right_with_them(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await RecreateAsync(sandbox, "guarded", """
            CREATE TABLE error_logs ("timestamp" timestamptz, severity text, component text, message text);
            ALTER TABLE error_logs ENABLE ROW LEVEL SECURITY;
            INSERT INTO error_logs VALUES (now(), 'critical', 'c', 'm')
            """);
        var target = Private(sandbox).As(user: "maintenance_monitor", database: "guarded");

        var refused = await Assert.ThrowsAsync<MaintenanceException>(() => ErrorsAsync(target, Week));
        Assert.Equal(MaintenanceErrorCode.PermissionDenied, refused.Code);
        await SandboxDatabase.ExecuteAsync(sandbox, "GRANT SELECT ON error_logs TO maintenance_monitor", "guarded");

        // Row security would let it count nought.
        var hidden = await Assert.ThrowsAsync<MaintenanceException>(() => ErrorsAsync(target, Week));
        Assert.Equal(MaintenanceErrorCode.PermissionDenied, hidden.Code);
        Assert.DoesNotContain("GRANT SELECT", hidden.Recommendation, StringComparison.Ordinal);
        await SandboxDatabase.ExecuteAsync(sandbox, hidden.Recommendation["Run as an administrator: ".Length..], "guarded");

        var result = await ErrorsAsync(target, Week);
        Assert.Equal(1, result.CriticalErrorCount);
        Assert.Null(result.ErrorRatePercent);
        Assert.Contains(result.Findings, finding => finding is { Id: "ERRORS-NOT-MEASURED", Outcome: FindingOutcome.Unknown });
    }

    [Fact]
    public async Task A_part_of_the_system_that_may_not_be_read_is_unknown_and_says_what_to_grant()
    {
        var sandbox = await fixture.PostgresAsync(15);

        var health = await _engine.Health.GetSystemHealthAsync(Private(sandbox).As(user: "maintenance_monitor"), Calls.Silent(), Token);

        foreach (var part in new[] { "Errors", "Compliance" })
        {
            var component = Assert.Single(health.Components, component => component.Name == part);
            Assert.Equal((HealthStatus.Unknown, MaintenanceErrorCode.PermissionDenied), (component.Status, component.Error));
            Assert.Contains(health.Findings, finding => finding.Area == part && finding.Outcome == FindingOutcome.NotPermitted && finding.Recommendation!.Contains("GRANT SELECT", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Storage_is_judged_by_the_configured_limit_and_unknown_without_one()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var without = await ResourcesAsync(Private(sandbox));
        Assert.Null(without.StorageUsagePercent);
        Assert.True(without.StorageBytes > 1_000_000);
        Assert.Equal(HealthStatus.Unknown, without.Status);
        Assert.Contains(without.Findings, finding => finding.Recommendation!.Contains("analytics.storageLimit", StringComparison.Ordinal));

        var with = await ResourcesAsync(Private(sandbox) with { Analytics = new AnalyticsSettings { StorageLimit = (long)(without.StorageBytes!.Value / 0.9) } });
        Assert.InRange(with.StorageUsagePercent!.Value, 89, 95);
        Assert.Contains(with.Findings, finding => finding is { Id: "STORAGE-HIGH", Severity: FindingSeverity.Medium });
        Assert.Contains(with.Metrics, metric => metric is { Name: "bandwidth_usage_percent", Value: null, Status: HealthStatus.Unknown });

        // Only functions tell the bandwidth: who has none on purpose is not told for ever that it is unknown.
        var roomy = await ResourcesAsync(Private(sandbox) with { Analytics = new AnalyticsSettings { StorageLimit = 1L << 40 }, ExcludedComponents = ["functions"] });
        Assert.Equal(HealthStatus.Ok, roomy.Status);
        Assert.DoesNotContain(roomy.Metrics, metric => metric.Name == "bandwidth_usage_percent");
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Compliance_is_computed_from_what_the_tables_tell(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await using var direct = await SandboxDatabase.OpenAsync(sandbox);
        var consented = await direct.ScalarAsync<double>("""
            SELECT 100.0::float8 * count(DISTINCT user_id) / (SELECT count(*) FROM auth.users) FROM user_consents WHERE consent_type = 'data_processing' AND granted
            """);
        var late = await direct.ScalarAsync<long>("""
            SELECT count(*) FROM data_subject_requests WHERE request_type = 'access' AND due_at <= now()
              AND ((due_at >= now() - interval '30 days' AND (completed_at > due_at OR completed_at IS NULL)) OR (due_at < now() - interval '30 days' AND completed_at IS NULL))
            """);

        var report = await _engine.Compliance.ReportAsync(Private(sandbox), ComplianceReportType.Monthly, MeasurementSourceChoice.Auto, Calls.Silent(), Token);

        Assert.Equal(consented, report.ConsentPercent!.Value, 9);
        Assert.True(consented is > 90 and < 100);
        Assert.Equal(late > 0, report.AccessRequestPercent < 100);
        double[] parts = [report.ConsentPercent!.Value, report.AccessRequestPercent!.Value, report.DeletionPercent!.Value, report.AuditPercent!.Value];
        Assert.Equal(parts.Average(), report.Score!.Value, 9);
        Assert.NotEmpty(report.Issues);
        Assert.NotEmpty(report.ActionItems);
    }

    [Fact]
    public async Task A_part_that_cannot_be_read_leaves_the_score_unknown()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var target = Private(sandbox) with { Analytics = new AnalyticsSettings { AuditLog = new AuditLogSettings { Table = "nowhere" } } };

        var report = await _engine.Compliance.ReportAsync(target, ComplianceReportType.Daily, MeasurementSourceChoice.Database, Calls.Silent(), Token);

        Assert.Null(report.Score);
        Assert.NotNull(report.ConsentPercent);
        Assert.Equal(HealthStatus.Unknown, report.Metrics.Single(metric => metric.Name == "gdpr_compliance_score").Status);
    }

    [Theory]
    [InlineData("00:00:00")]
    [InlineData("-01:00:00")]
    [InlineData("90.00:00:01")]
    public async Task A_window_that_cannot_be_measured_is_refused(string window)
    {
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => ErrorsAsync(
            new MaintenanceTarget { Name = "t" }, TimeSpan.Parse(window, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, error.Code);
    }

    private Task<ErrorAnalytics> ErrorsAsync(MaintenanceTarget target, TimeSpan window) =>
        _engine.Analytics.GetErrorsAsync(target, window, MeasurementSourceChoice.Auto, Calls.Silent(), Token);

    private Task<PerformanceMeasurement> PerformanceAsync(MaintenanceTarget target, TimeSpan window) =>
        _engine.Analytics.GetPerformanceAsync(target, window, MeasurementSourceChoice.Auto, Calls.Silent(), Token);

    private Task<ResourceUsage> ResourcesAsync(MaintenanceTarget target) =>
        _engine.Analytics.GetResourcesAsync(target, Week, MeasurementSourceChoice.Auto, Calls.Silent(), Token);

    // These tests ask the database, whatever else the sandbox has; and keep nothing where others would find it.
    private static MaintenanceTarget Private(MaintenanceSandbox sandbox) =>
        sandbox.Target with { Functions = null, Analytics = new AnalyticsSettings(), History = new HistorySettings { Kind = HistoryKind.None } };

    private static async Task RecreateAsync(MaintenanceSandbox sandbox, string database, string sql)
    {
        await SandboxDatabase.ExecuteAsync(sandbox, $"DROP DATABASE IF EXISTS {database} WITH (FORCE)");
        await SandboxDatabase.CreateAsync(sandbox, database);
        await SandboxDatabase.ExecuteAsync(sandbox, sql, database);
    }
}
