using Maintenance.Engine.Reporting;

namespace Maintenance.Engine.Tests.Reporting;

public sealed class ObjectReportTests
{
    private static readonly ReportService Reports = new(TimeProvider.System);

    private static SlowQuery Query(string text, HealthStatus status) => new()
    {
        Target = "production", Database = "app", User = "web", QueryId = 42, Query = text, Calls = 7, TotalTime = TimeSpan.FromSeconds(14), Status = status,
        From = DateTimeOffset.UnixEpoch, To = DateTimeOffset.UnixEpoch.AddHours(1), CollectedAt = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public void Objects_of_several_types_are_a_section_each_and_the_worst_status_is_the_verdict()
    {
        var text = Reports.Render(
            [Query("SELECT 1", HealthStatus.Ok), Query("SELECT 2", HealthStatus.Critical), new PerformanceBaseline { Target = "production", Source = BaselineSource.Function, Metric = "query_time", Unit = MetricUnit.Milliseconds, Mean = 5, From = default, To = default, CollectedAt = default }],
            ReportFormat.Markdown);
        Assert.StartsWith("# Maintenance objects of production\n\n**Critical**", text, StringComparison.Ordinal);
        Assert.Contains("## Slow query\n", text, StringComparison.Ordinal);
        Assert.Contains("## Performance baseline\n", text, StringComparison.Ordinal);
        Assert.Contains("| Critical |", text, StringComparison.Ordinal);
        Assert.Contains("1 Critical, 1 Ok", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ReportFormat.Html)]
    [InlineData(ReportFormat.Markdown)]
    [InlineData(ReportFormat.Text)]
    public void Hostile_text_stays_text(ReportFormat format)
    {
        var text = Reports.Render([Query(new string('x', 100) + "<script>alert(1)</script>\u001b[31m\u202E | y", HealthStatus.Warning)], format);
        Assert.DoesNotContain('\u001b', text);
        Assert.DoesNotContain('\u202E', text);
        if (format != ReportFormat.Text)
        {
            Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_carries_no_verdict_is_not_called_healthy() => Assert.Contains(
        "**Unknown**",
        Reports.Render([new PerformanceBaseline { Target = "t", Source = BaselineSource.Function, Metric = "m", Unit = MetricUnit.Count, Mean = 1, From = default, To = default, CollectedAt = default }], ReportFormat.Markdown),
        StringComparison.Ordinal);

    [Fact]
    public void What_is_not_ours_is_refused_with_what_to_do()
    {
        var error = Assert.Throws<MaintenanceException>(() => Reports.Render([new Dictionary<string, string>()], ReportFormat.Text));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, error.Code);
        Assert.Contains("Select-Object", error.Recommendation, StringComparison.Ordinal);
    }
}
