using Maintenance.Engine.Reporting;

namespace Maintenance.Engine.Tests.Reporting;

public sealed class QueryReportTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_sentence_names_the_statement_that_takes_the_most_time_and_the_index_that_would_help_it()
    {
        var report = QueryReport.Of(Report(recommendations: [Index(RecommendationState.Proposed, "idx_a", 1)]));
        Assert.Equal("The most time, 60 % of the time of all statements, goes into “SELECT a FROM shop.orders”. The index shop.idx_a would help, by estimate.", report.Summary[0]);
        Assert.Equal("What takes the most time", report.Sections[0].Title);
        Assert.Equal(["The index shop.idx_a would help, by estimate", "Nothing was found"], report.Sections[0].Rows.Select(row => row[3]));
    }

    [Fact]
    public void What_did_not_help_says_so_in_its_title_and_has_no_statement_to_run()
    {
        var report = QueryReport.Of(Report(recommendations: [Index(RecommendationState.Dropped, "idx_a", 1) with { Message = "Dropped: did not help. No plan uses it." }]));
        var card = Assert.Single(report.Sections.Single(section => section.Title == "What was done").Cards);
        Assert.Equal("Built and dropped: shop.idx_a, did not help", card.Title);
        Assert.Equal("No plan uses it.", card.Text);
        Assert.Null(card.Code);
        Assert.Equal("1", report.Tiles.Single(tile => tile.Label == "Built and dropped").Value);
    }

    [Fact]
    public void What_is_kept_shows_only_the_statement_that_undoes_it_and_what_failed_the_one_to_run()
    {
        var cards = QueryReport.Of(Report(recommendations: [Index(RecommendationState.Applied, "idx_a", 1), Index(RecommendationState.Failed, "idx_b", 2)]))
            .Sections.Single(section => section.Title == "What was done").Cards;
        Assert.Equal(["Kept: shop.idx_a", "Failed: shop.idx_b"], cards.Select(card => card.Title));
        Assert.Equal(["-- to undo it:\nDROP INDEX shop.idx_a;", "CREATE INDEX idx_b ON shop.orders (b);"], cards.Select(card => card.Code));
    }

    [Fact]
    public void Only_the_statements_that_an_index_was_tried_with_are_marked_though_others_name_the_same_table()
    {
        var build = new DbAction
        {
            Target = "t",
            Database = "d",
            Kind = DbActionKind.CreateIndex,
            Schema = "shop",
            Name = "idx_a",
            Oid = 1,
            Sql = "CREATE INDEX idx_a ON shop.orders (a)",
            Lock = "",
            State = StepState.Done,
            Message = "Built and kept.",
            StartedAt = _now,
            Effect = new Dictionary<string, object?>
            {
                ["Table"] = "orders",
                ["Helped"] = true,
                ["Statements"] = new Dictionary<string, object?> { ["1"] = new List<object?> { 3.0, 4.0 } },
            },
        };
        var slow = QueryReport.Of(Report(applied: [build])).Sections.Single(section => section.Title == "Slow statements");
        var column = slow.Columns.ToList().IndexOf("Changed in the window");
        Assert.Equal(["idx_a was built 2026-11-26 12:00:00 UTC", null], slow.Rows.Select(row => row[column]));
    }

    [Fact]
    public void Sample_data_is_called_so_beside_the_figures()
    {
        var measured = Report();
        Assert.DoesNotContain(QueryReport.Of(measured).Summary, line => line.Contains("nobody measured it", StringComparison.Ordinal));
        var report = QueryReport.Of(measured with { SlowQueries = [measured.SlowQueries[0] with { IsMadeUp = true }, measured.SlowQueries[1]] });
        Assert.Contains("Calls and times of 1 of 2 statements are not what the server has counted. Part of this is sample data: the sandbox made it up, nobody measured it.", report.Summary);
    }

    private static QueryOptimizationReport Report(IReadOnlyList<QueryRecommendation>? recommendations = null, IReadOnlyList<DbAction>? applied = null) => new()
    {
        Target = "t",
        Database = "d",
        Status = HealthStatus.Warning,
        Message = "2 statements take longer than 5 ms on average.",
        From = _now.AddDays(-1),
        To = _now,
        SlowQueries = [Query(1, 60, "SELECT a FROM shop.orders"), Query(2, 30, "SELECT b FROM shop.orders")],
        Recommendations = recommendations ?? [],
        Applied = applied ?? [],
        CollectedAt = _now,
    };

    private static SlowQuery Query(long id, double share, string text) => new()
    {
        Target = "t",
        Database = "d",
        UserId = 10,
        QueryId = id,
        TopLevel = true,
        Query = text,
        Calls = 2,
        TotalTime = TimeSpan.FromSeconds(share),
        SharePercent = share,
        Bound = QueryBound.Cpu,
        BoundReason = "",
        Regression = QueryRegression.Unknown,
        RegressionReason = "",
        From = _now.AddDays(-1),
        To = _now,
        Status = HealthStatus.Warning,
        CollectedAt = _now,
    };

    private static QueryRecommendation Index(RecommendationState state, string name, long statement) => new()
    {
        Target = "t",
        Database = "d",
        Schema = "shop",
        Name = "orders",
        Oid = 1,
        Kind = RecommendationKind.CreateIndex,
        Suggestion = "Create an index of shop.orders: 1 statement would take less time.",
        Impact = RecommendationImpact.High,
        ImpactPercent = 50,
        Effort = RecommendationEffort.Low,
        Sql = $"CREATE INDEX {name} ON shop.orders ({name[^1]})",
        RollbackSql = $"DROP INDEX shop.{name}",
        IndexName = name,
        Statements = [new StatementEffect { QueryId = statement, Query = "SELECT" }],
        Confidence = RecommendationConfidence.Low,
        State = state,
        CollectedAt = _now,
    };
}
