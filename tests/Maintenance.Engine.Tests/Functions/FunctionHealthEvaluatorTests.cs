using Maintenance.Engine.Functions;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Tests.Functions;

public sealed class FunctionHealthEvaluatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 2, 0, 0, TimeSpan.Zero);

    private static EdgeFunctionHealth Judge(string body, TimeSpan? certificate = null) => FunctionHealthEvaluator.Evaluate(
        "production", "error-tracking", new FunctionAttempt(JObject.Parse(body), 200, null), new RequestTrace { Total = TimeSpan.FromMilliseconds(5), CertificateExpires = Now + certificate }, Now);

    [Theory]
    [InlineData("""{"status":"healthy"}""", HealthStatus.Ok, null)]
    [InlineData("""{"status":"ok"}""", HealthStatus.Ok, null)]
    [InlineData("""{"status":"degraded"}""", HealthStatus.Warning, MaintenanceErrorCode.FunctionUnhealthy)]
    [InlineData("""{"status":"unhealthy"}""", HealthStatus.Critical, MaintenanceErrorCode.FunctionUnhealthy)]
    [InlineData("""{"status":"Healthy, they say"}""", HealthStatus.Critical, MaintenanceErrorCode.FunctionUnhealthy)]
    [InlineData("""{}""", HealthStatus.Critical, MaintenanceErrorCode.FunctionFieldMissing)]
    [InlineData("""{"status":null}""", HealthStatus.Critical, MaintenanceErrorCode.FunctionFieldNull)]
    [InlineData("""{"status":200}""", HealthStatus.Critical, MaintenanceErrorCode.FunctionFieldInvalid)]
    public void The_body_decides(string body, HealthStatus status, MaintenanceErrorCode? error)
    {
        var health = Judge(body);
        Assert.Equal((status, error), (health.Status, health.Error));
    }

    [Theory]
    [InlineData(20, HealthStatus.Ok)]
    [InlineData(13, HealthStatus.Warning)]
    public void A_certificate_that_ends_soon_is_a_warning(int days, HealthStatus expected) =>
        Assert.Equal(expected, Judge("""{"status":"healthy"}""", TimeSpan.FromDays(days)).Status);

    [Theory]
    [InlineData(-1, HealthStatus.Critical)]
    [InlineData(1, HealthStatus.Unknown)]
    public void A_certificate_that_has_ended_is_critical_and_one_that_is_not_trusted_is_unknown(int days, HealthStatus expected) =>
        Assert.Equal(expected, FunctionHealthEvaluator.Evaluate(
            "p",
            "f",
            new FunctionAttempt(null, null, new MaintenanceException(MaintenanceErrorCode.FunctionUnreachable, "not trusted", "r")) { IsOurs = true },
            new RequestTrace { CertificateExpires = Now.AddDays(days) },
            Now).Status);

    [Fact]
    public void Silence_and_a_wrong_answer_are_critical_and_what_this_machine_could_not_ask_is_unknown()
    {
        HealthStatus Of(int? status, MaintenanceErrorCode code, bool isOurs = false) => FunctionHealthEvaluator.Evaluate(
            "p", "f", new FunctionAttempt(null, status, new MaintenanceException(code, "m", "r")) { IsOurs = isOurs }, new RequestTrace(), Now).Status;
        Assert.Equal(HealthStatus.Critical, Of(null, MaintenanceErrorCode.FunctionTimeout));
        Assert.Equal(HealthStatus.Critical, Of(null, MaintenanceErrorCode.FunctionUnreachable));
        Assert.Equal(HealthStatus.Critical, Of(500, MaintenanceErrorCode.FunctionFailed));
        Assert.Equal(HealthStatus.Unknown, Of(null, MaintenanceErrorCode.FunctionUnreachable, isOurs: true));
        // The caller gave it too little time.
        Assert.Equal(HealthStatus.Unknown, Of(null, MaintenanceErrorCode.DeadlineExceeded));
    }

    [Theory]
    [InlineData(2000, HealthStatus.Ok)]
    [InlineData(2001, HealthStatus.Warning)]
    public void One_that_is_healthy_and_slow_is_a_warning(int milliseconds, HealthStatus expected)
    {
        var health = FunctionHealthEvaluator.Evaluate(
            "p", "f", new FunctionAttempt(JObject.Parse("""{"status":"healthy"}"""), 200, null), new RequestTrace { Total = TimeSpan.FromMilliseconds(milliseconds) }, Now, TimeSpan.FromSeconds(2));
        Assert.Equal((expected, null), (health.Status, health.Error));
    }

    [Fact]
    public void What_the_function_calls_itself_is_shown_only_where_it_is_a_known_word() =>
        Assert.Equal("other", Judge("""{"status":"alice@example.com"}""").ReportedStatus);

    [Fact]
    public void A_cold_start_is_told_by_what_was_usual()
    {
        var times = new FunctionTimes();
        var address = new Uri("http://127.0.0.1/f");
        EdgeFunctionHealth Took(int milliseconds) => Judge("""{"status":"healthy"}""") with { FirstByteTime = TimeSpan.FromMilliseconds(milliseconds) };
        Assert.Null(times.IsCold(address, Took(2000)));
        Assert.False(times.IsCold(address, Took(100)));
        Assert.False(times.IsCold(address, Took(110)));
        Assert.True(times.IsCold(address, Took(900)));
        Assert.Null(times.IsCold(address, Took(900) with { Status = HealthStatus.Unknown }));
    }
}
