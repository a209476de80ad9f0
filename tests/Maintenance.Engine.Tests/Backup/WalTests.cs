using Maintenance.Engine.Backup;
using Maintenance.Engine.Backup.Physical;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Tests.Backup;

public sealed class WalTests
{
    private const long Size = WalPosition.UsualSegmentSize;

    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("000000010000000A000000FF", "Segment", 1, 10, 255, "")]
    [InlineData("wal/00000002000000000000000C.gz", "Segment", 2, 0, 12, ".gz")]
    [InlineData("00000002000000000000000C.zst", "Segment", 2, 0, 12, ".zst")]
    [InlineData("00000002000000000000000C.partial", "Partial", 2, 0, 12, "")]
    [InlineData("00000002000000000000000C.partial.lz4", "Partial", 2, 0, 12, ".lz4")]
    [InlineData("0000000A.history", "History", 10, 0, 0, "")]
    [InlineData("000000010000000000000002.00000028.backup", "BackupLabel", 1, 0, 2, "")]
    [InlineData("0000000100000000/000000010000000000000002-0123456789abcdef0123456789abcdef01234567.gz", "Segment", 1, 0, 2, ".gz")]
    public void A_name_tells_what_a_file_of_an_archive_is(string name, string kind, uint timeline, uint high, uint low, string compression) =>
        Assert.Equal(new WalFileName(Enum.Parse<WalFileKind>(kind), timeline, high, low, compression), WalFileName.Parse(name));

    [Theory]
    [InlineData("README")]
    [InlineData("00000001000000000000000")]
    [InlineData("000000010000000000000002.tmp")]
    [InlineData("000000000000000000000002")]
    [InlineData("000000010000000000001000")]
    [InlineData("00000001000000000000000g")]
    [InlineData("00000001.history")]
    public void Other_files_are_no_part_of_an_archive(string name) => Assert.Null(WalFileName.Parse(name));

    [Theory]
    [InlineData("0/2000028", 0x2000028)]
    [InlineData("A/FF", 0xA000000FF)]
    public void A_position_is_read_and_written(string text, long value)
    {
        Assert.Equal((ulong)value, WalPosition.Parse(text));
        Assert.Equal(text, WalPosition.Format((ulong)value));
    }

    [Fact]
    public void Segments_follow_each_other_over_the_end_of_a_log_whatever_their_size()
    {
        Assert.Equal("000000010000000100000000", WalPosition.NameOf(1, WalPosition.NumberOf(0, 255, Size) + 1, Size));
        Assert.Equal("000000010000000100000000", WalPosition.NameOf(1, WalPosition.NumberOf(0, 63, 64 << 20) + 1, 64 << 20));
        var segments = new WalSegments();
        Assert.True(segments.Add(1, 0));
        Assert.True(segments.Add(0, 255));
        Assert.True(segments.Add(0, 254));
        Assert.False(segments.Add(0, 254));
        Assert.Equal([(254UL, 256UL)], segments.Ranges(Size));
        Assert.Equal(3, segments.Count);
    }

    [Fact]
    public void A_history_is_read_and_nonsense_is_none()
    {
        var history = WalTimeline.Parse("1\t0/5000000\tno recovery target specified\n\n# a remark\n2\t0/7000100\tbefore 2026\n", 3);
        Assert.Equal([new(1, 0x5000000, "no recovery target specified"), new(2, 0x7000100, "before 2026")], history!);
        Assert.Null(WalTimeline.Parse("", 2));
        Assert.Null(WalTimeline.Parse("1\tnowhere\tx", 2));
        Assert.Null(WalTimeline.Parse("3\t0/5000000\tx", 3));
        Assert.Null(WalTimeline.Parse("2\t0/5000000\tx\n1\t0/6000000\ty", 3));
    }

    [Fact]
    public void A_gap_is_told_by_the_names_of_its_segments()
    {
        var found = Find([Enumerable.Range(3, 4).Concat(Enumerable.Range(9, 3))]);
        var gap = Assert.Single(found.Gaps);
        Assert.Equal(("000000010000000000000007", "000000010000000000000008", 2L), (gap.FirstMissing, gap.LastMissing, gap.Count));
        Assert.Equal(9UL, found.ContinuousFrom!.Value.Number);
    }

    [Fact]
    public void What_no_base_backup_needs_any_more_may_be_missing()
    {
        int[] present = [3, 5, 6, 7];
        Assert.Empty(Find([present], starts: [(1, 5)]).Gaps);
        Assert.Single(Find([present], starts: [(1, 3)]).Gaps);

        // The label stayed when the log of its backup was cleared away.
        Assert.Equal(5UL, Find([present], starts: [(1, 1), (1, 5)]).Needed!.Value.Number);
    }

    [Fact]
    public void Segments_of_a_timeline_that_was_left_are_no_gaps_and_none_of_the_way()
    {
        // Timeline 2 left timeline 1 in segment 6; timeline 1 went on by itself to 9.
        var history = WalTimeline.Parse("1\t0/6001000\tpromoted", 2)!;
        var found = Find([[3, 4, 5, 6, 7, 9], [6, 7]], history);
        Assert.Empty(found.Gaps);
        Assert.Equal((2U, 7UL), found.Newest);

        Assert.Equal("000000010000000000000005", Assert.Single(Find([[3, 4], [6, 7]], history).Gaps).LastMissing);
        Assert.Equal("000000020000000000000006", Assert.Single(Find([[3, 4, 5, 6], [7]], history).Gaps).LastMissing);
    }

    [Fact]
    public void A_gap_over_a_switch_is_told_of_both_timelines()
    {
        var gaps = Find([[3, 4], [8]], WalTimeline.Parse("1\t0/6001000\tpromoted", 2)!).Gaps;
        Assert.Equal(["000000010000000000000005", "000000020000000000000006"], gaps.Select(gap => gap.FirstMissing));
        Assert.Equal([1L, 2L], gaps.Select(gap => gap.Count));
    }

    [Fact]
    public void Empty_truncated_and_doubled_segments_are_seen()
    {
        var inventory = new WalInventory();
        void Add(string name, long size) => inventory.Add(new StoreEntry(name, size, Now));
        Add("000000010000000000000001", Size);
        Add("000000010000000000000002", 0);
        Add("000000010000000000000003", Size / 2);
        Add("000000010000000000000004", 12345);
        Add("000000010000000000000005", Size);
        Add("000000010000000000000005.gz", 999);
        Add("000000010000000000000006.gz", 999);
        Add("README", 1);
        var holdings = inventory.Holdings(Size);
        Assert.Equal([1UL, 5UL, 6UL], holdings.Segments[1].Ranges(Size).SelectMany(range => new[] { range.First, range.Last }).Distinct());
        Assert.Equal((3L, 1L), (holdings.DamagedCount, holdings.DuplicateCount));
        Assert.Equal((6UL, 1L), (holdings.Newest[1].Number, inventory.OtherFileCount));
    }

    [Fact]
    public void Years_of_segments_take_little_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var segments = new WalSegments();
        for (var number = 0U; number < 1_000_000; number++)
        {
            segments.Add(number / 256, number % 256);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        Assert.Equal((0UL, 999_999UL), Assert.Single(segments.Ranges(Size)));
    }

    [Theory]
    // Two hours old, at most one is allowed. Position, archive_timeout: what comes of it.
    [InlineData("0/7000060", 0, BackupRecencyState.Fresh, "idle")]
    [InlineData("0/7300000", 0, BackupRecencyState.Stale, "archive_timeout")]
    [InlineData("0/7300000", 60, BackupRecencyState.Fresh, "younger than archive_timeout")]
    [InlineData("0/7300000", 7200, BackupRecencyState.Stale, "archive_timeout")]
    [InlineData("0/9300000", 60, BackupRecencyState.Stale, "complete segments")]
    public void An_old_archive_is_fresh_only_where_nothing_old_is_missing_from_it(string position, int timeout, BackupRecencyState state, string told)
    {
        var recency = Judge(Now.AddHours(-2), new WalServer(false, position, 1, timeout > 0 ? TimeSpan.FromSeconds(timeout) : null, Size, null, Archiver()));
        Assert.Equal(state, recency.State);
        Assert.Contains(told, $"{recency.Message} {recency.Recommendation}", StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_server_an_old_archive_is_stale_and_a_young_one_fresh()
    {
        Assert.Equal(BackupRecencyState.Stale, Judge(Now.AddHours(-2), null).State);
        Assert.Equal(BackupRecencyState.Fresh, Judge(Now.AddMinutes(-2), null).State);
    }

    [Fact]
    public void A_failing_archiver_is_told_even_while_the_archive_is_fresh()
    {
        var failing = Archiver() with { IsFailing = true, LastFailedFile = "000000010000000000000007", LastFailedAt = Now };
        var recency = Judge(Now.AddMinutes(-2), new WalServer(false, "0/8000060", 1, null, Size, null, failing));
        Assert.Equal(BackupRecencyState.Fresh, recency.State);
        Assert.Contains("The archiver fails: 000000010000000000000007", recency.Message, StringComparison.Ordinal);
        Assert.Equal((0x1000060L, 0x1000000L), (recency.Wal!.Server!.NotArchivedBytes, recency.Wal.Server.WaitingBytes));
    }

    [Fact]
    public void A_server_on_a_newer_timeline_than_its_archive_does_not_archive()
    {
        var recency = Judge(Now.AddMinutes(-2), new WalServer(false, "0/7000060", 2, null, Size, null, Archiver()));
        Assert.Equal(BackupRecencyState.Stale, recency.State);
    }

    private static DbWalArchiver Archiver() => new() { Mode = "on", IsFailing = false };

    private static BackupRecency Judge(DateTimeOffset newest, WalServer? server)
    {
        var inventory = new WalInventory();
        for (var number = 3; number < 7; number++)
        {
            inventory.Add(new StoreEntry(WalPosition.NameOf(1, (ulong)number, Size), Size, newest));
        }

        var archive = new WalArchive(inventory, inventory.Holdings(Size), null, Size, 1, null, Now);
        return new WalRecencyEvaluator(TimeSpan.FromHours(1), Now).Judge(archive, server, null, new StoreReading("archive", null, 1, Complete: true));
    }

    private static WalContinuity Find(IEnumerable<int>[] timelines, IReadOnlyList<WalTimelineEntry>? history = null, (uint, ulong)[]? starts = null)
    {
        var segments = new Dictionary<uint, WalSegments>();
        for (var timeline = 1; timeline <= timelines.Length; timeline++)
        {
            segments[(uint)timeline] = new WalSegments();
            foreach (var number in timelines[timeline - 1])
            {
                segments[(uint)timeline].Add(0, (uint)number);
            }
        }

        return new WalGapFinder(Size).Find(WalTimeline.Way((uint)timelines.Length, history ?? [], Size), segments, starts ?? []);
    }
}
