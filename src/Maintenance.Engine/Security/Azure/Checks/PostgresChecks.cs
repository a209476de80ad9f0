using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Maintenance.Engine.Security.Azure.Checks;

/// <summary>Azure Database for PostgreSQL, flexible servers.</summary>
internal static class PostgresChecks
{
    /// <summary>Azure keeps seven days unless told otherwise, which a fault found after a holiday outlives.</summary>
    private const int BackupDays = 14;

    /// <summary>A rule with this many addresses names no network of one's own.</summary>
    private const long ManyAddresses = 1L << 24;

    public static IReadOnlyList<AzureCheck> All { get; } =
    [
        new("AZURE-PG-PUBLIC", "PostgreSQL servers have no public endpoint", FindingSeverity.Medium, AzureKind.PostgresServer, Public)
        {
            Recommendation = "Use private endpoints and turn public access off, or keep the firewall's rules few and narrow.",
        },
        new("AZURE-PG-PRIVATE-NETWORK", "PostgreSQL servers are reached through a private network", FindingSeverity.Low, AzureKind.PostgresServer, PrivateNetwork)
        {
            Recommendation = "Make a private endpoint in the network of those who use the server.",
        },
        new("AZURE-PG-FIREWALL-ANYWHERE", "Firewalls of PostgreSQL servers name networks", FindingSeverity.Critical, AzureKind.PostgresServer, Anywhere)
        {
            Recommendation = "Remove the rule, and name the addresses that need the server.",
        },
        new("AZURE-PG-FIREWALL-AZURE", "PostgreSQL servers do not let in all of Azure", FindingSeverity.Medium, AzureKind.PostgresServer, AllOfAzure)
        {
            Recommendation = "The rule lets in every customer of Azure. Remove it, and use a private endpoint or the addresses of your own services.",
        },
        new("AZURE-PG-TLS", "PostgreSQL servers refuse connections without TLS", FindingSeverity.High, AzureKind.PostgresServer, Tls)
        {
            Recommendation = "Set require_secure_transport to on.",
        },
        new("AZURE-PG-TLS-VERSION", "PostgreSQL servers refuse protocols older than TLS 1.2", FindingSeverity.Medium, AzureKind.PostgresServer, TlsVersion)
        {
            Recommendation = "Set ssl_min_protocol_version to TLSv1.2.",
        },
        new("AZURE-PG-ENTRA", "People and programs log in to PostgreSQL servers with their Entra identity", FindingSeverity.Low, AzureKind.PostgresServer, Entra)
        {
            Recommendation = "Turn Microsoft Entra authentication on and make roles for identities; then passwords can go.",
        },
        new("AZURE-PG-BACKUP-DAYS", "Backups of PostgreSQL servers are kept for two weeks", FindingSeverity.Low, AzureKind.PostgresServer, Backups)
        {
            Recommendation = "Keep them for as long as a fault may stay unseen, 35 days at most.",
        },
        new("AZURE-PG-BACKUP-GEO", "Backups of PostgreSQL servers outlive the loss of a region", FindingSeverity.Low, AzureKind.PostgresServer, Geo)
        {
            Recommendation = "Geo-redundancy can be chosen only when a server is made; until then keep dumps in another region (New-DatabaseBackup).",
        },
        new("AZURE-PG-HA", "PostgreSQL servers outlive the loss of a machine", FindingSeverity.Low, AzureKind.PostgresServer, Availability)
        {
            Recommendation = "Turn zone-redundant high availability on, unless an outage of the length of a restore is acceptable.",
        },
    ];

    private static IEnumerable<AzureFault> Public(AzureResource server) => IsPublic(server)
        ? [new(server.Subject, $"The PostgreSQL server {server.Subject} has a public endpoint.")
        {
            Evidence = new Dictionary<string, object?> { ["PublicNetworkAccess"] = server.Properties.Text("network.publicNetworkAccess") ?? "not set" },
            Command = Update(server, "--public-access Disabled"),
        }]
        : [];

    private static IEnumerable<AzureFault> PrivateNetwork(AzureResource server) => !IsInjected(server) && PrivateEndpoints.Approved(server.Properties) == 0
        ? [new(server.Subject, $"The PostgreSQL server {server.Subject} lies in no private network and has no approved private endpoint.")]
        : [];

    private static IEnumerable<AzureFault> Anywhere(AzureResource server)
    {
        foreach (var (name, from, to) in Rules(server))
        {
            var count = (long)to - from + 1;
            if (count >= ManyAddresses)
            {
                yield return new AzureFault($"{server.Subject}/{name}", $"The rule {name} of the PostgreSQL server {server.Subject} lets in {(count == 1L << 32 ? "every address" : "great parts of the Internet")}.")
                {
                    Severity = count >= 1L << 31 ? FindingSeverity.Critical : FindingSeverity.High,
                    Evidence = new Dictionary<string, object?> { ["From"] = Text(from), ["To"] = Text(to), ["Addresses"] = count },
                    Command = Remove(server, name),
                };
            }
        }
    }

