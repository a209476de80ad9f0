using System.Globalization;

namespace Maintenance.Engine.Functions;

/// <summary>How a function is, by what came of one request to it. Pure.</summary>
internal static class FunctionHealthEvaluator
{
    /// <summary>Time to renew a certificate that renews itself by then. Our judgement.</summary>
    public static readonly TimeSpan CertificateWarning = TimeSpan.FromDays(14);

    public static EdgeFunctionHealth Evaluate(string target, string function, FunctionAttempt attempt, RequestTrace trace, DateTimeOffset now, TimeSpan? slow = null)
    {
        string? reported = null;
        var error = attempt.Error;
        if (attempt.Body is { } body)
        {
            try
            {
                reported = FunctionCatalogue.HealthCheckOf(function).Read(body).Status;
            }
            catch (MaintenanceException exception)
            {
                error = exception;
            }
        }

        var (status, code, message, recommendation) = Judge(function, attempt, error, reported, trace, now, slow);
        return new EdgeFunctionHealth
        {
            Target = target,
            Function = function,
            Status = status,
            Message = message,
            StatusCode = attempt.StatusCode,
            ReportedStatus = reported is null || Known(reported) ? reported : "other",
            ConnectTime = trace.Connect,
            TlsTime = trace.Tls,
            FirstByteTime = trace.FirstByte,
            TotalTime = trace.Total,
            CertificateExpires = trace.CertificateExpires,
            Error = code,
            Recommendation = recommendation,
            CollectedAt = now,
        };
    }

    private static (HealthStatus Status, MaintenanceErrorCode? Code, string Message, string? Recommendation) Judge(
        string function, FunctionAttempt attempt, MaintenanceException? error, string? reported, RequestTrace trace, DateTimeOffset now, TimeSpan? slow)
    {
        if (error is { Code: MaintenanceErrorCode.FunctionUnreachable } && trace.CertificateExpires is { } ended && ended <= now)
        {
            // Nobody whose client looks at certificates reaches it.
            return (HealthStatus.Critical, error.Code, string.Create(CultureInfo.InvariantCulture, $"The function {function} cannot be reached safely: the server's certificate ended {ended:yyyy-MM-dd HH:mm} UTC."), "Renew it.");
        }

        if (error is not null)
        {
            // An answer that is wrong is a measurement: the function does not work. So is none where it was asked. What this machine could not ask is not.
            return (attempt.StatusCode is not null || attempt.IsSilence ? HealthStatus.Critical : HealthStatus.Unknown, error.Code, error.Message, error.Recommendation);
        }

        var time = string.Create(CultureInfo.InvariantCulture, $"{trace.Total?.TotalMilliseconds ?? 0:0} ms");
        if (reported is not ("healthy" or "ok" or "degraded"))
        {
            return (
                HealthStatus.Critical,
                MaintenanceErrorCode.FunctionUnhealthy,
                $"The function {function} answered 200 in {time}, but says of itself that it is {(reported == "unhealthy" ? "unhealthy" : "something other than healthy")}.",
                "See its log, and what it depends on.");
        }

        if (reported == "degraded")
        {
            return (HealthStatus.Warning, MaintenanceErrorCode.FunctionUnhealthy, $"The function {function} says of itself that it is degraded ({time}).", "See its log, and what it depends on.");
        }

        if (trace.CertificateExpires is { } expires && expires - now < CertificateWarning)
        {
            return (HealthStatus.Warning, null, string.Create(CultureInfo.InvariantCulture, $"The function {function} is healthy ({time}), but the server's certificate ends {expires:yyyy-MM-dd HH:mm} UTC."), "Renew it.");
        }

        if (trace.Total > slow)
        {
            return (
                HealthStatus.Warning,
                null,
                string.Create(CultureInfo.InvariantCulture, $"The function {function} is healthy, but slow: it took {time}, limit {slow.Value.TotalMilliseconds:0} ms."),
                "See its log, and what it waits for: Get-SlowQuery for the database. The first call after a pause may be a cold start.");
        }

        return (HealthStatus.Ok, null, $"The function {function} is healthy ({time}).", null);
    }

    /// <summary>Whether the server's certificate ends soon.</summary>
    public static bool EndsSoon(EdgeFunctionHealth function) => function.CertificateExpires - function.CollectedAt < CertificateWarning;

    private static bool Known(string status) => status is "healthy" or "ok" or "degraded" or "unhealthy";
}
