using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Tests.Retention;

/// <summary>What a range partition's bound says of the first column of its key.</summary>
public sealed class PartitionBoundTests
{
    [Theory]
    [InlineData("FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-02-01 00:00:00+00')", "2024-01-01 00:00:00+00", "2024-02-01 00:00:00+00", true)]
    [InlineData("FOR VALUES FROM (MINVALUE) TO ('2024-02-01')", null, "2024-02-01", true)]
    [InlineData("FOR VALUES FROM ('2024-02-01') TO (MAXVALUE)", "2024-02-01", null, true)]
    [InlineData("FOR VALUES FROM ('-infinity') TO ('infinity')", "-infinity", "infinity", true)]
    [InlineData("FOR VALUES FROM ('2024-01-01', MINVALUE) TO ('2024-02-01', MINVALUE)", "2024-01-01", "2024-02-01", true)]
    [InlineData("FOR VALUES FROM ('2024-01-01', 5) TO ('2024-02-01', 10)", "2024-01-01", "2024-02-01", false)]
    [InlineData("FOR VALUES FROM ('2024-01-01', MAXVALUE) TO ('2024-02-01', MAXVALUE)", "2024-01-01", "2024-02-01", false)]
    [InlineData("FOR VALUES FROM ('2024-01-01', 'it''s) TO (''2099-01-01'', ') TO ('2024-02-01', 'a,b')", "2024-01-01", "2024-02-01", false)]
    public void The_first_value_of_each_end_is_read(string text, string? lower, string? upper, bool isExact) =>
        Assert.Equal(new PartitionBound(lower, upper, isExact), PartitionBound.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("DEFAULT")]
    [InlineData("FOR VALUES IN ('a', 'b')")]
    [InlineData("FOR VALUES WITH (modulus 4, remainder 0)")]
    [InlineData("FOR VALUES FROM ('2024-01-01')")]
    [InlineData("FOR VALUES FROM ('2024-01-01) TO ('2024-02-01')")]
    [InlineData("FOR VALUES FROM () TO ()")]
    [InlineData("FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') more")]
    public void What_is_no_range_has_no_bound(string? text) => Assert.Null(PartitionBound.Parse(text));
}
