using Maintenance.Engine.Performance.Optimize;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Whether two statements make the same index, and what becomes of advice that is given twice.</summary>
public sealed class IndexStatementTests
{
    private const string Ours = "CREATE INDEX CONCURRENTLY idx_order_lines_order_id ON shop.order_lines (order_id)";

    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY ON shop.order_lines (order_id);", true)]
    [InlineData("create index if not exists x on only order_lines using btree (order_id)", true)]
    [InlineData("CREATE INDEX \"ON\" ON \"shop\".\"order_lines\" (\"order_id\")", true)]
    [InlineData("CREATE UNIQUE INDEX ON shop.order_lines (order_id)", false)]
    [InlineData("CREATE INDEX ON shop.order_lines (order_id, id)", false)]
    [InlineData("CREATE INDEX ON shop.order_lines (order_id) WHERE id > 3", false)]
    [InlineData("CREATE INDEX ON shop.order_lines USING hash (order_id)", false)]
    [InlineData("CREATE INDEX ON public.order_lines (order_id)", false)]
    [InlineData("ANALYZE shop.order_lines", false)]
    [InlineData("CREATE INDEX ON", false)]
    [InlineData(null, false)]
    public void The_same_index_is_recognised_whatever_it_is_called(string? other, bool same) => Assert.Equal(same, IndexStatement.AreSame(Ours, other));

    [Fact]
    public void What_both_recommend_is_shown_once_with_both_sources()
    {
        var all = OtherAdvice.Together([Make(RecommendationKind.CreateIndex, Ours)], [Make(RecommendationKind.FunctionAdvice, "CREATE INDEX ON order_lines (order_id)"), Make(RecommendationKind.FunctionAdvice, "ANALYZE orders")]);
        Assert.Equal([RecommendationKind.CreateIndex, RecommendationKind.FunctionAdvice], all.Select(one => one.Kind));
        Assert.Contains("function", Assert.Single(all[0].Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_function_says_has_no_semicolon_of_its_own_and_no_impact_that_nobody_estimated()
    {
        var answer = new QueryOptimizationResult { Recommendations = [new FunctionRecommendation { Suggestion = "Index it", Impact = "High", SqlCommand = "CREATE INDEX ON orders (id); \n" }] };
        var said = Assert.Single(OtherAdvice.OfFunction(new MaintenanceTarget { Name = "t" }, answer, DateTimeOffset.UnixEpoch));
        Assert.Equal(("CREATE INDEX ON orders (id)", RecommendationImpact.Unknown, HealthStatus.Ok), (said.Sql, said.Impact, said.Status));
        Assert.Contains("calls the impact High", said.Reasons[0], StringComparison.Ordinal);
    }

    private static QueryRecommendation Make(RecommendationKind kind, string sql) => new()
    {
        Target = "t", Database = "d", Schema = "", Name = "", Oid = 0, Kind = kind, Suggestion = "", Impact = RecommendationImpact.Unknown, Effort = RecommendationEffort.Low,
        Sql = sql, Confidence = RecommendationConfidence.Low, CollectedAt = DateTimeOffset.UnixEpoch,
    };
}
