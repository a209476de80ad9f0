using Maintenance.Engine.Health;

namespace Maintenance.Engine.Tests.Health;

public sealed class RecentRequestsTests
{
    [Fact]
    public void What_is_recent_takes_the_place_of_a_day_and_a_day_stays_where_nothing_else_is_known()
    {
        Metric[] day = [Metric("error_rate", 1), Metric("storage_usage_percent", 10)];
        Assert.Equal([("storage_usage_percent", 10d), ("avg_response_time", 90d), ("error_rate", 25d)], Pairs(RecentRequests.In(day, [Metric("avg_response_time", 90), Metric("error_rate", 25)])));
        Assert.Equal([("error_rate", 1d), ("storage_usage_percent", 10d), ("avg_response_time", null)], Pairs(RecentRequests.In(day, [Metric("avg_response_time", null), Metric("error_rate", null)])));
        Assert.Equal(day, RecentRequests.In(day, []));
    }

    private static IEnumerable<(string, double?)> Pairs(IEnumerable<Metric> metrics) => metrics.Select(metric => (metric.Name, metric.Value));

    private static Metric Metric(string name, double? value) => new() { Name = name, Value = value, ObservedAt = DateTimeOffset.UnixEpoch };
}
