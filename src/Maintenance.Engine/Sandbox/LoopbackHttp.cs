using System.Globalization;
using System.Net;
using System.Text;

namespace Maintenance.Engine.Sandbox;

/// <summary>A small HTTP server on loopback, inside this process: pwsh brings no web server of its own.</summary>
internal sealed class LoopbackHttp : IAsyncDisposable
{
    private const int MaximumBody = 4 << 20;

    private readonly HttpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyDictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>> _routes;
    private readonly Task _accepting;

    private LoopbackHttp(HttpListener listener, int port, IReadOnlyDictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>> routes)
    {
        _listener = listener;
        _routes = routes;
        Port = port;
        _accepting = Task.Run(AcceptAsync);
    }

    public int Port { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="routes">What answers, by the first part of the path; an answer of null closes the connection.</param>
    public static LoopbackHttp Start(IReadOnlyDictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>> routes)
    {
        // The listener takes no port 0, and another program may take a free port before it does.
        for (var attempt = 0; ; attempt++)
        {
            var port = LoopbackPort.FindFree();
            var listener = new HttpListener { IgnoreWriteExceptions = true };
            listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
            try
            {
                listener.Start();
                return new LoopbackHttp(listener, port, routes);
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                listener.Close();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Close();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            var answer = await RouteAsync(context.Request);
            if (answer is null)
            {
                context.Response.Abort();
                return;
            }

            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.ContentType;
            foreach (var (name, value) in answer.Headers)
            {
                context.Response.Headers[name] = value;
            }

            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer.Body), _stop.Token);
            context.Response.Close();
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The client has gone, or the server ends.
            context.Response.Abort();
        }
    }

    private async Task<LoopbackAnswer?> RouteAsync(HttpListenerRequest request)
    {
        var segments = request.Url!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length == 0 || !_routes.TryGetValue(segments[0], out var route))
        {
            return LoopbackAnswer.Json(404, """{"error":"not found"}""");
        }

        using var body = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await request.InputStream.ReadAsync(chunk, _stop.Token)) > 0)
        {
            body.Write(chunk, 0, read);
            if (body.Length > MaximumBody)
            {
                return LoopbackAnswer.Json(413, """{"error":"too large"}""");
            }
        }

        return await route(new LoopbackRequest(request.HttpMethod, segments, name => request.Headers[name], Encoding.UTF8.GetString(body.ToArray())), _stop.Token);
    }
}

/// <summary>A request as the sandbox's services see it.</summary>
internal sealed record LoopbackRequest(string Method, IReadOnlyList<string> Path, Func<string, string?> Header, string Body);

/// <summary>An answer of the sandbox's services.</summary>
internal sealed record LoopbackAnswer(int Status, string ContentType, string Body)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public static LoopbackAnswer Json(int status, string body) => new(status, "application/json", body);
}
