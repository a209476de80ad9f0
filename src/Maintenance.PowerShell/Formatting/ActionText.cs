using System.Globalization;

namespace Maintenance.Formatting;

/// <summary>How an action is put to the person who is asked for it, or shown it under -WhatIf.</summary>
internal static class ActionText
{
    /// <summary>The object it is about.</summary>
    public static string Subject(DbAction action) => DisplayText.Harmless($"{action.Target}: {Object(action)}");

    // Of what was not found nobody knows a schema.
    internal static string Object(DbAction action) => action.Schema.Length > 0 ? $"{action.Schema}.{action.Name}" : action.Name;

    /// <summary>The exact statement, the lock it takes, and how long it should take.</summary>
    public static string Question(DbAction action) => DisplayText.Harmless(string.Create(
        CultureInfo.InvariantCulture,
        $"{Prefix(action)}{OneLine(action.Sql)}; lock: {action.Lock}{(action.SizeBytes is { } bytes ? $"; size: {DisplayText.Size(bytes)}" : "")}{(action.PredictedDuration is { } duration ? $"; about {DisplayText.Duration(duration)}, by {action.PredictedFrom}" : "")}"));

    /// <summary>A statement as one line.</summary>
    public static string OneLine(string sql) => string.Join(' ', sql.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    // How many rows would go says more than the statement.
    private static string Prefix(DbAction action) =>
        action.Kind is DbActionKind.DeleteRows or DbActionKind.ArchiveRows or DbActionKind.AnonymiseRows or DbActionKind.RestoreRows ? $"{action.Message} " : "";
}
