using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Maintenance.IntegrationTests.Infrastructure;

/// <summary>
/// Does to a connection what a pooler does, as far as a client can tell: the process number that greets the client is not that of
/// the backend that answers it. Everything else passes through.
/// </summary>
internal sealed class PoolerStandIn : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _serverPort;
    private readonly Task _accepting;

    public PoolerStandIn(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            using (var server = new TcpClient())
            {
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stopping.Token);
                var up = client.GetStream().CopyToAsync(server.GetStream(), _stopping.Token);
                await Task.WhenAny(up, AnswerAsync(server.GetStream(), client.GetStream()));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // One side hung up.
        }
    }

    // Messages of the server: a type, a length that counts itself, and the body. K carries process number and secret key.
    private async Task AnswerAsync(NetworkStream server, NetworkStream client)
    {
        var head = new byte[5];
        while (true)
        {
            await server.ReadExactlyAsync(head, _stopping.Token);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
            await server.ReadExactlyAsync(body, _stopping.Token);
            if (head[0] == (byte)'K')
            {
                BinaryPrimitives.WriteInt32BigEndian(body, BinaryPrimitives.ReadInt32BigEndian(body) + 1_000_000);
            }

            await client.WriteAsync(head, _stopping.Token);
            await client.WriteAsync(body, _stopping.Token);
        }
    }
}
