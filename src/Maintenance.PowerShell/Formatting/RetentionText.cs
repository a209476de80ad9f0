using System.Globalization;

namespace Maintenance.Formatting;

/// <summary>How a policy is put to the person who is asked for it, or shown it under -WhatIf.</summary>
internal static class RetentionText
{
    /// <summary>The table it is about.</summary>
    public static string Subject(RetentionResult result) => DisplayText.Harmless($"{result.Target}: {result.Schema}.{result.Name}");

    /// <summary>What happens to how many rows, the exact statement, the lock it takes, and how long it should take.</summary>
    public static string Question(RetentionResult result) => DisplayText.Harmless(string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Message} {string.Join("; ", result.Sql.Select(ActionText.OneLine))}; lock: {result.Lock}{(result.PredictedDuration is { } duration ? $"; about {DisplayText.Duration(duration)}, by {result.PredictedFrom}" : "")}{(result.Notes.Count > 0 ? $". {string.Join(" ", result.Notes)}" : "")}"));
}
