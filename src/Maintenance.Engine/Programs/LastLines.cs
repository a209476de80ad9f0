namespace Maintenance.Engine.Programs;

/// <summary>The end of what a program wrote, which mostly tells why it ended.</summary>
internal static class LastLines
{
    private const int Count = 8;
    private const int LongestLine = 300;

    /// <summary>The last lines of a text that are not empty, on one line.</summary>
    /// <param name="text">The text.</param>
    public static string Of(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .TakeLast(Count)
            .Select(line => line.Length > LongestLine ? line[..LongestLine] + "..." : line);
        var end = string.Join(" | ", lines);
        return end.Length > 0 ? end : "it wrote nothing.";
    }

    /// <summary>The last lines of a file; nothing is said if it cannot be read.</summary>
    /// <param name="path">The file.</param>
    public static string OfFile(string path)
    {
        try
        {
            return Of(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "it wrote no log.";
        }
    }
}
