using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Functions;

/// <summary>What came of one request.</summary>
/// <param name="Body">The answer; null if there is no usable one.</param>
/// <param name="StatusCode">Status code; null without an answer.</param>
/// <param name="Error">What went wrong.</param>
/// <param name="RetryAfter">How long the server asks to wait before the next request.</param>
internal sealed record FunctionAttempt(JObject? Body, int? StatusCode, MaintenanceException? Error, TimeSpan? RetryAfter = null)
{
    /// <summary>True if the function was not asked at all, or not in a way that says anything of it: a name or a network that this machine lacks, a certificate that it does not trust.</summary>
    public bool IsOurs { get; init; }

    /// <summary>Whether the function was tried and does not answer: it said nothing in time, or its host refused or dropped the connection.</summary>
    public bool IsSilence => !IsOurs && StatusCode is null && Error is { Code: MaintenanceErrorCode.FunctionTimeout or MaintenanceErrorCode.FunctionUnreachable };

    /// <summary>Whether the same request may succeed a little later.</summary>
    public bool MayPass => Error?.Code is
        MaintenanceErrorCode.FunctionUnreachable or MaintenanceErrorCode.FunctionTimeout or MaintenanceErrorCode.FunctionFailed or MaintenanceErrorCode.FunctionThrottled;

    /// <summary>Whether the function itself is in trouble, and should be left alone for a while.</summary>
    public bool IsTrouble => MayPass && Error!.Code != MaintenanceErrorCode.FunctionThrottled;
}
