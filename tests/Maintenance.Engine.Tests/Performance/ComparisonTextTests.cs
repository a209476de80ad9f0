using Maintenance.Engine.Performance.Baselines;
using Maintenance.Engine.Performance.Statements;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>What people read of a comparison: true in each case, and with the digits that count.</summary>
public sealed class ComparisonTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly BaselineWindow Week = new("system", Now - TimeSpan.FromDays(7), Now, []);

    [Fact]
    public void Nothing_is_certain_and_small_figures_are_not_nothing()
    {
        Assert.Equal("throughput: mean 7.2/h before, 14.4/h now (+100 %), p < 0.001.", Tell(Figure(0.002, 5000, 0.0002), Figure(0.004, 900, 0.0002)));
        Assert.StartsWith("throughput: mean 20/s before, 21/s now (+5 %), p = 0.05", Tell(Figure(20, 100, 4), Figure(21, 150, 4)), StringComparison.Ordinal);
    }

    [Fact]
    public void Why_nothing_can_be_told_is_what_is_missing()
    {
        Assert.Equal("throughput: mean 0/s before, 3/s now. Only this is known, as the baseline does not say of how many observations it is, nor how far they lie apart, so nobody can tell chance from change.", Tell(Figure(0, null, null), Figure(3, 900, 1)));
        Assert.Contains("as both do not say", Tell(Figure(2, null, null), Figure(3, null, null)), StringComparison.Ordinal);
        Assert.Contains("Too few observations to tell chance from change: 900 before, 1 now; 5 of each are needed.", Tell(Figure(2, 900, 1), Figure(3, 1, null)), StringComparison.Ordinal);
        Assert.Contains("they count as 3 independent ones before and 900 now", Tell(Figure(2, 900, 1) with { IndependentCount = 3 }, Figure(3, 900, 1)), StringComparison.Ordinal);
        Assert.Contains("How far single observations lie apart is not known", Tell(Figure(2, 900, null), Figure(3, 900, 1)), StringComparison.Ordinal);
        Assert.Equal("throughput: nothing of it in the time that is compared.", Assert.Single(BaselineComparer.Compare([Figure(2, 900, 1)], [], 10, Now)).Message);
        Assert.Equal("throughput: there is no baseline of it.", Assert.Single(BaselineComparer.Compare([], [Figure(2, 900, 1)], 10, Now)).Message);
    }

    [Fact]
    public void A_comparison_with_sample_data_says_so()
    {
        Assert.EndsWith(" The baseline: Sample data: the sandbox made it up, nobody measured it.", Tell(Figure(2, 900, 1) with { IsMadeUp = true }, Figure(3, 900, 1)), StringComparison.Ordinal);
        var drifts = BaselineComparer.Compare([Figure(2, 900, 1) with { IsMadeUp = true }], [Figure(3, 900, 1)], 10, Now);
        Assert.Contains("the sandbox made it up", BaselineReport.Say(drifts), StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_is_told_by_what_it_says()
    {
        var before = Figure(2, 900, 1) with { Source = BaselineSource.Statements, Metric = "query_time", Subject = "10/5/-2772180920181556395/top", IndependentCount = 50, IndependentDeviation = 0.1, Unit = MetricUnit.Milliseconds };
        Assert.StartsWith("query_time of a statement whose text the server has forgotten (query id -2772180920181556395): mean 2 ms before", Tell(before, before with { Mean = 9 }), StringComparison.Ordinal);

        var told = before with { Text = $"SELECT {new string('x', 200)} FROM shop.orders" };
        var drift = Assert.Single(BaselineComparer.Compare([before], [told with { Mean = 9, From = Now, To = Now.AddDays(1) }], 10, Now));
        Assert.StartsWith($"query_time of SELECT {new string('x', 92)}…: mean 2 ms before, 9 ms now", drift.Message, StringComparison.Ordinal);
        Assert.Contains("become worse: query_time of SELECT xxx", BaselineReport.Say([drift]), StringComparison.Ordinal);
        // The number is there for those who need it: another role may run the same statement.
        Assert.EndsWith("… [10/5/-2772180920181556395/top]", Assert.Single(BaselineReport.Findings([drift])).Subject, StringComparison.Ordinal);
        Assert.StartsWith("query_time of SELECT xxx", told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_that_only_grow_are_not_compared() =>
        Assert.Empty(BaselineComparer.Compare([Size(1)], [Size(2)], 10, Now));

    [Fact]
    public void The_words_of_a_regression_are_those_of_its_verdict()
    {
        var slower = QueryRegressions.Compare([.. Steady(10, 100), .. Steady(10, 200)]);
        Assert.StartsWith("Slower: 200 ms on average, 100 ms in the earlier half of the window, 2 times as long (", slower.Reason, StringComparison.Ordinal);
        Assert.EndsWith("p < 0.001).", slower.Reason, StringComparison.Ordinal);
        Assert.StartsWith("Faster: ", QueryRegressions.Compare([.. Steady(10, 200), .. Steady(10, 100)]).Reason, StringComparison.Ordinal);
        Assert.StartsWith("About as long as before: ", QueryRegressions.Compare(Steady(20, 100)).Reason, StringComparison.Ordinal);
        Assert.EndsWith(
            "130 ms on average, 100 ms in the earlier half of the window, 29.6 % longer. That is below the limit: a difference counts once the longer time is 1.3 times the shorter, and 1 ms more.",
            QueryRegressions.Compare([.. Steady(10, 100), .. Steady(10, 129.6)]).Reason,
            StringComparison.Ordinal);
        var restless = QueryRegressions.Compare([Ran(100), Ran(20), Ran(300), Ran(200), Ran(50), Ran(700)]);
        Assert.Equal(QueryRegression.None, restless.Regression);
        Assert.StartsWith("It may be chance: ", restless.Reason, StringComparison.Ordinal);
        Assert.Contains("it ran in 1 sample of the window", QueryRegressions.Compare([Ran(100)]).Reason, StringComparison.Ordinal);
    }

    private static string Tell(PerformanceBaseline before, PerformanceBaseline now) => Assert.Single(BaselineComparer.Compare([before], [now with { From = now.To, To = now.To + (now.To - now.From) }], 10, Now)).Message;

    private static PerformanceBaseline Figure(double mean, long? count, double? deviation) =>
        Week.Of(BaselineSource.RequestLog, "throughput", MetricUnit.PerSecond, mean) with { Count = count, StandardDeviation = deviation };

    private static PerformanceBaseline Size(double mean) => Week.Of(BaselineSource.Samples, "database_size_bytes", MetricUnit.Bytes, mean) with { Count = 100, StandardDeviation = 0.1 };

    private static IReadOnlyList<StatementCounts> Steady(int count, double milliseconds) => [.. Enumerable.Range(0, count).Select(index => Ran(milliseconds * (index % 2 == 0 ? 0.99 : 1.01)))];

    private static StatementCounts Ran(double milliseconds) => new() { Calls = 10, Time = 10 * milliseconds, Squares = 10 * milliseconds * milliseconds };
}
