namespace Maintenance.Formatting;

/// <summary>How a restore is put to the person who is asked for it, or shown it under -WhatIf.</summary>
internal static class RestoreText
{
    /// <summary>The table it is about.</summary>
    public static string Subject(RestoreResult result) => DisplayText.Harmless($"{result.Target}: {result.Schema}.{result.Name}");

    /// <summary>What comes back, the exact statements, and the lock they take.</summary>
    public static string Question(RestoreResult result) => DisplayText.Harmless(
        $"{result.Message} {string.Join("; ", result.Sql.Select(OneLine))}; lock: {result.Lock}{(result.Notes.Count > 0 ? $". {string.Join(" ", result.Notes)}" : "")}");

    private static string OneLine(string sql) => string.Join(' ', sql.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
