using System.Security.Cryptography;
using System.Text;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>
/// Chooses the tables whose rows a sample restores. The same backup on the same day gives the same ones; other days give others, so that
/// each has its turn; and every fourth day the largest is among them. Pure.
/// </summary>
internal static class SampleChooser
{
    private const int DaysForLargest = 4;

    /// <summary>The tables to restore, in the order of their names.</summary>
    /// <param name="tables">The tables whose rows are in the dump.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">What tells the backup from others.</param>
    /// <param name="day">The day.</param>
    /// <param name="rowsOf">Rows of a table; null where nobody knows.</param>
    public static IReadOnlyList<DumpTable> Choose(
        IEnumerable<DumpTable> tables, int count, string seed, DateOnly day, Func<DumpTable, long?> rowsOf)
    {
        var all = tables.Distinct().ToList();
        var drawn = all.OrderBy(table => Draw(table, seed, day), StringComparer.Ordinal).Take(count).ToList();
        if (day.DayNumber % DaysForLargest == 0
            && all.Where(table => rowsOf(table) > 0).OrderByDescending(rowsOf).Select(table => (DumpTable?)table).FirstOrDefault() is { } largest
            && !drawn.Contains(largest) && drawn.Count > 0)
        {
            drawn[^1] = largest;
        }

        return [.. drawn.OrderBy(table => table.Schema, StringComparer.Ordinal).ThenBy(table => table.Name, StringComparer.Ordinal)];
    }

    private static string Draw(DumpTable table, string seed, DateOnly day) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}\0{day.DayNumber}\0{table.Schema}\0{table.Name}")));
}