    private static IEnumerable<AzureFault> AllOfAzure(AzureResource server) => Rules(server)
        .Where(rule => rule is { From: 0, To: 0 })
        .Select(rule => new AzureFault($"{server.Subject}/{rule.Name}", $"The rule {rule.Name} of the PostgreSQL server {server.Subject} lets in whatever runs in Azure, of whomever.")
        {
            Evidence = new Dictionary<string, object?> { ["From"] = "0.0.0.0", ["To"] = "0.0.0.0" },
            Command = Remove(server, rule.Name),
        });

    private static IEnumerable<AzureFault> Tls(AzureResource server) => Value(server, AzureQueries.SecureTransport) is var value && !value.Is("on")
        ? value.Is("off")
            ? [new(server.Subject, $"The PostgreSQL server {server.Subject} accepts connections without TLS.")
            {
                Evidence = new Dictionary<string, object?> { [AzureQueries.SecureTransport] = value },
                Command = Set(server, AzureQueries.SecureTransport, "on"),
            }]
            : throw new AzureGapException(AzureGap.Undocumented($"the value of {AzureQueries.SecureTransport}"))
        : [];

    private static IEnumerable<AzureFault> TlsVersion(AzureResource server) => Value(server, AzureQueries.TlsVersion) is var value && !value.Is("TLSv1.2") && !value.Is("TLSv1.3")
        ? [new(server.Subject, $"The PostgreSQL server {server.Subject} accepts protocols older than TLS 1.2.")
        {
            Evidence = new Dictionary<string, object?> { [AzureQueries.TlsVersion] = value },
            Command = Set(server, AzureQueries.TlsVersion, "TLSv1.2"),
        }]
        : [];

    private static IEnumerable<AzureFault> Entra(AzureResource server) => !server.Properties.Text("authConfig.activeDirectoryAuth").Is("Enabled")
        ? [new(server.Subject, $"Whoever logs in to the PostgreSQL server {server.Subject} does so with a password.")
        {
            Evidence = new Dictionary<string, object?> { ["ActiveDirectoryAuth"] = server.Properties.Text("authConfig.activeDirectoryAuth") ?? "not set" },
        }]
        : [];

    private static IEnumerable<AzureFault> Backups(AzureResource server)
    {
        var days = server.Properties.Number("backup.backupRetentionDays") ?? throw new AzureGapException(AzureGap.Undocumented("the property backup.backupRetentionDays"));
        return days < BackupDays
            ? [new(server.Subject, string.Create(CultureInfo.InvariantCulture, $"Backups of the PostgreSQL server {server.Subject} are kept for {days} days."))
            {
                Evidence = new Dictionary<string, object?> { ["BackupRetentionDays"] = days },
                Command = Update(server, "--backup-retention 14"),
            }]
            : [];
    }

    private static IEnumerable<AzureFault> Geo(AzureResource server) => !server.Properties.Text("backup.geoRedundantBackup").Is("Enabled")
        ? [new(server.Subject, $"Backups of the PostgreSQL server {server.Subject} lie in its own region alone.")
        {
            Evidence = new Dictionary<string, object?> { ["GeoRedundantBackup"] = server.Properties.Text("backup.geoRedundantBackup") ?? "not set" },
        }]
        : [];

    // A replica cannot have a standby of its own.
    private static IEnumerable<AzureFault> Availability(AzureResource server) =>
        !(server.Properties.Text("replicationRole") is { } role && role.EndsWith("Replica", StringComparison.OrdinalIgnoreCase))
        && server.Properties.Text("highAvailability.mode") is var mode && !mode.Is("ZoneRedundant") && !mode.Is("SameZone")
            ? [new(server.Subject, $"The PostgreSQL server {server.Subject} has no standby.")
            {
                Evidence = new Dictionary<string, object?> { ["HighAvailability"] = mode ?? "not set" },
            }]
            : [];

    /// <summary>It lies in a network of the customer's; then it has no firewall of its own.</summary>
    private static bool IsInjected(AzureResource server) => server.Properties.Text("network.delegatedSubnetResourceId") is { Length: > 0 };

    private static bool IsPublic(AzureResource server) => !IsInjected(server) && !server.Properties.Text("network.publicNetworkAccess").Is("Disabled");

    private static IEnumerable<(string Name, uint From, uint To)> Rules(AzureResource server) => !IsPublic(server) ? [] : server.Detail(AzureQueries.FirewallRules).Select(rule =>
        (rule.Text("name") ?? "without a name", Address(rule.Text("properties.startIpAddress")), Address(rule.Text("properties.endIpAddress"))));

    private static uint Address(string? text) => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork
        ? BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes())
        : throw new AzureGapException(AzureGap.Undocumented("a firewall rule"));

    private static string Text(uint address)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new IPAddress(bytes).ToString();
    }

    private static string Value(AzureResource server, string name) =>
        server.One(name).Text("properties.value") ?? throw new AzureGapException(AzureGap.Undocumented($"the value of {name}"));

    private static string? Update(AzureResource server, string change) => AzCommand.For(server, "postgres flexible-server update", change);

    private static string? Set(AzureResource server, string name, string value) => AzCommand.Of(
        "az postgres flexible-server parameter set --server-name '{0}' --resource-group '{1}' --name {2} --value {3}", server.Name, server.Group, name, value);

    private static string? Remove(AzureResource server, string rule) => AzCommand.Of(
        "az postgres flexible-server firewall-rule delete --name '{0}' --resource-group '{1}' --rule-name '{2}'", server.Name, server.Group, rule);
}
