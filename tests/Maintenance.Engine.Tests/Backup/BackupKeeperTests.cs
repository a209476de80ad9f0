using Maintenance.Engine.Backup.Dump;

namespace Maintenance.Engine.Tests.Backup;

/// <summary>Which old backups go when a new one was made.</summary>
public sealed class BackupKeeperTests
{
    // A Thursday.
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 2, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Without_a_rule_nothing_goes() =>
        Assert.Empty(Expired(new BackupKeepRules(), [.. Enumerable.Range(1, 500).Select(day => Old(Now.AddDays(-day)))]));

    [Fact]
    public void The_last_so_many_count_the_new_one() =>
        Assert.Equal(["4", "3"], Expired(new BackupKeepRules { Last = 3 }, Days(1, 2, 3, 4)));

    [Fact]
    public void The_last_of_each_day_stays_and_days_without_one_do_not_count() =>
        Assert.Equal(
            ["20.1", "20", "9.1"],
            Expired(new BackupKeepRules { Daily = 3 }, [Old(Now.AddDays(-1), "1"), Old(Now.AddDays(-9), "9"), Old(Now.AddDays(-9).AddHours(-1), "9.1"), Old(Now.AddDays(-20), "20"), Old(Now.AddDays(-20).AddHours(-1), "20.1")]));

    [Fact]
    public void A_week_begins_on_Monday_and_a_month_on_its_first()
    {
        // Sunday the 22nd is of the week before; Monday the 23rd is of this one.
        Assert.Equal(["23"], Expired(new BackupKeepRules { Weekly = 2 }, [Old(Day(23), "23"), Old(Day(22), "22")]));
        Assert.Equal(["30", "1"], Expired(new BackupKeepRules { Monthly = 2 }, [Old(Day(1), "1"), Old(Day(1).AddDays(-1), "31"), Old(Day(1).AddDays(-2), "30")]));
        // The last days of December may be of the first week of the next year: they are one week, not two.
        var newYear = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(
            ["30 December"],
            BackupKeeper.Expired([Old(newYear.AddDays(-2), "30 December"), Old(newYear.AddDays(-4), "28 December")], Made(newYear), new BackupKeepRules { Weekly = 2 }, newYear).Select(old => old.Backup.Name));
    }

