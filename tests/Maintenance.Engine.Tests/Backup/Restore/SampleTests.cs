using Maintenance.Engine.Backup.Restore;

namespace Maintenance.Engine.Tests.Backup.Restore;

/// <summary>Which tables a sample restores, and how pg_restore is told.</summary>
public sealed class SampleTests
{
    private static readonly DateOnly Day = new(2026, 11, 26);
    private static readonly DumpTable[] Tables = [.. Enumerable.Range(1, 20).Select(number => new DumpTable("public", $"t{number}"))];

    [Fact]
    public void The_same_day_gives_the_same_tables_and_each_has_its_turn()
    {
        Assert.Equal(Choose(Day), Choose(Day));
        Assert.Equal(3, Choose(Day).Count);
        var seen = Enumerable.Range(0, 60).SelectMany(day => Choose(Day.AddDays(day))).Distinct();
        Assert.Equal(Tables.Length, seen.Count());
    }

    [Fact]
    public void The_largest_is_among_them_every_fourth_day()
    {
        var days = Enumerable.Range(0, 40).Count(day => Choose(Day.AddDays(day)).Contains(Tables[7]));
        Assert.InRange(days, 10, 30);
        Assert.All(Enumerable.Range(0, 40).Select(day => Day.AddDays(day)).Where(day => day.DayNumber % 4 == 0), day => Assert.Contains(Tables[7], Choose(day)));
    }

    [Fact]
    public void More_tables_than_there_are_give_all() => Assert.Equal(Tables.Length, SampleChooser.Choose(Tables, 100, "seed", Day, _ => null).Count);

    [Fact]
    public void The_list_holds_the_rows_of_the_chosen_and_everything_else()
    {
        var scan = DumpScanTests.Scan(
            "CREATE TABLE public.a (",
            "CREATE TABLE public.\"a b\" (",
            "CREATE TABLE \"TABLE DATA public\".c (",
            "ALTER TABLE ONLY public.a",
            "    ADD CONSTRAINT to_b FOREIGN KEY (b) REFERENCES public.\"a b\"(id);",
            "ALTER TABLE ONLY public.\"a b\"",
            "    ADD CONSTRAINT to_a FOREIGN KEY (a) REFERENCES public.a(id);");
        string[] lines =
        [
            "218; 1259 16434 TABLE public a we ird",
            "3393; 0 16434 TABLE DATA public a we ird",
            "3394; 0 16435 TABLE DATA public a b owner",
            "3395; 0 16436 TABLE DATA TABLE DATA public c owner",
            "3406; 0 0 SEQUENCE SET public a_id_seq owner",
            "3396; 0 0 BLOBS - BLOBS ",
            "3246; 2606 16437 FK CONSTRAINT public a to_b we ird",
            "3247; 2606 16438 FK CONSTRAINT public a b to_a owner",
        ];
        var list = new RestoreList(scan, lines);
        Assert.Equal([new("public", "a"), new("public", "a b"), new("TABLE DATA public", "c")], list.TablesWithRows);
        var (kept, left) = list.For([new DumpTable("public", "a")]);
        Assert.Equal([lines[0], lines[1], lines[4], lines[7]], kept);
        Assert.Equal("to_b", Assert.Single(left).Name);
    }

    private static IReadOnlyList<DumpTable> Choose(DateOnly day) => SampleChooser.Choose(Tables, 3, "seed", day, table => table == Tables[7] ? 1000 : 1);
}
