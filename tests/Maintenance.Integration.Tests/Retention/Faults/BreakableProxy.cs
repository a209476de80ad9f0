using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Maintenance.IntegrationTests.Retention.Faults;

/// <summary>Passes everything on to a port of this machine, until it is broken: then connections are cut, and new ones too.</summary>
internal sealed class BreakableProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<TcpClient, byte> _clients = new();
    private readonly int _port;
    private readonly Task _accepting;
    private volatile bool _isBroken;

    public BreakableProxy(int port)
    {
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Break()
    {
        _isBroken = true;
        foreach (var client in _clients.Keys)
        {
            client.Close();
        }
    }

    public void Repair() => _isBroken = false;

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
        _clients[client] = 0;
        try
        {
            using (client)
            using (var server = new TcpClient())
            {
                if (_isBroken)
                {
                    return;
                }

                await server.ConnectAsync(IPAddress.Loopback, _port, _stopping.Token);
                var up = client.GetStream().CopyToAsync(server.GetStream(), _stopping.Token);
                await Task.WhenAny(up, server.GetStream().CopyToAsync(client.GetStream(), _stopping.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side hung up.
        }
        finally
        {
            _clients.TryRemove(client, out _);
        }
    }
}
