using Maintenance.Engine.Configuration;
using Maintenance.Engine.Rotation;

namespace Maintenance.Engine.Tests.Rotation;

public sealed class LogRotationRulesTests
{
    [Fact]
    public void Without_rules_what_this_module_writes_is_rotated_and_nothing_else()
    {
        var rules = LogRotationRules.For(new MaintenanceTarget { Name = "t", ArtifactStore = new StoreSettings { Path = "/a" } });
        Assert.Equal(["Own logs", "Store daily-logs", "Store weekly-logs", "Store rotation-logs", "Store backup-logs", "Store drill-logs", "Store security-logs", "Store performance-logs", "Store health-logs", "Store troubleshooting-logs"], rules.Select(LogRotationRules.Name));
        Assert.All(rules, rule => Assert.Equal("Compress after 7 days, delete after 90 days", LogRotationRules.Describe(rule)));
        Assert.All(rules, rule => Assert.Empty(LogRotationRules.Problems(rule)));
        Assert.Single(LogRotationRules.For(new MaintenanceTarget { Name = "t" }));
    }

    [Fact]
    public async Task Every_folder_that_a_task_publishes_its_log_in_is_rotated()
    {
        await using var engine = new MaintenanceEngine();
        Assert.All(engine.Tasks.LogFolders, folder => Assert.Contains(folder, LogRotationRules.LogFolders));
    }

    [Theory]
    [InlineData("*", "a.log", true)]
    [InlineData("*", "sub/a.log", true)]
    [InlineData("*", ".hidden", false)]
    [InlineData(".*", ".hidden", true)]
    [InlineData("*.log", "a.log", true)]
    [InlineData("*.log", "a.log.gz", true)]
    [InlineData("*.log", "a.txt.gz", false)]
    [InlineData("*.log", "a.LOG", false)]
    [InlineData("sub/*.log", "sub/a.log", true)]
    [InlineData("sub/*.log", "a.log", false)]
    [InlineData("a?.log", "a1.log", true)]
    public void A_pattern_means_names_as_in_a_shell_and_what_was_compressed_of_them(string pattern, string name, bool expected) =>
        Assert.Equal(expected, new RotationFilter("", [pattern], ignoreCase: false).Includes(name));

    [Fact]
    public async Task Rules_are_read_from_the_file_with_full_paths()
    {
        var file = await ConfigurationReader.ReadAsync(
            """
            { "targets": { "a": { "logRotation": [
                { "path": "logs", "include": ["*.log"], "compressAfter": "7d", "deleteAfter": "90d", "keep": 10, "maximumTotalSize": "10GB", "quietTime": "10m" },
                { "source": "Store", "container": "performance-reports", "prefix": "weekly-trends/", "tierAfter": "30d", "tier": "Cold" },
                { "source": "OwnLogs", "deleteAfter": "30d" } ] } } }
            """,
            Path.GetFullPath("/etc/maintenance/maintenance.json"));
        Assert.Empty(file.Problems);
        var rules = file.Targets["a"].LogRotation!;
        Assert.Equal(
            ["Compress after 7 days, delete after 90 days, delete the oldest above 10 GB, but keep the newest 10", "Move to Cold after 30 days", "Delete after 30 days"],
            rules.Select(LogRotationRules.Describe));
        Assert.Equal(Path.GetFullPath("/etc/maintenance/logs"), rules[0].Path);
        Assert.Equal((TimeSpan.FromMinutes(10), 10L << 30), (rules[0].QuietTime, rules[0].MaximumTotalSize));
        Assert.Equal(["*.log"], rules[0].Include);
    }

    [Fact]
    public async Task A_tier_is_no_setting_for_a_store_that_is_a_folder()
    {
        var file = await ConfigurationReader.ReadAsync(
            """{ "targets": { "a": { "artifactStore": { "path": "x" }, "logRotation": [{ "source": "Store", "tierAfter": "30d" }] } } }""", Path.GetFullPath("maintenance.json"));
        var problem = Assert.Single(file.Problems);
        Assert.Equal("$.targets.a.logRotation[0].tierAfter", problem.JsonPath);
    }
}
