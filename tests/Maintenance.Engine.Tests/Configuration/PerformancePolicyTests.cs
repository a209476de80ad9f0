using Maintenance.Engine.Configuration;

namespace Maintenance.EngineTests.Configuration;

public class PerformancePolicyTests
{
    [Fact]
    public async Task A_file_says_how_long_samples_are_kept_and_what_growth_is_compared_with()
    {
        var file = await ReadAsync("""
            "performance": { "slowQuery": "500ms", "baselineWindow": "14d", "keepRawSamples": "3d", "keepHourlySamples": "30d", "keepDailySamples": "730d" },
            "capacity": { "storageLimit": "500GB", "connectionLimit": 200, "dailyBandwidthLimit": "10GB", "projection": "90d" }
            """);
        Assert.Empty(file.Problems);
        Assert.Equal(
            new PerformancePolicy
            {
                SlowQuery = TimeSpan.FromMilliseconds(500),
                BaselineWindow = TimeSpan.FromDays(14),
                KeepRawSamples = TimeSpan.FromDays(3),
                KeepHourlySamples = TimeSpan.FromDays(30),
                KeepDailySamples = TimeSpan.FromDays(730),
            },
            file.Targets["t"].Performance);
        var capacity = file.Targets["t"].Capacity!;
        Assert.Equal((200, TimeSpan.FromDays(90)), (capacity.ConnectionLimit, capacity.Projection));
        Assert.True(capacity.StorageLimit > capacity.DailyBandwidthLimit);
    }

    [Theory]
    [InlineData("""{ "keepRawSamples": "12h" }""", "at least a day")]
    [InlineData("""{ "keepRawSamples": "100d" }""", "Hourly samples are kept at least as long")]
    [InlineData("""{ "keepHourlySamples": "6d" }""", "Hourly samples are kept at least as long")]
    [InlineData("""{ "keepDailySamples": "30d" }""", "Daily samples are kept at least as long")]
    [InlineData("""{ "slowQuery": "0s" }""", "")]
    [InlineData("""{ "baselineWindow": "0d" }""", "")]
    public async Task What_cannot_work_is_a_problem(string settings, string message) =>
        Assert.Contains(message, Assert.Single((await ReadAsync($"\"performance\": {settings}")).Problems).Message, StringComparison.Ordinal);

    private static Task<ConfigurationFile> ReadAsync(string settings) =>
        ConfigurationReader.ReadAsync($$"""{ "targets": { "t": { {{settings}} } } }""", Path.Combine(Path.GetFullPath("/srv/app"), "maintenance.json"));
}
