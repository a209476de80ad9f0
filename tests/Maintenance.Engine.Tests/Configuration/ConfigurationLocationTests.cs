using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Tests.Configuration;

public sealed class ConfigurationLocationTests
{
    private static readonly string Here = Path.GetFullPath("/here");
    private static readonly string Home = Path.GetFullPath("/home");
    private static readonly string InHere = Path.Combine(Here, "maintenance.json");
    private static readonly string InHome = Path.Combine(Home, ".config", "maintenance", "maintenance.json");

    [Fact]
    public void A_named_file_counts_most_and_must_exist() => Assert.Equal(Path.Combine(Here, "x.json"), Find("x.json", "y.json", InHere)!.Path);

    [Fact]
    public void Then_the_variable_counts() => Assert.Equal(Path.Combine(Here, "y.json"), Find(null, "y.json", InHere)!.Path);

    [Fact]
    public void Then_the_current_folder() => Assert.Equal(InHere, Find(null, "", InHere, InHome)!.Path);

    [Fact]
    public void Then_the_users_own() => Assert.Equal(InHome, Find(null, null, InHome)!.Path);

    [Fact]
    public void There_may_be_none() => Assert.Null(Find(null, null));

    private static ConfigurationLocation? Find(string? path, string? variable, params string[] existing) => ConfigurationLocation.Find(
        path, Here, Home, name => name == "MAINTENANCE_CONFIG" ? variable : null, existing.Contains);
}
