using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Tests.Configuration;

public sealed class TargetFactoryTests
{
    private static readonly PartialTarget Nothing = new();

    /// <summary>Each setting of a database, with a value that three sources can differ in.</summary>
    public static TheoryData<string> DatabaseSettingNames =>
        ["Host", "Port", "Database", "Username", "Password", "SslMode", "RootCertificate", "ConnectTimeout"];

    [Theory]
    [MemberData(nameof(DatabaseSettingNames))]
    public void Each_setting_is_taken_from_the_first_source_that_has_it(string setting)
    {
        var (parameter, file, environment) = (With(setting, 1), With(setting, 2), With(setting, 3));
        var address = new PartialTarget { Database = new PartialDatabase { Host = "h" } };
        Assert.Equal(Value(setting, 1), Read(Create(parameter, file, environment), setting));
        Assert.Equal(Value(setting, 2), Read(Create(Nothing, file, environment), setting));
        Assert.Equal(Value(setting, 3), Read(Create(Nothing, setting == "Host" ? Nothing : address, environment), setting));
        Assert.Equal(Value(setting, 1), Read(Create(parameter, Nothing, environment), setting));
    }

    [Fact]
    public void Settings_of_several_sources_come_together()
    {
        var target = Create(
            new PartialTarget { Database = new PartialDatabase { Host = "p" } },
            new PartialTarget { Database = new PartialDatabase { Host = "f", Port = 2 } },
            new PartialTarget { Database = new PartialDatabase { Host = "e", Port = 3, Username = "e" } });
        Assert.Equal(new DatabaseSettings { Host = "p", Port = 2, Username = "e" }, target.Database);
    }

    [Fact]
    public void What_nobody_says_has_its_usual_value()
    {
        var target = Create(Nothing, new PartialTarget { Database = new PartialDatabase() }, Nothing);
        Assert.Equal(new DatabaseSettings(), target.Database);
        Assert.Equal(new HistorySettings(), target.History);
        Assert.Null(target.BackupStore);
        Assert.Null(target.Functions);
    }

    [Fact]
    public void The_environment_makes_no_database_of_a_user_name()
    {
        Assert.Null(Create(Nothing, Nothing, new PartialTarget { Database = new PartialDatabase { Username = "u" } }).Database);
        Assert.NotNull(Create(Nothing, Nothing, new PartialTarget { Database = new PartialDatabase { Host = "h" } }).Database);
    }

    [Fact]
    public void A_connection_string_never_replaces_what_counts_more()
    {
        var fromEnvironment = new PartialTarget { Database = new PartialDatabase { ConnectionString = Secret("E") } };
        Assert.Equal(Secret("E"), Create(Nothing, Nothing, fromEnvironment).Database!.ConnectionString);
        var file = new PartialTarget { Database = new PartialDatabase { Database = "app" } };
        Assert.Null(Create(Nothing, file, fromEnvironment).Database!.ConnectionString);
    }

    [Fact]
    public void A_connection_string_replaces_what_counts_less()
    {
        var target = Create(
            new PartialTarget { Database = new PartialDatabase { ConnectionString = Secret("P") } },
            new PartialTarget { Database = new PartialDatabase { Host = "h", Password = Secret("F"), ConnectTimeout = TimeSpan.FromSeconds(9) } },
            Nothing);
        Assert.Equal(new DatabaseSettings { ConnectionString = Secret("P"), ConnectTimeout = TimeSpan.FromSeconds(9) }, target.Database);
    }

