using System.Net;

namespace Maintenance.Engine.Security.Checks;

/// <summary>Encryption on the way: what the server offers, and what this session got.</summary>
internal static class TlsChecks
{
    private static readonly string[] Encryption = ["Art. 32(1)(a)"];

    // Parts of an OpenSSL cipher list that bring in what is broken, unless something takes it out again.
    private static readonly string[] Weak = ["NULL", "ANULL", "ENULL", "EXP", "EXPORT", "LOW", "RC4", "DES", "3DES", "MD5", "ADH", "AECDH", "COMPLEMENTOFALL", "ALL", "SEED", "IDEA"];

    // With ssl on and no key the server would not start again: the server says so at the reload, and keeps running.
    private const string TlsOn = "-- Only once ssl_cert_file and ssl_key_file are in place.\nALTER SYSTEM SET ssl = on; SELECT pg_reload_conf();";

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        new("DBSEC-TLS-OFF", "The server offers TLS", FindingSeverity.High, Offered)
        {
            Recommendation = "Give the server a certificate and set ssl = on.",
            Cis = ["6.8"],
            Gdpr = Encryption,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-TLS-PROTOCOL", "Protocols older than TLS 1.2 are refused", FindingSeverity.High, Protocol)
        {
            Recommendation = "Set ssl_min_protocol_version to TLSv1.2 or TLSv1.3.",
            Cis = ["6.8"],
            Gdpr = Encryption,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-TLS-CIPHERS", "Weak ciphers are refused", FindingSeverity.Medium, Ciphers)
        {
            Recommendation = "Set ssl_ciphers to HIGH:!aNULL:!MD5:!3DES, or a list of your own without broken ones.",
            Cis = ["6.10"],
            Gdpr = Encryption,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-TLS-SESSION", "Nobody can listen in on this session", FindingSeverity.High, Session)
        {
            Recommendation = "Connect with sslMode Require or stricter; VerifyFull also proves that it is the right server.",
            Cis = ["6.8"],
            Gdpr = Encryption,
            Scope = SecurityScope.Server,
        },
    ];

    private static CheckResult Offered(AuditFacts facts) => Setting(facts, "ssl", value => value == "on" ? null
        : IsOnItsOwn(facts) ? new Fault("ssl", "The server offers no TLS. It listens to its own machine alone, so that nobody else can listen in for now.") { Severity = FindingSeverity.Low, FixSql = TlsOn }
        : new Fault("ssl", "The server offers no TLS: what is said to it over a network can be read.") { FixSql = TlsOn });

    // Nobody comes over a network: sockets and loopback addresses only.
    private static bool IsOnItsOwn(AuditFacts facts) => facts.Settings.GetValueOrDefault("listen_addresses")?.Value is { } addresses
        && addresses.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .All(address => address == "localhost" || (IPAddress.TryParse(address, out var parsed) && IPAddress.IsLoopback(parsed)));

    private static CheckResult Protocol(AuditFacts facts) => Setting(facts, "ssl_min_protocol_version", value => value is "TLSv1.2" or "TLSv1.3" ? null
        : new Fault("ssl_min_protocol_version", $"The server takes {(string.IsNullOrEmpty(value) ? "every protocol" : value)} too.")
        {
            FixSql = "ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.2'; SELECT pg_reload_conf();",
        });

    private static CheckResult Ciphers(AuditFacts facts) => Setting(facts, "ssl_ciphers", value =>
    {
        var weak = WeakParts(value ?? "");
        return weak.Count == 0 ? null : new Fault("ssl_ciphers", $"The list of ciphers lets weak ones in: {string.Join(", ", weak)}.")
        {
            Evidence = new Dictionary<string, object?> { ["Value"] = value },
            FixSql = "ALTER SYSTEM SET ssl_ciphers = 'HIGH:!aNULL:!MD5:!3DES'; SELECT pg_reload_conf();",
        };
    });

    /// <summary>Parts of a cipher list that add weak ciphers and are not excluded in it for good. A build without TLS has no list.</summary>
    internal static IReadOnlyList<string> WeakParts(string list)
    {
        var parts = list.Split([':', ',', ' '], StringSplitOptions.RemoveEmptyEntries);
        var excluded = parts.Where(part => part[0] == '!').Select(part => part[1..].ToUpperInvariant()).ToHashSet(StringComparer.Ordinal);
        return [.. parts
            .Where(part => part[0] is not ('!' or '-' or '@'))
            .Where(part => part.TrimStart('+').ToUpperInvariant().Split('+', '-').Any(word => Weak.Contains(word) && !excluded.Contains(word)))
            .Where(part => part[0] != '+')];
    }

    private static CheckResult Session(AuditFacts facts)
    {
        if (facts.Server.SessionEncrypted)
        {
            return facts.Server.SessionProtocol is "SSLv3" or "TLSv1" or "TLSv1.1"
                ? CheckResult.Of([Fault(facts, $"This session is encrypted with {facts.Server.SessionProtocol}, which is broken.")])
                : !IsLocal(facts) && facts.Connection.SslMode is not (DatabaseSslMode.VerifyCA or DatabaseSslMode.VerifyFull)
                    ? CheckResult.Of([Fault(facts, "This session is encrypted, but nobody asked whether it is the right server: who stands between could read it.") with { Severity = FindingSeverity.Low }])
                    : new CheckResult { Note = $"{facts.Server.SessionProtocol}, {facts.Server.SessionCipher}" };
        }

        return facts.Server.ServerAddress is null ? new CheckResult { Note = "it came over a socket of the server's machine" }
            : IsLocal(facts) ? new CheckResult { Note = "it is not encrypted, and never leaves the machine" }
            : CheckResult.Of([Fault(facts, "This session is not encrypted, and came over a network.")]);
    }

    private static bool IsLocal(AuditFacts facts) => facts.Server.ServerAddress is not { } server || (IPAddress.TryParse(server.Split('/')[0], out var address) && IPAddress.IsLoopback(address));

    private static Fault Fault(AuditFacts facts, string message) => new("this session", message)
    {
        Evidence = new Dictionary<string, object?> { ["Protocol"] = facts.Server.SessionProtocol, ["Cipher"] = facts.Server.SessionCipher, ["SslMode"] = facts.Connection.SslMode.ToString() },
    };

    private static CheckResult Setting(AuditFacts facts, string name, Func<string?, Fault?> judge) => SettingCheck.Judge(facts, name, judge);
}
