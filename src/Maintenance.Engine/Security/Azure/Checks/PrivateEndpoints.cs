using System.Text.Json;

namespace Maintenance.Engine.Security.Azure.Checks;

/// <summary>How resources of all kinds say who reaches them over the network.</summary>
internal static class PrivateEndpoints
{
    /// <summary>Approved private endpoints: one that waits for approval carries nothing.</summary>
    public static int Approved(JsonElement properties) =>
        properties.Objects("privateEndpointConnections").Count(connection => connection.Text("properties.privateLinkServiceConnectionState.status").Is("Approved"));

    /// <summary>Whether any address may connect: the public endpoint is on, and its rules let in whom they do not name.</summary>
    public static bool IsOpen(JsonElement properties) =>
        !properties.Text("publicNetworkAccess").Is("Disabled")
        && !properties.Text("publicNetworkAccess").Is("SecuredByPerimeter")
        && !properties.Text("networkAcls.defaultAction").Is("Deny");

    /// <summary>The evidence of both.</summary>
    public static Dictionary<string, object?> Evidence(JsonElement properties) => new()
    {
        ["PublicNetworkAccess"] = properties.Text("publicNetworkAccess") ?? "not set (Enabled)",
        ["DefaultAction"] = properties.Text("networkAcls.defaultAction") ?? "not set (Allow)",
        ["PrivateEndpoints"] = Approved(properties),
    };
}
