using Maintenance.Engine.Configuration;
using Npgsql;

namespace Maintenance.Engine.Database;

/// <summary>Makes Npgsql's connection string out of a target's settings and its secret.</summary>
internal static class ConnectionStrings
{
    /// <summary>Looks the secrets up and builds the string. The result is a secret itself: it goes to Npgsql and nowhere else.</summary>
    public static async Task<string> BuildAsync(DatabaseSettings settings, ISecretVault vault, CancellationToken cancellationToken)
    {
        var builder = settings.ConnectionString is { } reference
            ? Parse(await Secrets.ReadAsync(reference, vault, cancellationToken), reference)
            : new NpgsqlConnectionStringBuilder
            {
                Host = settings.Host,
                Port = settings.Port,
                Database = settings.Database,
                Username = settings.Username,
                SslMode = Enum.Parse<SslMode>(settings.SslMode.ToString()),
                RootCertificate = settings.RootCertificate,
            };

        if (settings.ConnectionString is null && settings.Password is { } password)
        {
            builder.Password = await Secrets.ReadAsync(password, vault, cancellationToken);
        }

        builder.Timeout = Math.Max(1, (int)Math.Ceiling(settings.ConnectTimeout.TotalSeconds));
        // Time limits are the server's (statement_timeout) and the caller's (a token); the driver's own would cut both short.
        builder.CommandTimeout = 0;
        // How long Npgsql waits for the server to confirm a cancellation before it gives the connection up.
        builder.CancellationTimeout = 2000;
        builder.MaxPoolSize = 16;
        builder.ApplicationName = "Maintenance";
        builder.PersistSecurityInfo = false;
        builder.IncludeErrorDetail = false;
        return builder.ConnectionString;
    }

    private static NpgsqlConnectionStringBuilder Parse(string text, SecretReference reference)
    {
        try
        {
            return text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase)
                || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)
                ? FromUri(new Uri(text))
                : FromKeywords(text);
        }
        catch (Exception exception) when (exception is ArgumentException or UriFormatException or FormatException)
        {
            // Neither the text nor the parser's words may be shown: both can hold the password.
            throw new MaintenanceException(
                MaintenanceErrorCode.ConfigurationInvalid,
                $"The connection string in {reference} cannot be understood.",
                "Use postgres://user:password@host:port/database or Npgsql's Key=Value form.");
        }
    }

    private static NpgsqlConnectionStringBuilder FromKeywords(string text)
    {
        var builder = new NpgsqlConnectionStringBuilder(text);
        return string.IsNullOrEmpty(builder.Host) ? throw new FormatException() : builder;
    }

    private static NpgsqlConnectionStringBuilder FromUri(Uri uri)
    {
        // A password with an unescaped slash, at sign or number sign: parts of it would pass for a host or a database, and be shown.
        if (uri.AbsolutePath.Contains('@', StringComparison.Ordinal) || uri.Query.Contains('@', StringComparison.Ordinal) || uri.Fragment.Length > 0 || uri.Host.Length == 0)
        {
            throw new FormatException();
        }

        var user = uri.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port > 0 ? uri.Port : 5432,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')) is { Length: > 0 } name ? name : "postgres",
            Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : "postgres",
        };
        if (user.Length > 1)
        {
            builder.Password = Uri.UnescapeDataString(user[1]);
        }

        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            var value = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
            switch (parts[0])
            {
                case "sslmode":
                    builder.SslMode = Enum.Parse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
                    break;
                case "sslrootcert":
                    builder.RootCertificate = value;
                    break;
                case "options" or "application_name" or "connect_timeout" or "pgbouncer" or "connection_limit":
                    // Other drivers' settings that ours replaces.
                    break;
                default:
                    throw new FormatException();
            }
        }

        return builder;
    }
}
