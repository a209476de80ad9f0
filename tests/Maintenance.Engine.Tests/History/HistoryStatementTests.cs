using Maintenance.Engine.Database;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Tests.History;

public sealed class HistoryStatementTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    private static MaintenanceRun Run => new()
    {
        Id = Guid.CreateVersion7(Noon),
        Task = "Daily",
        Target = "app",
        Status = HealthStatus.Ok,
        StartedAt = Noon,
        Message = "Fine.",
    };

    [Fact]
    public void A_run_is_deleted_then_written_with_its_parts_in_order()
    {
        var run = Run with
        {
            Steps = [Step("one"), Step("two")],
            Metrics = [new Metric { Name = "m", Value = 1, ObservedAt = Noon }],
            Findings = [new Finding { Id = "F", Area = "A", Severity = FindingSeverity.Low, Message = "x" }],
        };

        var statements = HistoryStatement.Record(run);

        Assert.Equal(["DeleteRun", "WriteRun", "WriteStep", "WriteStep", "WriteMetric", "WriteFinding"], statements.Select(s => s.Name));
        Assert.All(statements, statement => Assert.Equal(run.Id, statement.Values[0]));
        Assert.Equal([(0, "one"), (1, "two")], statements.Skip(2).Take(2).Select(s => ((int)s.Values[1]!, (string)s.Values[2]!)));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public void Every_statement_has_as_many_values_as_its_text_has_places(string dialect)
    {
        var run = Run with
        {
            Steps = [Step("one")],
            Metrics = [new Metric { Name = "m", Value = 1, ObservedAt = Noon }],
            Findings = [new Finding { Id = "F", Area = "A", Severity = FindingSeverity.Low, Message = "x" }],
        };
        foreach (var statement in HistoryStatement.Record(run).Append(HistoryStatement.Page(new HistoryQuery(), Noon, Guid.Empty, 1)))
        {
            var text = SqlText.Read($"History/Sql/{dialect}/{statement.Name}.sql");
            Assert.Contains($"${statement.Values.Length}", text, StringComparison.Ordinal);
            Assert.DoesNotContain($"${statement.Values.Length + 1}", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_number_that_is_none_is_kept_as_not_measured(double value)
    {
        var metric = new Metric { Name = "m", Value = value, ObservedAt = Noon };

        var statement = HistoryStatement.Record(Run with { Metrics = [metric] }).Single(s => s.Name == "WriteMetric");

        Assert.Null(statement.Values[4]);
    }

    [Fact]
    public void What_names_no_target_belongs_to_the_target_of_the_run()
    {
        var statements = HistoryStatement.Record(Run with
        {
            Metrics = [new Metric { Name = "m", Value = 1, ObservedAt = Noon }, new Metric { Name = "m", Value = 1, ObservedAt = Noon, Target = "other" }],
        });

        Assert.Equal(["app", "other"], statements.Where(s => s.Name == "WriteMetric").Select(s => s.Values[2]));
    }

    [Fact]
    public void Hostile_text_is_made_storable()
    {
        var statement = HistoryStatement.Record(Run with { Message = "a\0\uDC00'; DROP TABLE runs; --" })[1];

        Assert.Equal("a\uFFFD\uFFFD'; DROP TABLE runs; --", statement.Values[4]);
    }

    [Fact]
    public void A_page_without_conditions_asks_for_everything()
    {
        var page = HistoryStatement.Page(new HistoryQuery(), DateTimeOffset.MaxValue, Guid.Empty, 50);

        Assert.Equal([DateTimeOffset.MaxValue, Guid.Empty, DateTimeOffset.MinValue, null, null, null, 50], page.Values);
    }

    [Fact]
    public void A_page_carries_every_condition()
    {
        var query = new HistoryQuery
        {
            Targets = ["a", "b"],
            Tasks = ["Daily"],
            Since = Noon,
            Status = HealthStatus.Critical,
        };

        var page = HistoryStatement.Page(query, Noon.AddHours(1), Guid.Empty, 7);

        Assert.Equal(Noon.AddHours(1), page.Values[0]);
        Assert.Equal(Noon, page.Values[2]);
        Assert.Equal(["a", "b"], Assert.IsType<string[]>(page.Values[3]));
        Assert.Equal(["Daily"], Assert.IsType<string[]>(page.Values[4]));
        Assert.Equal("Critical", page.Values[5]);
        Assert.Equal(7, page.Values[6]);
    }

    [Theory]
    [InlineData("sqlite", "PRAGMA user_version = {0};")]
    [InlineData("postgres", "INSERT INTO maintenance.schema_version (version) VALUES ({0});")]
    public void Every_migration_ends_with_its_own_version(string dialect, string ending)
    {
        var migrations = HistoryMigrations.Of(dialect);

        Assert.NotEmpty(migrations);
        Assert.All(migrations, (text, index) =>
            Assert.EndsWith(string.Format(System.Globalization.CultureInfo.InvariantCulture, ending, index + 1), text.TrimEnd(), StringComparison.Ordinal));
    }

    private static MaintenanceStep Step(string name) => new()
    {
        Name = name,
        State = StepState.Done,
        Status = HealthStatus.Ok,
        Message = "Done.",
        StartedAt = Noon,
    };
}
