using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Maintenance.Engine.Configuration;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Notify;

/// <summary>What came of sending a message to a webhook.</summary>
/// <param name="StatusCode">Status code; null without an answer.</param>
/// <param name="Error">What went wrong; null if it was delivered.</param>
/// <param name="RetryAfter">How long the webhook asks to wait.</param>
/// <param name="Unsent">True if it surely did not arrive, so that sending again at once repeats nothing.</param>
internal sealed record WebhookAttempt(int? StatusCode, MaintenanceException? Error, TimeSpan? RetryAfter = null, bool Unsent = false)
{
    public bool IsDelivered => Error is null;

    public bool IsRejected => Error?.Code == MaintenanceErrorCode.NotificationRejected;
}

/// <summary>Posts to webhooks. Their addresses are secrets: none leaves this class.</summary>
internal sealed class WebhookClient(TimeProvider time) : IDisposable
{
    /// <summary>How long one request may take.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = 64 * 1024,
    };

    /// <summary>Posts a payload; tries again at once only what surely did not arrive, and waits as long as the webhook asks.</summary>
    public async Task<WebhookAttempt> PostAsync(string channel, ChannelSettings settings, string payload, Guid key, CallContext call, Deadline deadline)
    {
        Uri address;
        try
        {
            address = Address(channel, settings, await Secrets.ReadAsync(settings.Webhook, call.Secrets, deadline.Token));
        }
        catch (MaintenanceException exception)
        {
            // Nobody can be asked; it may be set by the next attempt.
            return new WebhookAttempt(null, exception);
        }

        return await ResiliencePipelines.Webhook(time, deadline, call.Sink)
            .ExecuteAsync(async _ => await TellAsync(channel, call.Sink, () => OnceAsync(channel, settings, address, payload, key, deadline)), deadline.Token);
    }

    public void Dispose() => _client.Dispose();

    private static Uri Address(string channel, ChannelSettings settings, string secret) =>
        Uri.TryCreate(secret.Trim(), UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            ? address
            : throw Error(MaintenanceErrorCode.NotificationRejected, channel, $"what {settings.Webhook} holds is no web address", "Copy the address of the webhook again.");

    private async Task<WebhookAttempt> TellAsync(string channel, IMaintenanceSink sink, Func<Task<WebhookAttempt>> post)
    {
        var began = time.GetTimestamp();
        var attempt = await post();
        sink.Verbose(FormattableString.Invariant(
            $"POST to the webhook of {channel}: {attempt.StatusCode?.ToString(CultureInfo.InvariantCulture) ?? attempt.Error?.Code.ToString()} ({time.GetElapsedTime(began).TotalMilliseconds:0.#} ms)."));
        return attempt;
    }

    private async Task<WebhookAttempt> OnceAsync(string channel, ChannelSettings settings, Uri address, string payload, Guid key, Deadline deadline)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(payload, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key.ToString("D"));
        request.Headers.UserAgent.ParseAdd("Maintenance");
        using var patience = new CancellationTokenSource(AttemptTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, patience.Token);
        try
        {
            using var response = await _client.SendAsync(request, either.Token);
            return await ReadAsync(channel, settings, response, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested || deadline.HasPassed)
        {
            return new WebhookAttempt(null, Error(MaintenanceErrorCode.NotificationUndelivered, channel, "the webhook did not answer in time", "It is tried again. See whether the service has trouble."));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // The exception's own words hold the address.
            var socket = exception.GetBaseException() as SocketException;
            var cause = socket?.SocketErrorCode.ToString() ?? (exception as HttpRequestException)?.HttpRequestError.ToString() ?? "the connection broke";
            return new WebhookAttempt(
                null,
                Error(MaintenanceErrorCode.NotificationUndelivered, channel, $"the webhook cannot be reached ({cause})", "Check the network, a proxy, and the webhook's address."),
                Unsent: socket is { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.TryAgain });
        }
    }

    private async Task<WebhookAttempt> ReadAsync(string channel, ChannelSettings settings, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        switch (status)
        {
            case >= 200 and < 300:
                var isSlack = settings.Kind.Equals("Slack", StringComparison.OrdinalIgnoreCase);
                return !isSlack || (await response.Content.ReadAsStringAsync(cancellationToken)).Trim() == "ok"
                    ? new WebhookAttempt(status, null)
                    : new WebhookAttempt(status, Error(MaintenanceErrorCode.NotificationUndelivered, channel, $"something answered {status}, but not as Slack does", "A proxy or portal may stand before it. For another service set the channel's kind to Json."));
            case 429:
                var wait = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - time.GetUtcNow() : null;
                return new WebhookAttempt(status, Error(MaintenanceErrorCode.NotificationUndelivered, channel, "the webhook asks to wait (429)", "It is tried again as soon as it allows."), wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1), Unsent: true);
            case 408 or >= 500:
                return new WebhookAttempt(status, Error(MaintenanceErrorCode.NotificationUndelivered, channel, $"the webhook failed ({status})", "It is tried again. See whether the service has trouble."), Unsent: true);
            default:
                return new WebhookAttempt(status, Error(MaintenanceErrorCode.NotificationRejected, channel, $"the webhook rejected it ({status})", status switch
                {
                    404 or 410 => "The webhook was removed, or its address is wrong: make a new one and set the channel's secret.",
                    401 or 403 => "The webhook was disabled, or may not post to its channel: ask the workspace's administrator.",
                    >= 300 and < 400 => "It redirects elsewhere, which is not followed: set the final address.",
                    _ => "Check that the channel's kind (Slack or Json) fits the service.",
                }));
        }
    }

    private static MaintenanceException Error(MaintenanceErrorCode code, string channel, string what, string advice) =>
        new(code, $"The notification was not delivered on {channel}: {what}.", advice);
}
