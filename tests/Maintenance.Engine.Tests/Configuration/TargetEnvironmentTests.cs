using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Tests.Configuration;

public sealed class TargetEnvironmentTests
{
    [Fact]
    public void An_empty_environment_says_nothing()
    {
        var read = Read();
        Assert.Equal(new PartialDatabase(), read.Database);
        Assert.Equal(new PartialFunctions(), read.Functions);
        Assert.Null(read.BackupStore);
        Assert.Null(read.ArtifactStore);
        Assert.Empty(read.Channels!);
        Assert.False(TargetEnvironment.NamesAnything(read));
    }

    [Fact]
    public void PostgreSQLs_variables_describe_a_database()
    {
        var read = Read(
            ("PGHOST", "h"), ("PGPORT", "6000"), ("PGDATABASE", "d"), ("PGUSER", "u"), ("PGPASSWORD", "mArKeR"),
            ("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", "/ca.crt"), ("PGCONNECT_TIMEOUT", "7"));
        Assert.Equal(
            new PartialDatabase
            {
                Host = "h",
                Port = 6000,
                Database = "d",
                Username = "u",
                Password = SecretReference.FromEnvironment("PGPASSWORD"),
                SslMode = DatabaseSslMode.VerifyFull,
                RootCertificate = "/ca.crt",
                ConnectTimeout = TimeSpan.FromSeconds(7),
            },
            read.Database);
        Assert.True(TargetEnvironment.NamesAnything(read));
        Assert.DoesNotContain("mArKeR", read.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("disable", DatabaseSslMode.Disable)]
    [InlineData("allow", DatabaseSslMode.Prefer)]
    [InlineData("prefer", DatabaseSslMode.Prefer)]
    [InlineData("require", DatabaseSslMode.Require)]
    [InlineData("verify-ca", DatabaseSslMode.VerifyCA)]
    [InlineData("verify-full", DatabaseSslMode.VerifyFull)]
    public void Ssl_modes_have_libpqs_names(string text, DatabaseSslMode expected) =>
        Assert.Equal(expected, Read(("PGSSLMODE", text)).Database!.SslMode);

    [Fact]
    public void A_user_name_alone_is_no_target() => Assert.False(TargetEnvironment.NamesAnything(Read(("PGUSER", "u"), ("PGPASSWORD", "p"))));

    [Fact]
    public void No_limit_of_libpq_is_our_usual_limit() => Assert.Null(Read(("PGCONNECT_TIMEOUT", "0")).Database!.ConnectTimeout);

    [Fact]
    public void Supabases_connection_string_counts_where_no_host_is_named()
    {
        var reference = SecretReference.FromEnvironment("SUPABASE_DB_URL");
        Assert.Equal(reference, Read(("SUPABASE_DB_URL", "x")).Database!.ConnectionString);
        Assert.Null(Read(("SUPABASE_DB_URL", "x"), ("PGHOST", "h")).Database!.ConnectionString);
    }

    [Theory]
    [InlineData("SUPABASE_URL", "https://abc.supabase.co", "https://abc.supabase.co/functions/v1")]
    [InlineData("SUPABASE_URL", "http://127.0.0.1:54321/", "http://127.0.0.1:54321/functions/v1")]
    [InlineData("SUPABASE_PROJECT_REF", "abc", "https://abc.supabase.co/functions/v1")]
    public void Supabases_variables_describe_functions(string name, string value, string expected)
    {
        var read = Read((name, value), ("SUPABASE_SERVICE_ROLE_KEY", "x"), ("SUPABASE_ANON_KEY", "y"));
        Assert.Equal(
            new PartialFunctions
            {
                BaseUri = new Uri(expected),
                BearerToken = SecretReference.FromEnvironment("SUPABASE_SERVICE_ROLE_KEY"),
                ApiKey = SecretReference.FromEnvironment("SUPABASE_ANON_KEY"),
            },
            read.Functions);
    }

    [Fact]
    public void One_key_serves_as_token_and_as_key()
    {
        var read = Read(("SUPABASE_ANON_KEY", "y"));
        Assert.Equal(SecretReference.FromEnvironment("SUPABASE_ANON_KEY"), read.Functions!.BearerToken);
        Assert.Equal(SecretReference.FromEnvironment("SUPABASE_ANON_KEY"), read.Functions.ApiKey);
    }

    [Theory]
    [InlineData("AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN")]
    [InlineData("AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN")]
    [InlineData("AZURE_STORAGE_SAS_TOKEN")]
    public void The_strongest_credential_of_a_storage_account_is_the_one(params string[] set)
    {
        var store = Read([("AZURE_STORAGE_ACCOUNT", "acc"), .. set.Select(name => (name, "x"))]).BackupStore!;
        var credentials = new[] { store.ConnectionString, store.AccountKey, store.SasToken }.OfType<SecretReference>();
        Assert.Equal("acc", store.AccountName);
        Assert.Equal($"env:{set[0]}", Assert.Single(credentials).ToString());
    }

    [Theory]
    [InlineData("SLACK_WEBHOOK_URL", "Default")]
    [InlineData("SLACK_EMERGENCY_WEBHOOK", "Emergency")]
    [InlineData("SECURITY_SLACK_WEBHOOK", "Security")]
    public void The_guides_webhooks_are_channels(string variable, string channel)
    {
        var (name, settings) = Assert.Single(Read((variable, "https://hooks.example.org/x")).Channels!);
        Assert.Equal((channel, $"env:{variable}"), (name, settings.Webhook.ToString()));
    }

    [Theory]
    [InlineData("PGPORT", "mArKeR")]
    [InlineData("PGPORT", "0")]
    [InlineData("PGPORT", "5432,5433")]
    [InlineData("PGCONNECT_TIMEOUT", "-1")]
    [InlineData("PGSSLMODE", "mArKeR")]
    [InlineData("SUPABASE_URL", "mArKeR")]
    [InlineData("SUPABASE_URL", "https://u:mArKeR@h")]
    [InlineData("SUPABASE_URL", "ftp://mArKeR")]
    [InlineData("SUPABASE_PROJECT_REF", "mArKeR/../x")]
    public void What_cannot_be_understood_names_the_variable_and_not_its_value(string name, string value)
    {
        var exception = Assert.Throws<MaintenanceException>(() => Read((name, value)));
        Assert.Equal(MaintenanceErrorCode.ConfigurationInvalid, exception.Code);
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("mArKeR", exception.Message + exception.Recommendation, StringComparison.Ordinal);
    }

    internal static PartialTarget Read(params (string Name, string Value)[] variables) => TargetEnvironment.Read(
        name => variables.Where(variable => variable.Name == name).Select(variable => variable.Value).FirstOrDefault());
}
