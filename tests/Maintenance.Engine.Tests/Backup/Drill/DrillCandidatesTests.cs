using Maintenance.Engine.Backup.Drill;
using static Maintenance.Engine.Tests.Backup.Drill.DrillSample;

namespace Maintenance.Engine.Tests.Backup.Drill;

public sealed class DrillCandidatesTests
{
    private static IReadOnlyList<(DrillItem Item, IReadOnlyList<DatabaseBackup> Backups, string? NoneComplete)> Pick(BackupSettings settings, params DatabaseBackup[] backups)
    {
        var candidates = new DrillCandidates(settings, Start);
        foreach (var backup in backups)
        {
            candidates.Add(backup);
        }

        return candidates.Result();
    }

    [Fact]
    public void Each_database_and_each_sort_has_its_newest_and_the_one_before_it_whatever_the_order()
    {
        var picked = Pick(
            new BackupSettings(),
            Dumped("app", age: TimeSpan.FromHours(50)), Dumped("app", age: TimeSpan.FromHours(2)), Dumped("app", BackupKind.Plain, TimeSpan.FromHours(26)),
            Dumped("crm"), Dumped(null, BackupKind.BaseBackup));
        Assert.Equal(["app", "crm", "the cluster (base backup)"], picked.Select(pick => pick.Item.Name));
        Assert.Equal([2.0, 26.0], picked[0].Backups.Select(backup => (Start - backup.TakenAt).TotalHours));
    }

    [Fact]
    public void What_is_not_whole_or_comes_from_the_future_is_passed_over_and_told_where_nothing_else_is_there()
    {
        var picked = Pick(
            new BackupSettings(),
            Dumped("app", age: TimeSpan.FromHours(1), size: 0), Dumped("app", age: TimeSpan.FromHours(2), completeness: BackupCompleteness.Partial), Dumped("app", age: TimeSpan.FromHours(3)),
            Dumped("crm", completeness: BackupCompleteness.Uncommitted), Dumped("old", age: TimeSpan.FromHours(-3)));
        Assert.Equal(3.0, (Start - Assert.Single(picked[0].Backups).TakenAt).TotalHours);
        Assert.Null(picked[0].NoneComplete);
        Assert.Contains("never put together", picked[1].NoneComplete, StringComparison.Ordinal);
        Assert.Contains("future", picked[2].NoneComplete, StringComparison.Ordinal);
    }

    [Fact]
    public void Kinds_that_the_configuration_wants_are_restored_by_themselves()
    {
        var picked = Pick(new BackupSettings { Kinds = [BackupKind.Custom] }, Dumped("app"), Dumped("app", BackupKind.Plain), Dumped("APP", BackupKind.Tar));
        Assert.Equal(["app", "app (Custom)"], picked.Select(pick => pick.Item.Name));
        Assert.Equal(2, picked[0].Backups.Count);
    }
}