    [Fact]
    public void A_parameter_that_a_connection_string_would_swallow_is_refused()
    {
        var file = new PartialTarget { Database = new PartialDatabase { ConnectionString = Secret("F") } };
        var exception = Assert.Throws<MaintenanceException>(
            () => Create(new PartialTarget { Database = new PartialDatabase { Database = "other" } }, file, Nothing));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, exception.Code);
        Assert.Equal(
            new DatabaseSettings { Host = "h" },
            Create(new PartialTarget { Database = new PartialDatabase { Host = "h" } }, file, Nothing).Database);
    }

    [Fact]
    public void A_connection_string_and_single_parameters_contradict_each_other() => Assert.Equal(
        MaintenanceErrorCode.InvalidArgument,
        Assert.Throws<MaintenanceException>(() => Create(
            new PartialTarget { Database = new PartialDatabase { ConnectionString = Secret("P"), Port = 1 } }, Nothing, Nothing)).Code);

    [Fact]
    public void The_storage_account_of_the_environment_has_the_guides_containers()
    {
        var target = Create(Nothing, Nothing, Environment(new PartialStore { AccountName = "acc", AccountKey = Secret("K") }));
        Assert.Equal(
            new StoreSettings { AccountName = "acc", AccountKey = Secret("K"), Container = "disaster-recovery", Prefix = "database-backups/" },
            target.BackupStore);
        Assert.Equal(new StoreSettings { AccountName = "acc", AccountKey = Secret("K"), Container = "maintenance-logs" }, target.ArtifactStore);
    }

    [Fact]
    public void A_container_of_ones_own_has_no_folder_of_the_guides()
    {
        var target = Create(Nothing, File(new PartialStore { Container = "mine" }), Environment(new PartialStore { AccountName = "acc" }));
        Assert.Equal(new StoreSettings { AccountName = "acc", Container = "mine" }, target.BackupStore);
    }

    [Fact]
    public void A_folder_takes_nothing_from_a_storage_account()
    {
        var target = Create(
            Nothing, File(new PartialStore { Path = "/backups" }), Environment(new PartialStore { AccountName = "acc", AccountKey = Secret("K") }));
        Assert.Equal(new StoreSettings { Path = "/backups" }, target.BackupStore);
    }

    [Fact]
    public void A_storage_account_given_as_a_parameter_replaces_the_files_folder()
    {
        var target = Create(
            File(new PartialStore { AccountName = "acc" }), File(new PartialStore { Path = "/backups", MaximumAge = TimeSpan.FromHours(6) }), Nothing);
        Assert.Equal(
            new StoreSettings { AccountName = "acc", Container = "disaster-recovery", Prefix = "database-backups/", MaximumAge = TimeSpan.FromHours(6) },
            target.BackupStore);
    }

    [Fact]
    public void An_age_alone_goes_with_the_place_that_another_source_names()
    {
        var file = File(new PartialStore { MaximumAge = TimeSpan.FromHours(6) });
        Assert.Equal("acc", Create(Nothing, file, Environment(new PartialStore { AccountName = "acc" })).BackupStore!.AccountName);
        Assert.Equal(TimeSpan.FromHours(6), Create(Nothing, file, Environment(new PartialStore { AccountName = "acc" })).BackupStore!.MaximumAge);
        Assert.Equal(new StoreSettings { Path = "/p", MaximumAge = TimeSpan.FromHours(6) }, Create(File(new PartialStore { Path = "/p" }), file, Nothing).BackupStore);
        Assert.Null(Create(Nothing, file, Nothing).BackupStore);
    }

    [Theory]
    [InlineData("acc", true)]
    [InlineData("other", false)]
    public void A_key_goes_to_its_own_account_only(string account, bool goes)
    {
        var target = Create(Nothing, File(new PartialStore { AccountName = account }), Environment(new PartialStore { AccountName = "acc", AccountKey = Secret("K") }));
        Assert.Equal(account, target.BackupStore!.AccountName);
        Assert.Equal(goes ? Secret("K") : null, target.BackupStore.AccountKey);
    }

    [Fact]
    public void A_connection_string_of_the_environment_does_not_turn_the_file_to_another_account()
    {
        var target = Create(Nothing, File(new PartialStore { AccountName = "acc" }), Environment(new PartialStore { ConnectionString = Secret("C") }));
        Assert.Equal("acc", target.BackupStore!.AccountName);
        Assert.Null(target.BackupStore.ConnectionString);
    }

    [Fact]
    public void Credentials_are_not_mixed()
    {
        var target = Create(
            Nothing,
            File(new PartialStore { AccountName = "acc", SasToken = Secret("S") }),
            Environment(new PartialStore { AccountName = "acc", AccountKey = Secret("K") }));
        Assert.Equal((Secret("S"), null), (target.BackupStore!.SasToken, target.BackupStore.AccountKey));
    }

    [Theory]
    [InlineData("https://a.example/functions/v1", true)]
    [InlineData("https://b.example/functions/v1", false)]
    public void A_token_goes_to_its_own_project_only(string address, bool goes)
    {
        var environment = new PartialTarget { Functions = new PartialFunctions { BaseUri = new Uri("https://a.example/functions/v1"), BearerToken = Secret("T") } };
        var target = Create(Nothing, new PartialTarget { Functions = new PartialFunctions { BaseUri = new Uri(address) } }, environment);
        Assert.Equal(goes ? Secret("T") : null, target.Functions!.BearerToken);
    }

    [Fact]
    public void Channels_are_taken_one_by_one()
    {
        static PartialTarget Channels(params (string Name, string Secret)[] channels) => new()
        {
            Channels = channels.ToDictionary(channel => channel.Name, channel => new ChannelSettings { Webhook = Secret(channel.Secret) }),
        };

        var target = Create(Nothing, Channels(("Default", "F")), Channels(("Default", "E"), ("Security", "E")));
        Assert.Equal(["F", "E"], new[] { "default", "security" }.Select(name => target.Channels[name].Webhook.Name));
    }

    private static MaintenanceTarget Create(PartialTarget parameters, PartialTarget file, PartialTarget environment) =>
        TargetFactory.Create("t", "test", parameters, file, environment);

    private static PartialTarget File(PartialStore store) => new() { BackupStore = store };

    private static PartialTarget Environment(PartialStore store) => new() { BackupStore = store, ArtifactStore = store };

    private static SecretReference Secret(string name) => SecretReference.FromEnvironment(name);

    private static PartialTarget With(string setting, int source)
    {
        var database = new PartialDatabase();
        typeof(PartialDatabase).GetProperty(setting)!.SetValue(database, Value(setting, source));
        return new PartialTarget { Database = database };
    }

    private static object Value(string setting, int source) => setting switch
    {
        "Port" => 1000 + source,
        "Password" => Secret($"S{source}"),
        "SslMode" => (DatabaseSslMode)source,
        "ConnectTimeout" => TimeSpan.FromMinutes(source),
        _ => $"{setting}{source}",
    };

    private static object? Read(MaintenanceTarget target, string setting) => typeof(DatabaseSettings).GetProperty(setting)!.GetValue(target.Database);
}
