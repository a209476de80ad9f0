using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Maintenance.TestSupport;

/// <summary>
/// Stands in for Azure Resource Manager, and for the endpoint that gives managed identities their tokens, on loopback: it answers with documented responses
/// (<see cref="AzureResponses"/>), or with whatever a test wants it to send.
/// </summary>
internal sealed class AzureStandIn : IAsyncDisposable
{
    public const string Token = "token-of-the-stand-in-91c4";

    /// <summary>An answer that begins, and never goes on.</summary>
    public const string Hanging = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public AzureStandIn()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>What was asked: path with query, and the header Authorization.</summary>
    public ConcurrentQueue<(string Path, string? Authorization)> Requests { get; } = [];

    /// <summary>Answers by what their path contains; the first that fits counts. Otherwise a listing is empty, and anything else not found.</summary>
    public List<(string Part, Func<string, string> Answer)> Answers { get; } = [];

    public static string Json(string body, string status = "200 OK", string headers = "") => Raw(body, "application/json; charset=utf-8", status, headers);

    public static string Raw(string body, string type, string status = "200 OK", string headers = "") =>
        $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";

    public AzureStandIn With(string part, string answer) => With(part, _ => answer);

    public AzureStandIn With(string part, Func<string, string> answer)
    {
        Answers.Add((part, answer));
        return this;
    }

    /// <summary>One resource of each kind, all of it hardened; what was given before comes first.</summary>
    public AzureStandIn WithHardened() => this
        .With("/blobServices/default/containers/", Json(AzureResponses.Container))
        .With("/blobServices/default", Json(AzureResponses.BlobService))
        .With("/configurations/require_secure_transport", Json(AzureResponses.SecureTransport))
        .With("/configurations/ssl_min_protocol_version", Json(AzureResponses.TlsVersion))
        .With("/firewallRules", Json(AzureResponses.Page(null)))
        .With("/roleAssignments?", Json(AzureResponses.Page(null, AzureResponses.Owner(1))))
        .With("/storageAccounts?", Json(AzureResponses.Page(null, AzureResponses.StorageAccount)))
        .With("/vaults?", Json(AzureResponses.Page(null, AzureResponses.Vault)))
        .With("/networkSecurityGroups?", Json(AzureResponses.Page(null, AzureResponses.NetworkSecurityGroup)))
        .With("/flexibleServers?", Json(AzureResponses.Page(null, AzureResponses.PostgresServer)))
        .With("/sites?", Json(AzureResponses.Page(null, AzureResponses.WebApp)))
        .With("/containerApps?", Json(AzureResponses.Page(null, AzureResponses.ContainerApp)))
        .With("/virtualMachines?", Json(AzureResponses.Page(null, AzureResponses.VirtualMachine)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = AnswerAsync(client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            var stream = client.GetStream();
            var buffer = new byte[16 * 1024];
            var request = new StringBuilder();
            int read;
            do
            {
                read = await stream.ReadAsync(buffer, _stop.Token);
                request.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
            while (read > 0 && !request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal));

            var lines = request.ToString().Split("\r\n");
            var path = Uri.UnescapeDataString(lines[0].Split(' ') is [_, var target, ..] ? target : "");
            const string header = "Authorization: ";
            Requests.Enqueue((path, lines.FirstOrDefault(line => line.StartsWith(header, StringComparison.OrdinalIgnoreCase))?[header.Length..]));
            var answer = Answers.Where(one => path.Contains(one.Part, StringComparison.OrdinalIgnoreCase)).Select(one => one.Answer(path)).FirstOrDefault()
                ?? Json(path.Contains("/providers/", StringComparison.Ordinal) ? AzureResponses.Page(null) : AzureResponses.Error("NotFound"), path.Contains("/providers/", StringComparison.Ordinal) ? "200 OK" : "404 Not Found");
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _stop.Token);
            if (answer == Hanging)
            {
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
        }
    }
}
