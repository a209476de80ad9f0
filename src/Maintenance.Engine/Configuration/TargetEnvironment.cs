using System.Globalization;

namespace Maintenance.Engine.Configuration;

/// <summary>What the environment says about a target, in the variables that PostgreSQL, Supabase, Azure and the guide use.</summary>
internal static class TargetEnvironment
{
    /// <summary>Reads the environment. Secrets are referred to, not read.</summary>
    /// <param name="variable">The value of a variable; null or empty if it is not set.</param>
    /// <exception cref="MaintenanceException">ConfigurationInvalid, naming the variable but not its value.</exception>
    public static PartialTarget Read(Func<string, string?> variable)
    {
        var environment = new Variables(variable);
        return new PartialTarget
        {
            Database = Database(environment),
            Functions = Functions(environment),
            BackupStore = Store(environment),
            ArtifactStore = Store(environment),
            Channels = Channels(environment),
        };
    }

    /// <summary>True if a target can be made of it alone: it says where something is.</summary>
    public static bool NamesAnything(PartialTarget environment) =>
        NamesDatabase(environment.Database) || environment.Functions?.BaseUri is not null || environment.BackupStore is not null;

    /// <summary>True if it says where a database is; user names and passwords alone do not.</summary>
    public static bool NamesDatabase(PartialDatabase? database) => database is { Host: not null } or { ConnectionString: not null };

    private static PartialDatabase Database(Variables environment)
    {
        var host = environment.Text("PGHOST");
        return new PartialDatabase
        {
            Host = host,
            Port = environment.Number("PGPORT", 1, 65535),
            Database = environment.Text("PGDATABASE"),
            Username = environment.Text("PGUSER"),
            Password = environment.Secret("PGPASSWORD"),
            // Who names a host means that one.
            ConnectionString = host is null ? environment.Secret("SUPABASE_DB_URL") : null,
            SslMode = environment.SslMode("PGSSLMODE"),
            RootCertificate = environment.Text("PGSSLROOTCERT"),
            ConnectTimeout = environment.Number("PGCONNECT_TIMEOUT", 0, 86400) is > 0 and { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
    }

    private static PartialFunctions? Functions(Variables environment)
    {
        var root = environment.Text("SUPABASE_URL") is not null
            ? environment.Address("SUPABASE_URL")
            : environment.ProjectAddress("SUPABASE_PROJECT_REF");
        var serviceRole = environment.Secret("SUPABASE_SERVICE_ROLE_KEY");
        var anonymous = environment.Secret("SUPABASE_ANON_KEY");
        return new PartialFunctions
        {
            BaseUri = root is null ? null : new Uri(root, "functions/v1"),
            BearerToken = serviceRole ?? anonymous,
            ApiKey = anonymous ?? serviceRole,
        };
    }

    private static PartialStore? Store(Variables environment)
    {
        var account = environment.Text("AZURE_STORAGE_ACCOUNT");
        var connectionString = environment.Secret("AZURE_STORAGE_CONNECTION_STRING");
        if (account is null && connectionString is null)
        {
            return null;
        }

        var key = connectionString is null ? environment.Secret("AZURE_STORAGE_KEY") : null;
        return new PartialStore
        {
            AccountName = account,
            ConnectionString = connectionString,
            AccountKey = key,
            SasToken = connectionString is null && key is null ? environment.Secret("AZURE_STORAGE_SAS_TOKEN") : null,
        };
    }

    private static Dictionary<string, ChannelSettings> Channels(Variables environment)
    {
        var channels = new Dictionary<string, ChannelSettings>();
        foreach (var (channel, name) in new[]
        {
            ("Default", "SLACK_WEBHOOK_URL"), ("Emergency", "SLACK_EMERGENCY_WEBHOOK"), ("Security", "SECURITY_SLACK_WEBHOOK"),
        })
        {
            if (environment.Secret(name) is { } webhook)
            {
                channels[channel] = new ChannelSettings { Webhook = webhook };
            }
        }

        return channels;
    }

    private sealed class Variables(Func<string, string?> variable)
    {
        public string? Text(string name) => variable(name) is { Length: > 0 } value ? value : null;

        public SecretReference? Secret(string name) => Text(name) is null ? null : SecretReference.FromEnvironment(name);

        public int? Number(string name, int least, int most) => Text(name) switch
        {
            null => null,
            { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most => number,
            _ => throw Invalid(name, $"a whole number from {least} to {most}"),
        };

        public Uri? Address(string name) => Text(name) switch
        {
            null => null,
            { } text when Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var uri)
                && uri.Scheme is "http" or "https" && uri is { UserInfo: "", Query: "", Fragment: "" } => uri,
            _ => throw Invalid(name, "an http or https address without user name and query"),
        };

        public Uri? ProjectAddress(string name) => Text(name) switch
        {
            null => null,
            { } text when text.All(char.IsAsciiLetterOrDigit) => new Uri($"https://{text}.supabase.co/"),
            _ => throw Invalid(name, "the reference of a Supabase project: letters and digits"),
        };

        // libpq's names. "allow" has no counterpart in the driver; "prefer" is the nearest that is not weaker.
        public DatabaseSslMode? SslMode(string name) => Text(name) switch
        {
            null => null,
            "disable" => DatabaseSslMode.Disable,
            "allow" or "prefer" => DatabaseSslMode.Prefer,
            "require" => DatabaseSslMode.Require,
            "verify-ca" => DatabaseSslMode.VerifyCA,
            "verify-full" => DatabaseSslMode.VerifyFull,
            _ => throw Invalid(name, "one of disable, allow, prefer, require, verify-ca, verify-full"),
        };

        private static MaintenanceException Invalid(string name, string expected) => new(
            MaintenanceErrorCode.ConfigurationInvalid,
            $"The environment variable {name} is not {expected}.",
            $"Correct it, or remove it: Remove-Item Env:{name}");
    }
}
