using System.Globalization;
using System.Security.Cryptography;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Sandbox;

/// <summary>
/// The webhooks of a sandbox, which answer as Slack's do, and keep each message as a file. They can be made to misbehave.
/// </summary>
internal sealed class NotificationSink(string folder, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<ReceivedNotification> _received = [];

    /// <summary>Part of the address: whoever has it can post.</summary>
    public string Token { get; } = RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>What it does wrong.</summary>
    public NotificationFault Fault { get; set; }

    /// <summary>Which channels do it; none for all.</summary>
    public IReadOnlyList<string> FaultyChannels { get; set; } = [];

    /// <summary>How long a throttled sender is asked to wait.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many requests came, taken or not.</summary>
    public int Requests { get; private set; }

    /// <summary>The messages that were taken, in the order of arrival.</summary>
    public IReadOnlyList<ReceivedNotification> Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>Answers <c>/hooks/{channel}/{token}</c>.</summary>
    public async Task<LoopbackAnswer?> AnswerAsync(LoopbackRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Requests++;
        }

        if (request.Path is not ["hooks", var channel, var token] || token != Token || request.Method != "POST" || channel.Any(character => !char.IsAsciiLetter(character)))
        {
            return Text(404, "no_service");
        }

        switch (FaultyChannels.Count == 0 || FaultyChannels.Contains(channel, StringComparer.OrdinalIgnoreCase) ? Fault : NotificationFault.None)
        {
            case NotificationFault.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                return null;
            case NotificationFault.Http404:
                return Text(404, "no_service");
            case NotificationFault.Http429:
                return Text(429, "rate_limited") with
                {
                    Headers = new Dictionary<string, string> { ["Retry-After"] = Math.Ceiling(RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture) },
                };
            case NotificationFault.Http500:
                return Text(500, "internal_error");
            case NotificationFault.Drop:
                await KeepAsync(channel, request, cancellationToken);
                return null;
        }

        JObject body;
        try
        {
            body = JObject.Parse(request.Body);
        }
        catch (JsonException)
        {
            return Text(400, "invalid_payload");
        }

        if (body["text"] is null && body["blocks"] is null && body["attachments"] is null && body["message"] is null)
        {
            return Text(400, "no_text");
        }

        await KeepAsync(channel, request, cancellationToken);
        return Text(200, "ok");
    }

    private async Task KeepAsync(string channel, LoopbackRequest request, CancellationToken cancellationToken)
    {
        var notification = new ReceivedNotification(channel, request.Header("Idempotency-Key"), request.Body, time.GetUtcNow());
        int number;
        lock (_gate)
        {
            _received.Add(notification);
            number = _received.Count;
        }

        PrivateFiles.CreateFolder(folder);
        await using var file = PrivateFiles.CreateNew(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{number:0000}-{channel}.json")));
        await using var writer = new StreamWriter(file);
        await writer.WriteAsync(JsonConvert.SerializeObject(notification, Formatting.Indented).AsMemory(), cancellationToken);
    }

    private static LoopbackAnswer Text(int status, string body) => new(status, "text/plain", body);
}

/// <summary>A message as the sandbox has received it.</summary>
internal sealed record ReceivedNotification(string Channel, string? IdempotencyKey, string Body, DateTimeOffset ReceivedAt);
