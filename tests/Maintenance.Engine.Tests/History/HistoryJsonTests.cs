using Maintenance.Engine.History;

namespace Maintenance.Engine.Tests.History;

public sealed class HistoryJsonTests
{
    public static TheoryData<object?, object?> Values => new()
    {
        { null, null },
        { "text", "text" },
        { "", "" },
        { "Grüße, \"you\" \\ \n\t 日本 😀", "Grüße, \"you\" \\ \n\t 日本 😀" },
        { true, true },
        { false, false },
        { 0, 0L },
        { (byte)7, 7L },
        { -42, -42L },
        { long.MaxValue, long.MaxValue },
        { long.MinValue, long.MinValue },
        { 5.0, 5.0 },
        { 0.1, 0.1 },
        { 1.0 / 3, 1.0 / 3 },
        { -1e300, -1e300 },
        { 1e17, 1e17 },
        { double.Epsilon, double.Epsilon },
        { 2.5m, 2.5 },
        { double.NaN, null },
        { double.PositiveInfinity, null },
        { MetricUnit.Bytes, "Bytes" },
        { TimeSpan.FromMinutes(90), "01:30:00" },
        { new DateTimeOffset(2026, 1, 5, 12, 0, 0, TimeSpan.FromHours(2)), "2026-01-05T10:00:00.0000000+00:00" },
    };

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public void Plain_values_come_back_as_plain_values(object? value, object? expected)
    {
        var read = RoundTrip(value);
        Assert.Equal(expected, read);
        Assert.Equal(expected?.GetType(), read?.GetType());
    }

    [Fact]
    public void Lists_and_dictionaries_nest()
    {
        var read = RoundTrip(new object?[] { 1, "two", null, new[] { "a", "b" }, new Dictionary<string, object?> { ["x"] = 1.5 } });

        var list = Assert.IsType<List<object?>>(read);
        Assert.Equal([1L, "two", null], list.Take(3));
        Assert.Equal(["a", "b"], Assert.IsType<List<object?>>(list[3]));
        Assert.Equal(1.5, Assert.IsType<Dictionary<string, object?>>(list[4])["x"]);
    }

    [Fact]
    public void Evidence_keeps_its_order()
    {
        string[] names = ["zebra", "a", "mm", "b"];
        var evidence = names.ToDictionary(name => name, name => (object?)name.Length);

        Assert.Equal(names, HistoryJson.ReadDictionary(HistoryJson.Write(evidence).Text).Keys);
    }

    [Fact]
    public void What_a_database_refuses_is_replaced()
    {
        Assert.Equal("a\uFFFDb", RoundTrip("a\0b"));
        Assert.Equal("a\uFFFDb", RoundTrip("a\uD800b"));
        Assert.DoesNotContain("\\u0000", HistoryJson.Write(new Dictionary<string, object?> { ["n\0"] = "v\0" }).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_type_names_are_written() =>
        Assert.Equal("""{"a":[1,2.0,"x"]}""", HistoryJson.Write(new Dictionary<string, object?> { ["a"] = new object[] { 1, 2.0, "x" } }).Text);

    [Fact]
    public void Labels_and_artifacts_come_back()
    {
        var labels = new Dictionary<string, string> { ["database"] = "app", ["odd"] = "quote\" and \\" };
        Assert.Equal(labels, HistoryJson.ReadLabels(HistoryJson.Write(labels).Text));

        MaintenanceArtifact[] artifacts = [new("Log", "/var/log/a 'b'.log", 1L << 40), new("Report", "x.html", 0)];
        Assert.Equal(artifacts, HistoryJson.ReadArtifacts(HistoryJson.WriteArtifacts(artifacts).Text));
        Assert.Empty(HistoryJson.ReadArtifacts(HistoryJson.WriteArtifacts([]).Text));
    }

    private static object? RoundTrip(object? value) =>
        HistoryJson.ReadDictionary(HistoryJson.Write(new Dictionary<string, object?> { ["value"] = value }).Text)["value"];
}
