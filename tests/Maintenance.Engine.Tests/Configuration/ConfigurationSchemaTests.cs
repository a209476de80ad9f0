using System.Reflection;
using Maintenance.Engine.Configuration;
using Maintenance.Engine.Thresholds;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Tests.Configuration;

public sealed class ConfigurationSchemaTests
{
    private static readonly JObject Schema = JObject.Parse(ConfigurationSchema.Text);

    [Fact]
    public void Editors_offer_exactly_the_metrics_of_the_catalogue() => Assert.Equal(
        ThresholdCatalogue.All.Select(threshold => threshold.Metric).Order(StringComparer.Ordinal),
        Names("thresholds").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("target", typeof(PartialTarget))]
    [InlineData("database", typeof(PartialDatabase))]
    [InlineData("functions", typeof(PartialFunctions))]
    [InlineData("backupStore", typeof(PartialStore))]
    [InlineData("channel", typeof(ChannelSettings))]
    [InlineData("threshold", typeof(ThresholdOverride))]
    [InlineData("retention", typeof(RetentionPolicy))]
    [InlineData("logRotation", typeof(LogRotationRule))]
    [InlineData("window", typeof(MaintenanceWindow))]
    [InlineData("repair", typeof(RepairPolicy))]
    [InlineData("history", typeof(HistorySettings))]
    [InlineData("analytics", typeof(AnalyticsSettings))]
    [InlineData("errorLog", typeof(ErrorLogSettings))]
    [InlineData("requestLog", typeof(RequestLogSettings))]
    [InlineData("consents", typeof(ConsentSettings))]
    [InlineData("subjectRequests", typeof(SubjectRequestSettings))]
    [InlineData("auditLog", typeof(AuditLogSettings))]
    public void The_schema_and_the_record_have_the_same_settings(string definition, Type record) => Assert.Equal(
        record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]).Order(StringComparer.Ordinal),
        Names(definition).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("database.sslMode", typeof(DatabaseSslMode))]
    [InlineData("retention.action", typeof(RetentionAction))]
    [InlineData("logRotation.source", typeof(LogSource))]
    [InlineData("logRotation.tier", typeof(LogTier))]
    [InlineData("history.kind", typeof(HistoryKind))]
    public void The_schema_allows_exactly_the_values_of_the_enumeration(string place, Type enumeration)
    {
        var parts = place.Split('.');
        var values = Schema["definitions"]![parts[0]]!["properties"]![parts[1]]!["enum"]!.Values<string>();
        Assert.Equal(Enum.GetNames(enumeration).Order(StringComparer.Ordinal), values.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_object_allows_names_that_are_not_described()
    {
        var open = Schema.Descendants().OfType<JObject>()
            .Where(part => part["type"] is JValue { Value: "object" } && part["additionalProperties"] is not JValue { Value: false })
            .Select(part => part.Path);
        // Metrics have aliases besides the names that editors offer; the catalogue knows them all. Names of labels and of tasks are anybody's.
        Assert.Equal(["definitions.thresholds", "definitions.alerts.properties.expected", "definitions.schedule.properties.tasks", "definitions.alertRule.properties.labels"], open);
    }

    [Fact]
    public void Every_setting_is_described()
    {
        var silent = Schema.Descendants().OfType<JProperty>()
            .Where(property => property is { Name: "properties", Value: JObject })
            .SelectMany(property => ((JObject)property.Value).Properties())
            .Where(setting => setting.Value["description"] is null && Referred(setting.Value)?["description"] is null)
            .Select(setting => setting.Path);
        Assert.Empty(silent);
    }

    [Fact]
    public async Task The_starter_has_no_problems_and_refers_to_the_schema_beside_it()
    {
        var file = await ConfigurationReader.ReadAsync(EngineResource.Read("Configuration/Starter.json"), Path.GetFullPath("maintenance.json"));
        Assert.Empty(file.Problems);
        Assert.Contains("\"$schema\": \"./maintenance.schema.json\"", EngineResource.Read("Configuration/Starter.json"), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(string definition) =>
        ((JObject)Schema["definitions"]![definition]!["properties"]!).Properties().Select(property => property.Name);

    private static JToken? Referred(JToken setting) =>
        (string?)setting["$ref"] is { } reference ? Schema.SelectToken(reference.TrimStart('#', '/').Replace('/', '.')) : null;
}
