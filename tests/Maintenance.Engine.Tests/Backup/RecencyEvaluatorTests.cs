using Maintenance.Engine.Backup;

namespace Maintenance.Engine.Tests.Backup;

public sealed class RecencyEvaluatorTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    [Fact]
    public void The_newest_decides_whatever_the_order()
    {
        var recency = Assert.Single(Judge(Backup("a", 50), Backup("b", 3), Backup("c", 80)));
        Assert.Equal(BackupRecencyState.Fresh, recency.State);
        Assert.Equal(HealthStatus.Ok, recency.Status);
        Assert.Equal("b", recency.Newest!.Name);
        Assert.Equal(TimeSpan.FromHours(3), recency.Age);
        Assert.Equal(3, recency.BackupCount);
        Assert.Null(recency.Recommendation);
    }

    [Theory]
    [InlineData(24, BackupRecencyState.Fresh)]
    [InlineData(24.01, BackupRecencyState.Stale)]
    public void The_limit_itself_is_still_fresh(double hours, BackupRecencyState state) =>
        Assert.Equal(state, Assert.Single(Judge(Backup("a", hours))).State);

    [Fact]
    public void No_backup_is_one_record_that_says_None()
    {
        var recency = Assert.Single(Judge());
        Assert.Equal(BackupRecencyState.None, recency.State);
        Assert.Equal(HealthStatus.Critical, recency.Status);
        Assert.Equal(0, recency.BackupCount);
        Assert.Null(recency.Error);
        Assert.NotNull(recency.Recommendation);
    }

    [Fact]
    public void Other_files_are_mentioned_when_there_is_no_backup() =>
        Assert.Contains("7 files", new RecencyEvaluator(new RecencyRules(Day), Now).Evaluate(Reading with { OtherFiles = 7 })[0].Message, StringComparison.Ordinal);

    [Fact]
    public void An_empty_newest_backup_is_incomplete_though_an_older_one_is_fresh() =>
        Assert.Equal(BackupRecencyState.Incomplete, Assert.Single(Judge(Backup("a", 5), Backup("b", 3, size: 0))).State);

    [Fact]
    public void An_empty_older_backup_does_not_matter() =>
        Assert.Equal(BackupRecencyState.Fresh, Assert.Single(Judge(Backup("a", 5, size: 0), Backup("b", 3))).State);

    [Fact]
    public void Each_database_is_judged_by_itself()
    {
        var found = Judge(Backup("a1", 3, "app"), Backup("b1", 30, "billing"), Backup("a2", 40, "app"), Backup("c", 1));
        Assert.Equal([null, "app", "billing"], found.Select(recency => recency.Database));
        Assert.Equal(
            [BackupRecencyState.Fresh, BackupRecencyState.Fresh, BackupRecencyState.Stale], found.Select(recency => recency.State));
    }

    [Fact]
    public void A_backup_dated_in_the_future_is_never_fresh()
    {
        var alone = Assert.Single(Judge(Backup("a", -5)));
        Assert.Equal(BackupRecencyState.CannotDetermine, alone.State);
        Assert.Equal(HealthStatus.Unknown, alone.Status);
        Assert.Equal(BackupRecencyState.Stale, Assert.Single(Judge(Backup("a", -5), Backup("b", 30))).State);
    }

    [Fact]
    public void A_small_clock_difference_is_forgiven()
    {
        var recency = Assert.Single(Judge(Backup("a", -0.1)));
        Assert.Equal(BackupRecencyState.Fresh, recency.State);
        Assert.Equal(TimeSpan.Zero, recency.Age);
    }

    [Fact]
    public void Counts_are_left_open_when_not_everything_was_read()
    {
        var evaluator = new RecencyEvaluator(new RecencyRules(Day), Now);
        evaluator.Add(Backup("a", 3));
        Assert.Null(evaluator.Evaluate(Reading with { Complete = false })[0].BackupCount);
    }

    private static StoreReading Reading { get; } = new("store", "target", 1, Complete: true);

    private static IReadOnlyList<BackupRecency> Judge(params DatabaseBackup[] backups)
    {
        var evaluator = new RecencyEvaluator(new RecencyRules(Day), Now);
        foreach (var backup in backups)
        {
            evaluator.Add(backup);
        }

        return evaluator.Evaluate(Reading);
    }

    private static DatabaseBackup Backup(string name, double hoursOld, string? database = null, long size = 100) => new()
    {
        Name = name,
        Store = "store",
        Database = database,
        TakenAt = Now.AddHours(-hoursOld),
        LastModified = Now.AddHours(-hoursOld),
        SizeBytes = size,
    };
}
