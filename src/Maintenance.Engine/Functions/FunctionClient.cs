using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Functions;

/// <summary>When what happened of one request over a connection of its own; each null until it has.</summary>
internal sealed class RequestTrace
{
    public TimeSpan? Connect { get; set; }

    public TimeSpan? Tls { get; set; }

    public TimeSpan? FirstByte { get; set; }

    public TimeSpan? Total { get; set; }

    public DateTimeOffset? CertificateExpires { get; set; }
}

/// <summary>Sends requests to functions. Follows no redirect, keeps no cookie, and translates whatever goes wrong.</summary>
internal sealed class FunctionClient(TimeProvider time) : IDisposable
{
    /// <summary>How long one request may take.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    private static readonly HttpRequestOptionsKey<RequestTrace> TraceKey = new("Maintenance.Trace");

    private readonly HttpClient _client = Create(time, TimeSpan.FromMinutes(2));

    /// <summary>Sends a request over a connection of the pool.</summary>
    public Task<FunctionAttempt> SendAsync(FunctionRequest request, Deadline deadline, IMaintenanceSink sink) => TellAsync(request, sink, () => SendAsync(_client, request, null, deadline));

    /// <summary>Sends a request over a connection of its own, so that the time of each phase is its own.</summary>
    public async Task<FunctionAttempt> SendTracedAsync(FunctionRequest request, RequestTrace trace, Deadline deadline, IMaintenanceSink sink)
    {
        using var client = Create(time, TimeSpan.Zero);
        return await TellAsync(request, sink, () => SendAsync(client, request, trace, deadline));
    }

    public void Dispose() => _client.Dispose();

    // The address is of configuration and has no secret: keys are in headers.
    private async Task<FunctionAttempt> TellAsync(FunctionRequest request, IMaintenanceSink sink, Func<Task<FunctionAttempt>> send)
    {
        var began = time.GetTimestamp();
        var attempt = await send();
        sink.Verbose(FormattableString.Invariant(
            $"POST {request.Address.GetLeftPart(UriPartial.Path)} {request.Action}: {attempt.StatusCode?.ToString(CultureInfo.InvariantCulture) ?? attempt.Error?.Code.ToString()} ({time.GetElapsedTime(began).TotalMilliseconds:0.#} ms)."));
        return attempt;
    }

    private async Task<FunctionAttempt> SendAsync(HttpClient client, FunctionRequest request, RequestTrace? trace, Deadline deadline)
    {
        using var message = request.ToMessage();
        if (trace is not null)
        {
            message.Options.Set(TraceKey, trace);
        }

        using var patience = new CancellationTokenSource(AttemptTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, patience.Token);
        var started = time.GetTimestamp();
        try
        {
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            trace?.FirstByte = time.GetElapsedTime(started) - (trace.Connect ?? TimeSpan.Zero) - (trace.Tls ?? TimeSpan.Zero);
            var attempt = await FunctionAnswer.ReadAsync(response, request.Function, time, either.Token);
            trace?.Total = time.GetElapsedTime(started);
            return attempt;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !deadline.Token.IsCancellationRequested)
        {
            return Failed(MaintenanceErrorCode.FunctionTimeout, FormattableString.Invariant($"The function {request.Function} did not answer within {AttemptTimeout.TotalSeconds:0} s."), "See its log: it hangs, or waits for something that does.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            return Unreachable(request, exception);
        }
    }

    private static FunctionAttempt Unreachable(FunctionRequest request, Exception exception)
    {
        var (cause, advice) = exception.GetBaseException() switch
        {
            AuthenticationException => ("its TLS certificate is not trusted", "Check that the certificate is valid, names this host, and comes from an authority this machine trusts."),
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => ("no such host", "Check functions.baseUri."),
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => ("the connection was refused", "Check that the function's host runs, functions.baseUri, and that the project is not paused."),
            SocketException socket => (socket.SocketErrorCode.ToString(), "Check functions.baseUri, the network, and that the project is not paused."),
            _ when exception is HttpRequestException { HttpRequestError: var error and not HttpRequestError.Unknown } => (error.ToString(), "The connection broke; see the function's log."),
            var other => (other.GetType().Name, "The connection broke; see the function's log."),
        };
        return Failed(MaintenanceErrorCode.FunctionUnreachable, $"The function {request.Function} at {request.Address.Authority} cannot be reached: {cause}.", advice) with
        {
            IsOurs = exception.GetBaseException() is AuthenticationException || (exception.GetBaseException() is SocketException { SocketErrorCode: var code } && OwnNetwork.IsAtFault(code)),
        };
    }

    private static FunctionAttempt Failed(MaintenanceErrorCode code, string message, string recommendation) =>
        new(null, null, new MaintenanceException(code, message, recommendation));

    private static HttpClient Create(TimeProvider time, TimeSpan connectionLifetime) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = connectionLifetime,
        ConnectCallback = (context, token) => ConnectAsync(context, time, token),
    })
    {
        // Each attempt has its own limit.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, TimeProvider time, CancellationToken cancellationToken)
    {
        context.InitialRequestMessage.Options.TryGetValue(TraceKey, out var trace);
        var started = time.GetTimestamp();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        trace?.Connect = time.GetElapsedTime(started);
        var stream = new NetworkStream(socket, ownsSocket: true);
        var address = context.InitialRequestMessage.RequestUri!;
        // Through a proxy the handshake comes later, and is not ours to do.
        return trace is not null && address.Scheme == Uri.UriSchemeHttps && context.DnsEndPoint.Host == address.IdnHost
            ? await ShakeHandsAsync(stream, address.IdnHost, trace, time, cancellationToken)
            : stream;
    }

    private static async ValueTask<Stream> ShakeHandsAsync(Stream stream, string host, RequestTrace trace, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var secure = new SslStream(stream);
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = host,
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    // Told also of one that is not trusted: it may have just expired.
                    trace.CertificateExpires = certificate is X509Certificate2 known ? known.NotAfter.ToUniversalTime() : null;
                    return errors == SslPolicyErrors.None;
                },
            };
            await secure.AuthenticateAsClientAsync(options, cancellationToken);
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }

        trace.Tls = time.GetElapsedTime(started);
        return secure;
    }
}
