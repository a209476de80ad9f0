using System.Net.Sockets;

namespace Maintenance.Engine.Resilience;

/// <summary>
/// Tells a system that does not answer from a machine that cannot ask. Who was tried, and refused, or kept silent, has been measured: they are
/// down. Where this machine knows no such name, or has no network, nobody was tried. Pure.
/// </summary>
internal static class OwnNetwork
{
    /// <summary>Whether nobody was asked at all. No route to one host is that host's trouble as far as anybody can tell; no network is ours.</summary>
    public static bool IsAtFault(SocketError error) => error is
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery
        or SocketError.NetworkDown or SocketError.NetworkUnreachable
        or SocketError.AddressFamilyNotSupported or SocketError.AccessDenied or SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable;
}
