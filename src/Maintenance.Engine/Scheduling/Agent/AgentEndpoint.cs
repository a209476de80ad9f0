using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>
/// What an agent tells on the loopback address, to programs of this machine and to nobody else: /healthz, /metrics, and the status page at /. It is read-only:
/// whatever else is asked for is refused, and so is a request under another name than the loopback's.
/// </summary>
internal sealed class AgentEndpoint : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly AgentState _state;
    private readonly Func<CancellationToken, Task<string>> _page;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private Task _serving = Task.CompletedTask;

    private AgentEndpoint(int port, AgentState state, Func<CancellationToken, Task<string>> page, TimeProvider time)
    {
        Port = port;
        _state = state;
        _page = page;
        _time = time;
        _listener.Prefixes.Add(FormattableString.Invariant($"http://127.0.0.1:{port}/"));
        _listener.Prefixes.Add(FormattableString.Invariant($"http://localhost:{port}/"));
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="port">The port; 0 for any free one.</param>
    /// <param name="state">What to tell.</param>
    /// <param name="page">Makes the status page.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="MaintenanceException">InvalidArgument: the port is taken.</exception>
    public static AgentEndpoint Start(int port, AgentState state, Func<CancellationToken, Task<string>> page, TimeProvider time)
    {
        var endpoint = new AgentEndpoint(port == 0 ? FreePort() : port, state, page, time);
        try
        {
            endpoint._listener.Start();
        }
        catch (HttpListenerException exception)
        {
            ((IDisposable)endpoint._listener).Dispose();
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"The port {endpoint.Port} cannot be listened on: {exception.Message}.", "Give another -Port; 0 takes any free one.");
        }

        endpoint._serving = Task.Run(endpoint.ServeAsync);
        return endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        // In one go: after Stop, .NET would take the port once more to give it back, and somebody else may have it by then.
        ((IDisposable)_listener).Dispose();
        await _serving;
        _ending.Dispose();
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                // One that reads slowly must not keep the others waiting.
                _ = AnswerAsync(context);
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                if (_ending.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            var (status, type, text) = await ContentAsync(context.Request);
            var bytes = Encoding.UTF8.GetBytes(text);
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            context.Response.ContentLength64 = bytes.Length;
            if (status == 405)
            {
                context.Response.Headers["Allow"] = "GET, HEAD";
            }

            context.Response.Headers["Cache-Control"] = "no-store";
            context.Response.Headers["X-Content-Type-Options"] = "nosniff";
            context.Response.Headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
            if (context.Request.HttpMethod != "HEAD")
            {
                await context.Response.OutputStream.WriteAsync(bytes, _ending.Token);
            }

            context.Response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // Who asked is gone.
            context.Response.Abort();
        }
    }

    private async Task<(int Status, string Type, string Text)> ContentAsync(HttpListenerRequest request)
    {
        if (request.HttpMethod is not ("GET" or "HEAD"))
        {
            return (405, "text/plain", "Only GET.\n");
        }

        switch (request.Url?.AbsolutePath)
        {
            case "/healthz":
                var well = !_state.IsDraining && _state.Trouble is null;
                return (well ? 200 : 503, "text/plain", well ? "ok\n" : _state.IsDraining ? "draining\n" : $"{_state.Trouble}\n");
            case "/metrics":
                return (200, AgentMetrics.ContentType, AgentMetrics.Write(_state, _time.GetUtcNow()));
            case "/":
                return (200, "text/html; charset=utf-8", await _page(_ending.Token));
            default:
                return (404, "text/plain", "There are /healthz, /metrics and /.\n");
        }
    }
}
