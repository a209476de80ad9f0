using System.Net;

namespace Maintenance.Engine.Security;

/// <summary>A line of pg_hba.conf, as the server read it.</summary>
internal sealed record HbaRule
{
    public int LineNumber { get; init; }

    public string? FileName { get; init; }

    public string? Type { get; init; }

    public IReadOnlyList<string>? Database { get; init; }

    public IReadOnlyList<string>? UserName { get; init; }

    public string? Address { get; init; }

    public string? Netmask { get; init; }

    public string? AuthMethod { get; init; }

    public IReadOnlyList<string>? Options { get; init; }

    public string? Error { get; init; }

    /// <summary>The server could not read it. A rule that it read and that cannot match for now, such as hostssl without TLS, has an error too.</summary>
    public bool IsUnreadable => Error is not null && Type is null;

    /// <summary>It lets somebody in.</summary>
    public bool Admits => Error is null && AuthMethod is not null and not "reject";

    public bool IsNetwork => Type is not null and not "local";

    /// <summary>Only programs on the server's own machine come through it.</summary>
    public bool IsLoopback => Address is "samehost" or "localhost" || (IPAddress.TryParse(Address, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Anybody in the world who reaches the port, by the rule's address.</summary>
    public bool IsAnywhere => Address == "all" || (Address is "0.0.0.0" or "::" && (Netmask is "0.0.0.0" or "::"));

    public bool IsForAll => Database?.Contains("all") == true && UserName?.Contains("all") == true;

    /// <summary>A client certificate is asked for, which takes TLS.</summary>
    public bool AsksForCertificate => AuthMethod == "cert" || Options?.Any(option => option.StartsWith("clientcert=", StringComparison.Ordinal)) == true;

    /// <summary>Where it stands.</summary>
    public string Place => FileName is { } file ? $"{Path.GetFileName(file)} line {LineNumber}" : $"pg_hba.conf line {LineNumber}";

    /// <summary>The rule without its options, which can hold a password.</summary>
    public string Text => string.Join(' ', new[] { Type, Join(Database), Join(UserName), Address, Netmask, AuthMethod }.Where(part => !string.IsNullOrEmpty(part)));

    private static string? Join(IReadOnlyList<string>? names) => names is null ? null : string.Join(',', names);
}
