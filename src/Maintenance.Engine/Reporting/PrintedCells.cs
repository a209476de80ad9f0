namespace Maintenance.Engine.Reporting;

/// <summary>How cells of a table take their room on a page: a number never breaks, words break between each other alone, and only what is longer than any word does anywhere. Pure.</summary>
internal static class PrintedCells
{
    // What fits on a line stays on one, however little room long names leave.
    private const int Short = 20;

    // No word that people read is longer; names and addresses are, and may break.
    private const int LongestWord = 24;

    // About as many characters of the size that tables are printed in stand side by side on a sheet.
    private const int SheetWidth = 105;
    private const int BetweenColumns = 2;
    private const int MostLines = 4;

    /// <summary>The attribute of a cell; empty for none.</summary>
    public static string Class(string? cell) => cell switch
    {
        null => "",
        _ when IsNumber(cell) => " class=\"short number\"",
        { Length: <= Short } => " class=\"short\"",
        _ when Words(cell).Any(word => word.Length > LongestWord) => " class=\"long\"",
        _ => "",
    };

    /// <summary>Whether a table fits on a sheet of paper without breaking a number or a word; otherwise each row is printed as a list of its cells.</summary>
    /// <param name="section">The table.</param>
    /// <param name="columns">Those that stand beside each other.</param>
    public static bool FitsPaper(ReportSection section, IReadOnlyList<int> columns) =>
        columns.Sum(column => BetweenColumns + section.Rows.Select(row => Least(row[column])).Append(Words(section.Columns[column]).Max(word => word.Length)).Max()) <= SheetWidth;

    private static int Least(string? cell) => cell switch
    {
        null or "" => 0,
        _ when IsNumber(cell) => cell.Length,
        // Of a long name a part is enough for the first line; a sentence is not to become a tower of words.
        _ => Math.Max(Math.Min(LongestWord, Words(cell).Select(word => word.Length).DefaultIfEmpty().Max()), Math.Min(LongestWord, cell.Length / MostLines)),
    };

    private static bool IsNumber(string cell) => cell.Length <= Short && cell.TrimStart('+', '-', '<', ' ') is { Length: > 0 } digits && char.IsAsciiDigit(digits[0]);

    private static string[] Words(string cell) => cell.Split([' ', '-', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
