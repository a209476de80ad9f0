using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Tests.Configuration;

public sealed class TargetResolverTests
{
    private static readonly PartialTarget Empty = TargetEnvironmentTests.Read();
    private static readonly PartialTarget Environment = TargetEnvironmentTests.Read(("PGHOST", "env-host"), ("PGUSER", "env-user"));
    private static readonly PartialTarget HostParameter = new() { Database = new PartialDatabase { Host = "param-host" } };

    [Fact]
    public void No_name_means_the_default_target() => Assert.Equal("b", Assert.Single(Resolve(new() { CurrentFolder = "/" }, File("b", "a", "b"))).Name);

    [Fact]
    public void No_name_means_the_only_target() => Assert.Equal("a", Assert.Single(Resolve(new() { CurrentFolder = "/" }, File(null, "a"))).Name);

    [Fact]
    public void No_name_and_no_default_is_an_error_that_names_the_targets()
    {
        var exception = Fails(new() { CurrentFolder = "/" }, File(null, "a", "b"));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, exception.Code);
        Assert.Contains("a, b", exception.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Upper_and_lower_case_make_no_difference_and_the_files_spelling_counts() =>
        Assert.Equal("Prod", Assert.Single(Resolve(new() { CurrentFolder = "/", Name = "PROD" }, File(null, "Prod", "b"))).Name);

    [Fact]
    public void An_unknown_name_is_an_error_that_says_what_was_probably_meant()
    {
        var exception = Fails(new() { CurrentFolder = "/", Name = "prodution" }, File(null, "production", "staging"));
        Assert.Equal(MaintenanceErrorCode.TargetNotFound, exception.Code);
        Assert.Contains("Did you mean \"production\"?", exception.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void All_means_every_target() =>
        Assert.Equal(["a", "b"], Resolve(new() { CurrentFolder = "/", All = true }, File(null, "a", "b")).Select(target => target.Name));

    [Fact]
    public void A_targets_origin_is_its_file() => Assert.Equal("/m.json", Assert.Single(Resolve(new() { CurrentFolder = "/" }, File(null, "a"))).Origin);

    [Fact]
    public void Without_a_file_the_environment_makes_a_target()
    {
        var target = Assert.Single(Resolve(new() { CurrentFolder = "/" }, null));
        Assert.Equal(("default", "environment", "env-host"), (target.Name, target.Origin, target.Database!.Host));
    }

    [Fact]
    public void Without_a_file_parameters_make_a_target_and_the_environment_fills_it_up()
    {
        var target = Assert.Single(Resolve(new() { CurrentFolder = "/", Name = "mine", Parameters = HostParameter }, null));
        Assert.Equal(("mine", "parameters", "param-host", "env-user"), (target.Name, target.Origin, target.Database!.Host, target.Database.Username));
    }

    [Fact]
    public void A_name_is_never_put_on_whatever_the_environment_points_at() =>
        Assert.Equal(MaintenanceErrorCode.ConfigurationNotFound, Fails(new() { CurrentFolder = "/", Name = "production" }, null).Code);

    [Fact]
    public void All_without_a_file_is_an_error() =>
        Assert.Equal(MaintenanceErrorCode.ConfigurationNotFound, Fails(new() { CurrentFolder = "/", All = true }, null).Code);

    [Fact]
    public void Nothing_at_all_is_an_error_that_says_what_to_do()
    {
        var exception = Assert.Throws<MaintenanceException>(() => TargetResolver.Resolve(new() { CurrentFolder = "/" }, null, Empty));
        Assert.Equal(MaintenanceErrorCode.ConfigurationNotFound, exception.Code);
        Assert.Contains("New-MaintenanceConfiguration", exception.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_names_only_a_host_means_no_file()
    {
        Assert.True(TargetResolver.IgnoresFile(new() { CurrentFolder = "/", Parameters = HostParameter }));
        Assert.False(TargetResolver.IgnoresFile(new() { CurrentFolder = "/", Parameters = HostParameter, Name = "a" }));
        Assert.False(TargetResolver.IgnoresFile(new() { CurrentFolder = "/", Parameters = HostParameter, Path = "/m.json" }));
        Assert.False(TargetResolver.IgnoresFile(new() { CurrentFolder = "/", Parameters = new() { Database = new() { Username = "u" } } }));
    }

    [Fact]
    public void A_new_name_with_a_host_needs_no_place_in_the_file_unless_the_file_was_named()
    {
        Assert.Equal("parameters", Assert.Single(Resolve(new() { CurrentFolder = "/", Name = "new", Parameters = HostParameter }, File(null, "a"))).Origin);
        Assert.Equal(
            MaintenanceErrorCode.TargetNotFound,
            Fails(new() { CurrentFolder = "/", Name = "new", Path = "/m.json", Parameters = HostParameter }, File(null, "a")).Code);
    }

    private static IReadOnlyList<MaintenanceTarget> Resolve(TargetRequest request, ConfigurationFile? file) =>
        TargetResolver.Resolve(request, file, Environment);

    private static MaintenanceException Fails(TargetRequest request, ConfigurationFile? file) =>
        Assert.Throws<MaintenanceException>(() => Resolve(request, file));

    private static ConfigurationFile File(string? defaultTarget, params string[] names) => new(
        "/m.json", defaultTarget, names.ToDictionary(name => name, _ => new PartialTarget { Database = new PartialDatabase { Host = "file-host" } }), []);
}
