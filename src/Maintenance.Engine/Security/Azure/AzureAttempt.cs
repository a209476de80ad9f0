using System.Text.Json;

namespace Maintenance.Engine.Security.Azure;

/// <summary>What came of one request.</summary>
/// <param name="Body">The answer; null if there is none of use.</param>
/// <param name="Gap">Why there is none.</param>
/// <param name="MayPass">Whether the same request may succeed a little later.</param>
/// <param name="RetryAfter">How long the service asks to wait.</param>
internal sealed record AzureAttempt(JsonElement? Body, AzureGap? Gap = null, bool MayPass = false, TimeSpan? RetryAfter = null);
