using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Maintenance.Engine.Security.Azure.Checks;

/// <summary>An inbound rule of a network security group.</summary>
internal sealed class NetworkRule
{
    /// <summary>A prefix this short or shorter is no network any more, but a part of the Internet: two of them make all of it.</summary>
    private const int InternetPrefix = 7;

    private static readonly string[] Everywhere = ["*", "Internet", "Any"];

    private readonly IReadOnlyList<(int From, int To)> _ports;

    private NetworkRule(JsonElement rule)
    {
        Name = rule.Text("name") ?? "a rule without a name";
        var properties = rule.TryGetProperty("properties", out var found) && found.ValueKind == JsonValueKind.Object ? found : throw Undocumented();
        Allows = properties.Text("access") switch
        {
            var access when access.Is("Allow") => true,
            var access when access.Is("Deny") => false,
            _ => throw Undocumented(),
        };
        IsInbound = properties.Text("direction").Is("Inbound");
        Priority = properties.Number("priority") ?? throw Undocumented();
        Protocol = properties.Text("protocol") ?? throw Undocumented();
        Sources = [.. Several(properties, "sourceAddressPrefix", "sourceAddressPrefixes")];
        IsFromInternet = Sources.Any(FromInternet);
        IsToEverything = Several(properties, "destinationAddressPrefix", "destinationAddressPrefixes").Contains("*");
        _ports = [.. Several(properties, "destinationPortRange", "destinationPortRanges").Select(Ports)];
    }

    public string Name { get; }

    public bool Allows { get; }

    public bool IsInbound { get; }

    public int Priority { get; }

    public string Protocol { get; }

    public IReadOnlyList<string> Sources { get; }

    public bool IsFromInternet { get; }

    public bool IsToEverything { get; }

    public string PortText => string.Join(", ", _ports.Select(range => range is (0, 65535) ? "*" : range.From == range.To ? range.From.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{range.From}-{range.To}")));

    /// <summary>The inbound rules of a group that let somebody of the Internet in to a port (null: to every port), the ones without effect left out.</summary>
    public static IEnumerable<NetworkRule> Open(AzureResource group, int? port)
    {
        var rules = group.Properties.Objects("securityRules").Select(rule => new NetworkRule(rule)).Where(rule => rule.IsInbound).OrderBy(rule => rule.Priority).ToList();
        return rules.Where(rule =>
            rule.Allows && rule.IsFromInternet && rule.Covers(port)
            && !rules.Any(deny => !deny.Allows && deny.Priority < rule.Priority && deny.Stops(rule, port)));
    }

    // Only a rule that surely stops all of it counts: one for 0.0.0.0/0 says nothing of IPv6.
    private bool Stops(NetworkRule allow, int? port) =>
        Sources.Any(source => Everywhere.Any(source.Is))
        && IsToEverything
        && (Protocol == "*" || Protocol.Is(allow.Protocol) || (Protocol.Is("Tcp") && port is not null and not NetworkChecks.Rdp))
        && Covers(port);

    // PostgreSQL and SSH speak TCP, RDP both.
    private bool Covers(int? port) => port is { } number
        ? (Protocol == "*" || Protocol.Is("Tcp") || (number == NetworkChecks.Rdp && Protocol.Is("Udp"))) && _ports.Any(range => range.From <= number && number <= range.To)
        : (Protocol == "*" || Protocol.Is("Tcp") || Protocol.Is("Udp")) && _ports.Any(range => range.From <= 1 && range.To >= 65535);

    private static bool FromInternet(string prefix) => Everywhere.Any(prefix.Is)
        || (prefix.Split('/') is [var address, var length]
            && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && IPAddress.TryParse(address, out _)
            && bits <= InternetPrefix && !(address.StartsWith("fc", StringComparison.OrdinalIgnoreCase) && bits == InternetPrefix));

    private static (int From, int To) Ports(string range) => range == "*" ? (0, 65535)
        : range.Split('-') is [var from, .. var rest] && rest.Length <= 1 && Port(from) is { } first && Port(rest is [var to] ? to : from) is { } last ? (first, last)
        : throw Undocumented();

    private static int? Port(string text) => int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    private static IEnumerable<string> Several(JsonElement properties, string one, string many) =>
        properties.Text(one) is { Length: > 0 } single ? properties.Texts(many).Prepend(single) : properties.Texts(many);

    private static AzureGapException Undocumented() => new(AzureGap.Undocumented("a rule of a network security group"));
}