    [Fact]
    public void What_any_rule_keeps_stays()
    {
        var rules = new BackupKeepRules { Last = 2, Daily = 3, Weekly = 3, Monthly = 2, Within = TimeSpan.FromHours(30) };
        Assert.Equal(
            ["60", "31", "8", "3"],
            Expired(rules, Days(1, 2, 3, 4, 8, 11, 30, 31, 60)).Order(StringComparer.Ordinal).OrderByDescending(name => int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Everything_within_an_age_stays() =>
        Assert.Equal(["3"], Expired(new BackupKeepRules { Within = TimeSpan.FromDays(2.5) }, Days(1, 2, 3)));

    [Fact]
    public void One_that_is_not_whole_takes_nobodys_place_and_goes_with_its_age()
    {
        OldBackup[] old = [Old(Now.AddDays(-1), "broken") with { IsWhole = false }, Old(Now.AddDays(-2), "2"), Old(Now.AddDays(-3), "3"), Old(Now.AddDays(-4), "old and broken") with { IsWhole = false }];
        Assert.Equal(["old and broken", "3"], Expired(new BackupKeepRules { Last = 2 }, old));
    }

    [Fact]
    public void The_newest_that_passed_a_verification_stays_until_a_newer_one_has()
    {
        OldBackup[] old =
        [
            Old(Now.AddDays(-1), "failed") with { Passed = false },
            Old(Now.AddDays(-2), "never verified"),
            Old(Now.AddDays(-3), "passed") with { Passed = true },
            Old(Now.AddDays(-4), "passed before") with { Passed = true },
        ];
        Assert.Equal(["passed before", "never verified", "failed"], Expired(new BackupKeepRules { Last = 1 }, old));
        Assert.Equal(["1"], Expired(new BackupKeepRules { Last = 1 }, [Old(Now.AddDays(-1), "1"), Old(Now.AddDays(-2), "passed") with { Passed = true }]));
        Assert.Equal(
            ["passed", "1"],
            Expired(
                new BackupKeepRules { Last = 1 },
                [Old(Now.AddHours(-1), "passed now") with { Passed = true }, Old(Now.AddDays(-1), "1"), Old(Now.AddDays(-2), "passed") with { Passed = true }]));
    }

    [Fact]
    public void What_the_store_must_not_delete_stays()
    {
        OldBackup Held(string name, Func<DatabaseBackup, DatabaseBackup> change) => Old(Now.AddDays(-9), name) is var old ? old with { Backup = change(old.Backup) } : old;
        Assert.Equal(
            ["no more"],
            Expired(
                new BackupKeepRules { Last = 1 },
                [
                    Held("held", backup => backup with { LegalHold = true }),
                    Held("immutable", backup => backup with { ImmutableUntil = Now.AddMinutes(1) }),
                    Held("no more", backup => backup with { ImmutableUntil = Now.AddMinutes(-1), LegalHold = false }),
                ]));
    }

    [Fact]
    public void What_is_younger_than_the_new_one_stays() =>
        Assert.Equal(["1"], Expired(new BackupKeepRules { Last = 1 }, [Old(Now.AddHours(1), "from a clock that is ahead"), Old(Now, "of the same moment"), Old(Now.AddDays(-1), "1")]));

    [Fact]
    public void The_new_one_is_never_among_them_whatever_the_listing_says_of_it() =>
        Assert.Empty(Expired(new BackupKeepRules { Last = 1 }, [Old(Now.AddDays(-9), "made") with { IsWhole = false }]));

    [Fact]
    public void The_last_test_decides_whether_a_backup_passed_and_only_one_that_read_all_of_it_counts()
    {
        var backup = Old(Now, "x").Backup with { ETag = "1" };
        BackupVerification Test(BackupVerdict verdict, BackupLevel level, string etag = "1") => new() { Backup = backup with { ETag = etag }, Level = level, Verdict = verdict, Message = "" };
        Assert.Null(OldBackups.Passed(backup, []));
        Assert.Null(OldBackups.Passed(backup, [Test(BackupVerdict.Verified, BackupLevel.Toc), Test(BackupVerdict.CannotDetermine, BackupLevel.Full)]));
        Assert.True(OldBackups.Passed(backup, [Test(BackupVerdict.Verified, BackupLevel.Header), Test(BackupVerdict.Verified, BackupLevel.Checksum)]));
        Assert.False(OldBackups.Passed(backup, [Test(BackupVerdict.Failed, BackupLevel.Header), Test(BackupVerdict.Verified, BackupLevel.Full)]));
        Assert.Null(OldBackups.Passed(backup, [Test(BackupVerdict.Failed, BackupLevel.Full, etag: "another content")]));
    }

    private static DateTimeOffset Day(int day) => new(2026, 11, day, 12, 0, 0, TimeSpan.Zero);

    private static OldBackup[] Days(params int[] days) => [.. days.Select(day => Old(Now.AddDays(-day), day.ToString(System.Globalization.CultureInfo.InvariantCulture)))];

    private static IEnumerable<string> Expired(BackupKeepRules rules, OldBackup[] old) => BackupKeeper.Expired(old, Made(Now), rules, Now).Select(expired => expired.Backup.Name);

    private static DatabaseBackup Made(DateTimeOffset takenAt) => Old(takenAt, "made").Backup;

    private static OldBackup Old(DateTimeOffset takenAt, string? name = null) => new(
        new DatabaseBackup { Name = name ?? $"{takenAt:u}", Store = "store", TakenAt = takenAt, LastModified = takenAt, SizeBytes = 1 }, IsWhole: true);
}
