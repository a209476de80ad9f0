using System.Net;
using System.Net.Sockets;

namespace Maintenance.Engine.Sandbox;

/// <summary>Finds ports that nobody listens on.</summary>
internal static class LoopbackPort
{
    /// <summary>A port that is free on the loopback address now; somebody may take it before it is used.</summary>
    public static int FindFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
