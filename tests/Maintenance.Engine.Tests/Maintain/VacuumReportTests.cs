using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Tests.Maintain;

/// <summary>What servers write, as they write it; those of 13 and 14 are from their documentation and source, since they are not at hand.</summary>
public sealed class VacuumReportTests
{
    private static ServerNotice Info(string text) => new(false, "00000", text);

    private static ServerNotice Warning(string sqlState, string text) => new(true, sqlState, text);

    private const string Heap18 = """
        finished vacuuming "app.public.t": index scans: 1
        pages: 3 removed, 87 remain, 90 scanned (100.00% of total), 0 eagerly scanned
        tuples: 4000 removed, 6000 remain, 12 are dead but not yet removable
        removable cutoff: 752, which was 0 XIDs old when operation ended
        WAL usage: 276 records, 1 full page images, 33666 bytes, 0 buffers full
        """;

    [Fact]
    public void Figures_are_of_the_table_and_its_TOAST_table()
    {
        var report = new VacuumReport(
        [
            Info("vacuuming \"app.public.t\""),
            Info(Heap18),
            Info(Heap18.Replace("4000 removed", "70 removed", StringComparison.Ordinal).Replace("752", "755", StringComparison.Ordinal)),
        ]);
        Assert.True(report.Ran);
        Assert.Equal((4_000L, 70L, 24L), (report.Removed, report.ToastRemoved, report.NotRemovable));
        Assert.Equal((3L, 87L, 90L), (report.PagesRemoved, report.PagesRemaining, report.PagesScanned));
        Assert.Equal((67_332L, 752L), (report.WalBytes, report.Cutoff));
    }

    [Fact]
    public void Older_servers_say_it_in_other_words()
    {
        var report = new VacuumReport([Info("table \"t\": found 4000 removable, 6000 nonremovable row versions in 90 out of 90 pages\n12 dead row versions cannot be removed yet, oldest xmin: 752\n")]);
        Assert.Equal((4_000L, 12L, 90L, 752L), (report.Removed, report.NotRemovable, report.PagesScanned, report.Cutoff));
        Assert.Null(report.WalBytes);
    }

    [Fact]
    public void Another_language_leaves_the_figures_to_the_statistics_and_is_still_known_to_have_run()
    {
        var report = new VacuumReport([Info("beende Vacuum von »app.public.t«: Index-Scans: 1")]);
        Assert.True(report.Ran);
        Assert.Null(report.Removed);
        Assert.Null(report.NotRemovable);
    }

    [Fact]
    public void A_lock_a_missing_table_and_a_missing_right_are_told_apart_without_their_words()
    {
        var locked = new VacuumReport([Warning("55P03", "überspringe Vacuum von »t« --- Sperre nicht verfügbar")]);
        Assert.True(locked is { Ran: false, MetLock: true, MetNothing: false });
        Assert.True(new VacuumReport([Warning("42P01", "x")]) is { Ran: false, MetLock: false, MetNothing: true });
        var denied = new VacuumReport([Warning("01000", "permission denied to vacuum \"t\", skipping it")]);
        Assert.True(denied is { Ran: false, MetLock: false, MetNothing: false });
        Assert.Contains("permission denied", denied.Warning, StringComparison.Ordinal);
    }

    private static VacuumReport Report(long removed, string indexes) => new(
        [Info($"finished vacuuming \"app.public.t\": index scans: 1\ntuples: {removed} removed, 25000 remain, 0 are dead but not yet removable\n{indexes}")]);

    [Fact]
    public void Line_pointers_beyond_the_rows_removed_are_rows_that_had_been_pruned()
    {
        var outcome = VacuumOutcome.Of(Report(40, "index scan needed: 618 pages from table (100.00% of total) had 25000 dead item identifiers removed"), 25_000, 0);
        Assert.Equal((25_000L, 24_960L), (outcome.RowsRemoved, outcome.RowsPrunedBefore));
        Assert.Equal("25,000 dead rows were removed (24,960 of them had been pruned to their line pointers before).", outcome.Message);
        // Updates within a page leave no line pointers.
        Assert.Equal((4_000L, 0L), VacuumOutcome.Of(Report(4_000, "index scan needed: 9 pages from table (1.00% of total) had 10 dead item identifiers removed"), 4_000, 0) is var plain ? (plain.RowsRemoved, plain.RowsPrunedBefore) : default);
    }

    [Fact]
    public void Line_pointers_that_are_left_and_rows_that_only_the_statistics_knew_are_said_to_be()
    {
        var left = VacuumOutcome.Of(Report(0, "index scan bypassed: 2 pages from table (0.32% of total) have 50 dead item identifiers"), 50, 0);
        Assert.StartsWith("0 dead rows were removed. 50 line pointers of pruned rows are left", left.Message, StringComparison.Ordinal);
        var none = VacuumOutcome.Of(Report(0, "index scan not needed: 0 pages from table (0.00% of total) had 0 dead item identifiers removed"), 70, 0);
        Assert.StartsWith("0 dead rows were removed. The statistics had counted 70:", none.Message, StringComparison.Ordinal);
        Assert.Equal("There were no dead rows; its pages were marked as visible to all.", VacuumOutcome.Of(Report(0, ""), 0, 0).Message);
    }

    [Theory]
    [InlineData("table \"{0}\": removed {1} dead item identifiers in 9 pages")]
    [InlineData("\"{0}\": removed {1} row versions in 9 pages")]
    public void Older_servers_tell_of_line_pointers_once_for_each_pass(string words)
    {
        ServerNotice Pass(string name, int count) => Info(string.Format(System.Globalization.CultureInfo.InvariantCulture, words, name, count));
        ServerNotice Heap(string name) => Info($"table \"{name}\": found 40 removable, 6000 nonremovable row versions in 90 out of 90 pages");
        var report = new VacuumReport([Pass("t", 100), Pass("t", 50), Heap("t"), Pass("pg_toast_1234", 60), Heap("pg_toast_1234")]);
        Assert.Equal((150L, 60L), (report.ItemIdentifiersRemoved, report.ToastItemIdentifiersRemoved));
        Assert.Equal((150L, 60L), VacuumOutcome.Of(report, 150, 0) is var outcome ? (outcome.RowsRemoved, outcome.ToastRowsRemoved) : default);
    }
}
