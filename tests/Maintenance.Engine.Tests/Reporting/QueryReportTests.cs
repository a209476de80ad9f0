using Maintenance.Engine.Reporting;

namespace Maintenance.Engine.Tests.Reporting;

public sealed class QueryReportTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_sentence_names_the_statement_that_takes_the_most_time_and_the_index_that_would_help_it()
    {
        var report = QueryReport.Of(Report(recommendations: [Index(RecommendationState.Proposed, "idx_a", 1)]));
        Assert.Equal("The most time, 60 % of the time of all statements, goes into “SELECT a FROM shop.orders”. The index shop.idx_a may help: a person has to try it.", report.Summary[0]);
        var leaders = report.Sections.Single(section => section.Title == "What takes the most time");
        Assert.Equal(["The index shop.idx_a may help: a person has to try it", "Nothing was found"], leaders.Rows.Select(row => row[3]));
    }

    [Fact]
    public void What_is_sure_comes_before_what_is_to_be_tried_however_much_that_promises_and_the_first_sentence_names_it()
    {
        var report = QueryReport.Of(Report(recommendations:
        [
            Index(RecommendationState.Proposed, "idx_a", 1) with { ImpactPercent = 90 },
            Index(RecommendationState.Proposed, "idx_b", 2) with { ImpactPercent = 10, AutoApply = true },
            Index(RecommendationState.Proposed, "idx_c", 2) with { ImpactPercent = 20, AutoApply = true },
        ]));
        Assert.Equal("The index shop.idx_c would save the most: about 20 % of the time of all statements counted, by estimate. It is for “SELECT”.", report.Summary[0]);
        Assert.Equal("What would help most", report.Sections[0].Title);
        Assert.Equal(["shop.idx_c", "shop.idx_b", "shop.idx_a"], report.Sections[0].Rows.Select(row => row[1]));
        Assert.Equal(["Optimize-DbQuery -Apply builds and measures it", "Optimize-DbQuery -Apply builds and measures it", "May help: a person has to try it"], report.Sections[0].Rows.Select(row => row[3]));
        Assert.Equal(("2", "1"), (report.Tiles.Single(tile => tile.Label == "Would help, by estimate").Value, report.Tiles.Single(tile => tile.Label.StartsWith("May help", StringComparison.Ordinal)).Value));
    }

    [Fact]
    public void Where_not_all_could_be_seen_nothing_is_said_to_be_well()
    {
        var report = QueryReport.Of(Report() with { SlowQueries = [], SlowQueriesUnknown = "4 statements of other roles are hidden from this role", RecommendationsUnknown = "statements that took 97 % of the time could not be planned" });
        Assert.Equal(["?", "?"], report.Tiles.Take(2).Select(tile => tile.Value));
        Assert.Equal("Nothing was found that would help, but not all could be looked at: statements that took 97 % of the time could not be planned.", report.Sections.Single(section => section.Title == "What would help").Empty);
        Assert.StartsWith("None was seen that takes long, but not all could be looked at: ", report.Sections.Single(section => section.Title == "Slow statements").Empty, StringComparison.Ordinal);
    }

    [Fact]
    public void Statistics_that_were_gathered_are_counted_once_whether_the_run_tells_of_them_or_the_history()
    {
        var vacuumed = new DbAction
        {
            Target = "t", Database = "d", Kind = DbActionKind.Vacuum, Schema = "shop", Name = "orders", Oid = 1, Sql = "VACUUM (ANALYZE) shop.orders", Lock = "", State = StepState.Done, Message = "Vacuumed.", StartedAt = _now,
        };
        var piped = Index(RecommendationState.Applied, "idx_a", 1) with { Kind = RecommendationKind.Analyze, IndexName = null, Sql = vacuumed.Sql };
        Assert.All([Report(applied: [vacuumed]), Report([piped], [vacuumed])], report => Assert.Equal("1", QueryReport.Of(report).Tiles.Single(tile => tile.Label == "Applied").Value));
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
