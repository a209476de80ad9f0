using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Security.Azure;

/// <summary>
/// Asks Azure Resource Manager, by GET alone. Follows no redirect, keeps no cookie, reads no more than it can use, and tells whatever goes wrong in words of
/// its own: neither the token nor an answer's words ever leave this class.
/// </summary>
internal sealed class AzureClient(TimeProvider time) : IDisposable
{
    /// <summary>How long one request may take.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How much of an answer is read.</summary>
    public const int MaximumBytes = 16 << 20;

    private const string Throttled = "Try again in some minutes, or look at one resource group at a time.";

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>One object, asked for again where that may help.</summary>
    /// <param name="scope">The scope, which says what address may be asked.</param>
    /// <param name="address">The address.</param>
    /// <param name="token">The identity's token.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="deadline">How long it may take: running out of it is an answer too.</param>
    public async Task<AzureAttempt> GetAsync(AzureScope scope, Uri address, string token, CallContext call, Deadline deadline)
    {
        if (!scope.Owns(address))
        {
            return Failed("the answer points to another address, to which the identity is not sent", "See whether a proxy stands before Azure Resource Manager, and whether security.azure.endpoint is right.");
        }

        try
        {
            return await ResiliencePipelines.AzureRequest(time, deadline, call.Sink)
                .ExecuteAsync(async _ => await OnceAsync(scope, address, token, deadline), deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            return Failed("Azure Resource Manager did not answer in the time that there was for it", "Allow more time with -TimeoutSeconds, or look at one resource group at a time; check the network and a proxy.");
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<AzureAttempt> OnceAsync(AzureScope scope, Uri address, string token, Deadline deadline)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.UserAgent.ParseAdd("Maintenance");
        using var patience = new CancellationTokenSource(AttemptTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, patience.Token);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return response.IsSuccessStatusCode
                ? await ReadAsync(response, either.Token)
                : Refused(scope, (int)response.StatusCode, await CodeAsync(response, either.Token), RetryAfter(response));
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !deadline.Token.IsCancellationRequested)
        {
            return Failed(FormattableString.Invariant($"Azure Resource Manager did not answer within {AttemptTimeout.TotalSeconds:0} s"), "Check the network and a proxy.", mayPass: true);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            var cause = exception.GetBaseException() switch
            {
                AuthenticationException => "its TLS certificate is not trusted",
                SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "no such host",
                SocketException socket => socket.SocketErrorCode.ToString(),
                _ => (exception as HttpRequestException)?.HttpRequestError.ToString() ?? "the connection broke",
            };
            return Failed($"Azure Resource Manager cannot be reached ({cause})", "Check the network, a proxy, and security.azure.endpoint.", mayPass: true);
        }
    }

    private static async Task<AzureAttempt> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType is not { } type || !(type.Is("application/json") || type.Is("text/json")))
        {
            return new AzureAttempt(null, AzureGap.Undocumented("what answered (no JSON)"));
        }

        if (await BytesAsync(response, MaximumBytes, cancellationToken) is not { } bytes)
        {
            return Failed(FormattableString.Invariant($"an answer is longer than {MaximumBytes >> 20} MiB"), "Look at one resource group at a time.");
        }

        return Parse(bytes) is { ValueKind: JsonValueKind.Object } body ? new AzureAttempt(body) : new AzureAttempt(null, AzureGap.Undocumented("what answered (no JSON object)"));
    }

    private static AzureAttempt Refused(AzureScope scope, int status, string code, TimeSpan? retryAfter) => status switch
    {
        401 => new AzureAttempt(null, new AzureGap(
            FindingOutcome.NotPermitted,
            $"Azure Resource Manager refused the identity (401 {code})",
            "Sign in again, with an account of the tenant that the subscription belongs to (az login --tenant), and give it the role Reader on the scope.")),
        403 => new AzureAttempt(null, new AzureGap(
            FindingOutcome.NotPermitted,
            $"the identity may not read it (403 {code})",
            $"Give the identity the role Reader: az role assignment create --role Reader --assignee '<object id>' --scope '{scope.Path}'")),
        404 => Failed(
            $"there is no such thing, or the identity does not see it (404 {code})",
            "Check security.azure.subscriptionId and resourceGroup, and that the identity belongs to the subscription's tenant and has the role Reader on it."),
        429 => Failed($"Azure Resource Manager is asked too often (429 {code})", Throttled, mayPass: true, retryAfter ?? TimeSpan.FromSeconds(1)),
        408 or >= 500 => Failed($"Azure Resource Manager failed ({status} {code})", "Try again in a moment; see the status of Azure.", mayPass: true, retryAfter),
        >= 300 and < 400 => Failed($"Azure Resource Manager redirects elsewhere ({status}), which is not followed", "Check security.azure.endpoint, and whether a proxy asks for a login."),
        _ => Failed($"Azure Resource Manager rejected the request ({status} {code})", "See the documentation of this error code of Azure Resource Manager."),
    };

    // The code is a fixed word of the service's catalogue; its message names principals and scopes, and a proxy in between may send anything.
    private static async Task<string> CodeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var error = await BytesAsync(response, 64 << 10, cancellationToken) is { } bytes ? Parse(bytes) : null;
            return error?.Text("error.code") is { Length: > 0 and < 80 } code && code.All(char.IsAsciiLetterOrDigit) ? code : "no error code";
        }
        catch (AzureGapException)
        {
            return "no error code";
        }
    }

    private static JsonElement? Parse(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<byte[]?> BytesAsync(HttpResponseMessage response, int most, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var buffer = new MemoryStream();
        var chunk = new byte[32 * 1024];
        int read;
        while ((read = await stream.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > most)
            {
                return null;
            }

            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        { Date: not null } => TimeSpan.Zero,
        _ => null,
    };

    private static AzureAttempt Failed(string reason, string recommendation, bool mayPass = false, TimeSpan? retryAfter = null) =>
        new(null, new AzureGap(FindingOutcome.Unknown, reason, recommendation), mayPass, retryAfter);
}
