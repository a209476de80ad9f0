using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Tests.Configuration;

public sealed class AnalyticsSettingsTests
{
    private static Task<ConfigurationFile> ReadAsync(string analytics) =>
        ConfigurationReader.ReadAsync($$"""{ "targets": { "t": { "analytics": {{analytics}} } } }""", Path.GetFullPath("maintenance.json"));

    [Fact]
    public async Task What_the_file_says_replaces_the_usual_and_the_rest_keeps_it()
    {
        var file = await ReadAsync("""{ "storageLimit": "1.5GB", "errorLog": { "table": "app.\"My Events\"", "errorSeverities": ["fatal", "severe"] } }""");

        Assert.Empty(file.Problems);
        var analytics = file.Targets["t"].Analytics!;
        Assert.Equal(1610612736, analytics.StorageLimit);
        Assert.Equal("app.\"My Events\"", analytics.ErrorLog.Table);
        Assert.Equal(["fatal", "severe"], analytics.ErrorLog.ErrorSeverities);
        Assert.Equal(["critical"], analytics.ErrorLog.CriticalSeverities);
        Assert.Equal(new RequestLogSettings(), analytics.RequestLog);
    }

    [Theory]
    [InlineData("""{ "storageLimit": "much" }""")]
    [InlineData("""{ "storageLimit": 100 }""")]
    [InlineData("""{ "storageLimit": "0GB" }""")]
    [InlineData("""{ "errorLog": { "table": "" } }""")]
    [InlineData("""{ "errorLog": { "columns": [] } }""")]
    [InlineData("""{ "errorLog": { "errorSeverities": [] } }""")]
    public async Task What_makes_no_sense_is_a_problem(string analytics) => Assert.NotEmpty((await ReadAsync(analytics)).Problems);

    [Fact]
    public void Without_a_word_about_it_a_target_has_the_guides_tables() => Assert.Equal(
        "public.error_logs",
        TargetFactory.Create("t", "test", new PartialTarget(), new PartialTarget(), new PartialTarget()).Analytics.ErrorLog.Table);
}
