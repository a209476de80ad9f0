using Maintenance.Engine.Backup;

namespace Maintenance.Engine.Tests.Backup;

/// <summary>What is told apart beyond fresh and stale.</summary>
public sealed class RecencyStateTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly RecencyRules Rules = new(TimeSpan.FromHours(24));

    [Theory]
    [InlineData(69, new long[] { 100, 101, 99, 100 }, BackupRecencyState.Shrunk)]
    [InlineData(71, new long[] { 100, 101, 99, 100 }, BackupRecencyState.Fresh)]
    [InlineData(500, new long[] { 100, 101, 99, 100 }, BackupRecencyState.Fresh)]
    [InlineData(40, new long[] { 100, 100 }, BackupRecencyState.Fresh)]
    [InlineData(40, new long[] { 100, 100, 100 }, BackupRecencyState.Shrunk)]
    // Sizes that always go up and down: 50 is nothing unusual, 1 is.
    [InlineData(50, new long[] { 60, 140, 90, 110, 80, 120, 100 }, BackupRecencyState.Fresh)]
    [InlineData(1, new long[] { 60, 140, 90, 110, 80, 120, 100 }, BackupRecencyState.Shrunk)]
    public void A_backup_much_smaller_than_its_own_history_has_shrunk(long size, long[] before, BackupRecencyState state)
    {
        var history = before.Select((bytes, night) => Backup($"n{night}", 24 * (night + 1), size: bytes));
        var record = Assert.Single(Judge(Rules, [.. history, Backup("newest", 1, size: size)]));
        Assert.Equal((state, "newest"), (record.State, record.Newest!.Name));
        Assert.Equal(before.Length >= 3 ? (long)before.Order().Skip((before.Length - 1) / 2).Take(2 - (before.Length % 2)).Average() : null, record.MedianSizeBytes);
        Assert.Equal(state == BackupRecencyState.Shrunk ? HealthStatus.Warning : HealthStatus.Ok, record.Status);
    }

    [Fact]
    public void Old_and_incomplete_backups_are_no_history_to_compare_with()
    {
        var old = Enumerable.Range(0, 10).Select(number => Backup($"old{number}", (24 * 9) + number, size: 1_000_000));
        var broken = Enumerable.Range(0, 10).Select(number => Backup($"broken{number}", 30 + number, size: 1_000_000, completeness: BackupCompleteness.Partial));
        var record = Assert.Single(Judge(Rules, [.. old, .. broken, Backup("newest", 1)]));
        Assert.Equal((BackupRecencyState.Fresh, (long?)null), (record.State, record.MedianSizeBytes));
    }

    [Fact]
    public void Each_kind_of_a_database_is_judged_by_itself()
    {
        var records = Judge(Rules, Backup("a", 3), Backup("b", 30, kind: BackupKind.Plain), Backup("c", 1, "billing"));
        Assert.Equal(
            [("app", BackupKind.Custom, BackupRecencyState.Fresh), ("app", BackupKind.Plain, BackupRecencyState.Stale), ("billing", BackupKind.Custom, BackupRecencyState.Fresh)],
            records.Select(record => (record.Database!, record.Kind!.Value, record.State)));
    }

    [Fact]
    public void A_kind_that_was_given_up_is_not_judged_unless_it_must_be_there()
    {
        DatabaseBackup[] backups = [Backup("a", 3), Backup("b", 3 + (24 * 8) + 1, kind: BackupKind.Plain)];
        var told = new List<string>();
        Assert.Equal(BackupKind.Custom, Assert.Single(Judge(Rules, backups, told)).Kind);
        Assert.Contains("backups.kinds", Assert.Single(told), StringComparison.Ordinal);

        Assert.Equal(2, Judge(Rules, Backup("a", 3), Backup("b", 3 + (24 * 8), kind: BackupKind.Plain)).Count);
        Assert.Equal(BackupRecencyState.Stale, Assert.Single(Judge(Rules with { Kinds = [BackupKind.Plain] }, backups)).State);

        // All are old: none was given up for another.
        Assert.Equal(BackupRecencyState.Stale, Assert.Single(Judge(Rules, Backup("a", 900))).State);
    }

    [Fact]
    public void What_must_be_there_and_is_not_has_a_record_of_its_own()
    {
        var rules = Rules with { Databases = ["app", "billing"], Kinds = [BackupKind.Custom, BackupKind.BaseBackup] };
        var records = Judge(rules, Backup("a", 3), Backup("x", 900, "other"));
        Assert.Equal(
            [(null, BackupKind.BaseBackup, BackupRecencyState.None), ("app", BackupKind.Custom, BackupRecencyState.Fresh), ("billing", BackupKind.Custom, BackupRecencyState.None)],
            records.Select(record => (record.Database, record.Kind!.Value, record.State)));
        Assert.All(records.Where(record => record.State == BackupRecencyState.None), record => Assert.Equal((HealthStatus.Critical, null), (record.Status, record.Error)));

        Assert.Equal(["app", "billing"], Judge(Rules with { Databases = ["billing", "APP"] }, Backup("a", 3)).Select(record => record.Database!.ToLowerInvariant()));
        Assert.Equal(BackupRecencyState.None, Assert.Single(Judge(Rules with { Kinds = [BackupKind.Tar] }, Backup("a", 3))).State);
        Assert.Equal(2, Judge(rules with { Kinds = [] }).Count);
    }

    [Fact]
    public void Base_backups_are_of_all_databases()
    {
        var rules = Rules with { Databases = ["app", "billing"] };
        Assert.Equal(BackupRecencyState.Fresh, Assert.Single(Judge(rules, Backup("base", 3, null, kind: BackupKind.BaseBackup))).State);

        // Where dumps are made too, each database must have one.
        Assert.Equal(
            [BackupRecencyState.Fresh, BackupRecencyState.Fresh, BackupRecencyState.None],
            Judge(rules, Backup("base", 3, null, kind: BackupKind.BaseBackup), Backup("a", 3)).Select(record => record.State));
    }

    [Theory]
    [InlineData(BackupCompleteness.Empty)]
    [InlineData(BackupCompleteness.Partial)]
    public void A_newest_backup_that_is_not_all_there_is_incomplete(BackupCompleteness completeness)
    {
        var record = Assert.Single(Judge(Rules, Backup("a", 5), Backup("b", 3, completeness: completeness)));
        Assert.Equal((BackupRecencyState.Incomplete, "b", "a"), (record.State, record.Newest!.Name, record.LastComplete!.Name));
        Assert.Equal(TimeSpan.FromHours(5), record.Age);
        Assert.Equal(BackupRecencyState.Fresh, Assert.Single(Judge(Rules, Backup("a", 5, completeness: completeness), Backup("b", 3))).State);
    }

    [Fact]
    public void An_upload_that_is_under_way_does_not_count_until_it_takes_too_long()
    {
        var young = Assert.Single(Judge(Rules, Backup("a", 20), Backup("b", 1, completeness: BackupCompleteness.Uncommitted)));
        Assert.Equal((BackupRecencyState.Fresh, "a"), (young.State, young.Newest!.Name));
        Assert.Contains("being written: b", young.Message, StringComparison.Ordinal);

        Assert.Equal(BackupRecencyState.Incomplete, Assert.Single(Judge(Rules, Backup("a", 20), Backup("b", 7, completeness: BackupCompleteness.Uncommitted))).State);
        Assert.Equal(BackupRecencyState.Stale, Assert.Single(Judge(Rules, Backup("a", 30), Backup("b", 1, completeness: BackupCompleteness.Uncommitted))).State);

        var alone = Assert.Single(Judge(Rules, Backup("b", 1, completeness: BackupCompleteness.Uncommitted)));
        Assert.Equal((BackupRecencyState.Incomplete, (TimeSpan?)null), (alone.State, alone.Age));
    }

    [Fact]
    public void A_file_left_half_written_after_the_last_backup_is_a_failed_one()
    {
        var evaluator = new RecencyEvaluator(Rules, Now);
        evaluator.Add(Backup("app.dump", 20));
        evaluator.AddUnfinished([Backup("app-2.dump.partial", 8, completeness: BackupCompleteness.Partial), Backup("other.dump.partial", 8, "other")]);
        var record = Assert.Single(evaluator.Evaluate(Reading));
        Assert.Equal(BackupRecencyState.Incomplete, record.State);
        Assert.Contains("half written", record.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_from_the_store_cannot_forge_a_message()
    {
        var record = Assert.Single(Judge(Rules, Backup("a\n\u001b[2J.dump", 3, "x\u001b]0;t\u0007'; DROP", size: 0)));
        Assert.DoesNotContain(record.Message, char.IsControl);
    }

    [Fact]
    public void With_a_pattern_the_database_of_the_target_is_meant_where_it_has_backups()
    {
        var rules = Rules with { OwnDatabase = "app" };
        Assert.Equal("app", Assert.Single(Judge(rules, Backup("a", 30), Backup("b", 3, "billing"))).Database);
        Assert.Equal("billing", Assert.Single(Judge(rules, Backup("b", 3, "billing"))).Database);
    }

    private static StoreReading Reading { get; } = new("store", "target", 1, Complete: true);

    private static IReadOnlyList<BackupRecency> Judge(RecencyRules rules, params DatabaseBackup[] backups) => Judge(rules, backups, []);

    private static IReadOnlyList<BackupRecency> Judge(RecencyRules rules, DatabaseBackup[] backups, List<string> told)
    {
        var evaluator = new RecencyEvaluator(rules, Now);
        foreach (var backup in backups)
        {
            evaluator.Add(backup);
        }

        return evaluator.Evaluate(Reading, told.Add);
    }

    private static DatabaseBackup Backup(
        string name, double hoursOld, string? database = "app", BackupKind kind = BackupKind.Custom, long size = 100, BackupCompleteness completeness = BackupCompleteness.Unknown) => new()
        {
            Name = name,
            Store = "store",
            Database = database,
            Kind = kind,
            TakenAt = Now.AddHours(-hoursOld),
            LastModified = Now.AddHours(-hoursOld),
            SizeBytes = size,
            Completeness = completeness,
        };
}
