namespace Maintenance;

/// <summary>How strictly the connection to the server is encrypted. Names and meaning are libpq's.</summary>
public enum DatabaseSslMode
{
    /// <summary>Encrypted if the server can.</summary>
    Prefer = 0,

    /// <summary>Never encrypted.</summary>
    Disable,

    /// <summary>Encrypted, whoever answers.</summary>
    Require,

    /// <summary>Encrypted, and the certificate is of a trusted authority.</summary>
    VerifyCA,

    /// <summary>Encrypted, the certificate is trusted and names this host.</summary>
    VerifyFull,
}

/// <summary>How to reach a target's database.</summary>
public sealed record DatabaseSettings
{
    /// <summary>Host name, address, or folder of the Unix socket. Default <c>localhost</c>.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>Port. Default 5432. Supabase's transaction pooler listens on 6543, which maintenance cannot use.</summary>
    public int Port { get; init; } = 5432;

    /// <summary>Database name. Default <c>postgres</c>.</summary>
    public string Database { get; init; } = "postgres";

    /// <summary>Role to connect as. Default <c>postgres</c>.</summary>
    public string Username { get; init; } = "postgres";

    /// <summary>Where the password is; null to use a password file or none.</summary>
    public SecretReference? Password { get; init; }

    /// <summary>Where a whole connection string or <c>postgres://</c> address is; it wins over the other settings.</summary>
    public SecretReference? ConnectionString { get; init; }

    /// <summary>Encryption. Default <see cref="DatabaseSslMode.Prefer"/>.</summary>
    public DatabaseSslMode SslMode { get; init; }

    /// <summary>File with the certificate of the authority to trust, for VerifyCA and VerifyFull.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>How long one attempt to connect may take. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override string ToString() => ConnectionString is { } reference ? reference.ToString() : $"{Username}@{Host}:{Port}/{Database}";
}
