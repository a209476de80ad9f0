using Maintenance.Engine.Rotation;

namespace Maintenance.Engine.Tests.Rotation;

public sealed class RotationPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private static RotationEntry File(string name, double days, long size = 10_000) => new(name, size, Now - TimeSpan.FromDays(days));

    private static RotationEntry Blob(string name, double days, LogTier? tier = null) => File(name, days) with { CanTier = true, Tier = tier };

    private static string[] Plan(LogRotationRule rule, params RotationEntry[] entries) =>
        [.. RotationPlanner.Plan(rule, entries, Now).Select(step => $"{(step.Refusal is null ? "" : "not ")}{step.Action} {step.Entry.Name}")];

    [Fact]
    public void What_is_old_is_deleted_what_is_less_so_compressed_each_oldest_first() => Assert.Equal(
        ["Delete d", "Delete c", "Compress b2", "Compress b1"],
        Plan(new LogRotationRule { CompressAfter = TimeSpan.FromDays(7), DeleteAfter = TimeSpan.FromDays(90) }, File("b1", 7), File("a", 6.99), File("c", 90), File("b2", 8), File("d", 91)));

    [Fact]
    public void Files_of_one_time_come_by_name() =>
        Assert.Equal(["Delete a", "Delete b", "Delete c"], Plan(new LogRotationRule { DeleteAfter = TimeSpan.FromDays(1) }, File("b", 2), File("c", 2), File("a", 2)));

    [Theory]
    [InlineData("x.log.gz", 10_000)]
    [InlineData("x.ZIP", 10_000)]
    [InlineData("x.zst", 10_000)]
    [InlineData("x.log", 1023)]
    [InlineData("x.log", 0)]
    public void What_is_compressed_or_tiny_is_not_compressed(string name, long size) =>
        Assert.Empty(Plan(new LogRotationRule { CompressAfter = TimeSpan.FromDays(1) }, File(name, 9, size)));

    [Fact]
    public void The_newest_stay_however_old() =>
        Assert.Equal(["Delete d", "Delete c"], Plan(new LogRotationRule { DeleteAfter = TimeSpan.FromDays(1), Keep = 2 }, File("a", 20), File("b", 30), File("c", 40), File("d", 50)));

    [Fact]
    public void A_number_alone_deletes_all_others() =>
        Assert.Equal(["Delete c"], Plan(new LogRotationRule { Keep = 2 }, File("a", 1), File("b", 2), File("c", 3)));

    [Fact]
    public void Beside_another_condition_a_number_deletes_nothing() =>
        Assert.Empty(Plan(new LogRotationRule { Keep = 2, MaximumTotalSize = 100_000 }, File("a", 1), File("b", 2), File("c", 3)));

    [Fact]
    public void The_oldest_go_until_the_rest_fits()
    {
        var rule = new LogRotationRule { MaximumTotalSize = 25_000 };
        Assert.Equal(["Delete d", "Delete c"], Plan(rule, File("a", 1), File("b", 2), File("c", 3), File("d", 4)));
        Assert.Equal(["Delete d"], Plan(rule with { Keep = 3 }, File("a", 1), File("b", 2), File("c", 3), File("d", 4)));
    }

    [Fact]
    public void What_is_too_much_is_compressed_before_it_is_deleted() => Assert.Equal(
        ["Compress a", "Delete a"], Plan(new LogRotationRule { MaximumTotalSize = 1, CompressAfter = TimeSpan.FromDays(1) }, File("a", 2)));

    [Fact]
    public void What_was_just_written_to_is_not_touched_however_many_there_are()
    {
        var young = File("a", 0) with { Modified = Now.AddMinutes(-4), Written = Now.AddMinutes(-4) };
        Assert.Equal(["not Delete a"], Plan(new LogRotationRule { MaximumTotalSize = 1 }, young));
        // A clock that was wrong makes files of the future.
        Assert.Equal(["not Delete b"], Plan(new LogRotationRule { MaximumTotalSize = 1 }, File("b", -3)));
        // Its content is old, but somebody has just put it there.
        Assert.Empty(Plan(new LogRotationRule { DeleteAfter = TimeSpan.FromDays(1) }, File("c", 30) with { Written = Now.AddMinutes(-1) }));
    }

    [Fact]
    public void What_must_be_kept_is_kept_and_compressed_all_the_same()
    {
        var rule = new LogRotationRule { CompressAfter = TimeSpan.FromDays(7), DeleteAfter = TimeSpan.FromDays(90) };
        var audit = File("audit.md", 400) with { Retention = new RetentionNote(Now.AddYears(6), "retention=7years") };
        Assert.Equal(["Compress audit.md"], Plan(rule, audit));
        Assert.Equal(["not Delete audit.md.gz"], Plan(rule, audit with { Name = "audit.md.gz" }));
        Assert.Equal(["Delete audit.md.gz"], Plan(rule, audit with { Name = "audit.md.gz", Retention = new RetentionNote(Now, "retention=7years") }));
        Assert.Equal(["not Delete a.gz"], Plan(rule, audit with { Name = "a.gz", Retention = new RetentionNote(null, "retention=long") }));
    }

    [Fact]
    public void What_somebody_holds_stays_exactly_as_it_is()
    {
        var rule = new LogRotationRule { Source = LogSource.Store, CompressAfter = TimeSpan.FromDays(7), TierAfter = TimeSpan.FromDays(8), DeleteAfter = TimeSpan.FromDays(90) };
        Assert.Equal(["not Delete c", "not Compress b"], Plan(rule, Blob("b", 9) with { Hold = "It is leased." }, Blob("c", 99) with { Hold = "It is leased." }));
    }

    [Fact]
    public void Tiers_only_grow_colder_and_the_archive_is_not_read()
    {
        var rule = new LogRotationRule { Source = LogSource.Store, TierAfter = TimeSpan.FromDays(7), Tier = LogTier.Cold };
        Assert.Equal(["Tier b", "Tier a"], Plan(rule, Blob("a", 8), Blob("b", 9, LogTier.Cool), Blob("c", 9, LogTier.Cold), Blob("d", 9, LogTier.Archive), File("e", 9)));
        Assert.Empty(Plan(rule with { TierAfter = null, Tier = null, CompressAfter = TimeSpan.FromDays(1) }, Blob("d", 9, LogTier.Archive)));
    }

    [Fact]
    public void Compressing_and_tiering_at_once_is_one_step()
    {
        var step = Assert.Single(RotationPlanner.Plan(
            new LogRotationRule { Source = LogSource.Store, CompressAfter = TimeSpan.FromDays(7), TierAfter = TimeSpan.FromDays(7) }, [Blob("a", 8)], Now));
        Assert.Equal((LogRotationAction.Compress, LogTier.Cool), (step.Action, step.Tier));
    }

    [Fact]
    public void What_an_interruption_left_goes_once_nobody_is_at_it()
    {
        var rule = new LogRotationRule { CompressAfter = TimeSpan.FromDays(7), Keep = 5 };
        Assert.Equal(["Delete .x.rotating"], Plan(rule, File(".x.rotating", 1) with { IsLeftover = true }));
        Assert.Empty(Plan(rule, File(".x.rotating", 0) with { IsLeftover = true }));
    }

    /// <summary>Any rule on any files: nothing young goes without a reason, the newest stay, the order is that of age, and a second plan is empty.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Whatever_the_rule_and_the_files(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 400; round++)
        {
            var rule = RuleFrom(random);
            var files = Enumerable.Range(0, random.Next(0, 25)).Select(i => FileFrom(random, i)).ToList();
            var plan = RotationPlanner.Plan(rule, files, Now);
            Assert.Equal(plan.Select(Words), RotationPlanner.Plan(rule, [.. files.Order(Comparer<RotationEntry>.Create((a, b) => string.CompareOrdinal(b.Name, a.Name)))], Now).Select(Words));
            Assert.All(plan.GroupBy(step => step.IsForSize), part => Assert.Equal(part.Count(), part.Select(step => step.Entry).Distinct().Count()));

            var newest = files.OrderBy(file => file.Modified).ThenBy(file => file.Name, StringComparer.Ordinal).TakeLast(rule.Keep ?? 0).ToHashSet();
            foreach (var step in plan.Where(step => step is { Action: LogRotationAction.Delete, Refusal: null }))
            {
                Assert.DoesNotContain(step.Entry, newest);
                Assert.True(Now - step.Entry.Written >= rule.QuietTime);
                Assert.Null(step.Entry.Hold);
                Assert.True(step.Entry.Retention is null || step.Entry.Retention.Until <= Now);
                Assert.True(Now - step.Entry.Modified >= rule.DeleteAfter || step.IsForSize || rule is { DeleteAfter: null, MaximumTotalSize: null, Keep: not null }, Words(step));
            }

            foreach (var kind in plan.GroupBy(step => (step.Action == LogRotationAction.Delete, step.IsForSize)))
            {
                Assert.Equal(kind.Select(step => step.Entry.Modified).Order(), kind.Select(step => step.Entry.Modified));
            }

            Assert.DoesNotContain(RotationPlanner.Plan(rule, After(files, plan), Now), step => step.Refusal is null);
        }
    }

    private static string Words(RotationStep step) => $"{step.Action} {step.Entry.Name} {step.Reason} {step.Refusal}";

    private static LogRotationRule RuleFrom(Random random)
    {
        TimeSpan? Sometimes(int most) => random.Next(2) == 0 ? TimeSpan.FromDays(random.Next(1, most)) : null;
        return new LogRotationRule
        {
            Source = LogSource.Store,
            CompressAfter = Sometimes(20),
            TierAfter = Sometimes(20),
            Tier = (LogTier)random.Next(3),
            DeleteAfter = Sometimes(60),
            Keep = random.Next(2) == 0 ? random.Next(1, 12) : null,
            MaximumTotalSize = random.Next(2) == 0 ? random.Next(1, 200_000) : null,
            QuietTime = TimeSpan.FromMinutes(random.Next(1, 3000)),
        };
    }

    private static RotationEntry FileFrom(Random random, int number)
    {
        var modified = Now - TimeSpan.FromHours(random.Next(-24, 24 * 70));
        return new RotationEntry($"{number}.log{(random.Next(3) == 0 ? ".gz" : "")}", random.Next(0, 30_000), modified)
        {
            Written = random.Next(4) == 0 ? modified + TimeSpan.FromHours(random.Next(24 * 30)) : modified,
            CanTier = random.Next(2) == 0,
            CanCompress = random.Next(5) > 0,
            Tier = random.Next(3) == 0 ? (LogTier)random.Next(3) : null,
            Hold = random.Next(8) == 0 ? "held" : null,
            Retention = random.Next(6) == 0 ? new RetentionNote(random.Next(3) == 0 ? null : Now.AddDays(random.Next(-20, 20)), "retention") : null,
        };
    }

    // What the stores do, in the worst case: compressing saves nothing, and a new name is written now or keeps its time.
    private static List<RotationEntry> After(List<RotationEntry> files, IReadOnlyList<RotationStep> plan)
    {
        var done = plan.Where(step => step.Refusal is null).GroupBy(step => step.Entry).ToDictionary(steps => steps.Key, steps => steps.Last());
        return [.. files.Where(file => !(done.TryGetValue(file, out var step) && step.Action == LogRotationAction.Delete)).Select(file => done.TryGetValue(file, out var step)
            ? file with { Tier = step.Tier ?? file.Tier, Name = step.Action == LogRotationAction.Compress ? $"{file.Name}.gz" : file.Name }
            : file)];
    }
}
