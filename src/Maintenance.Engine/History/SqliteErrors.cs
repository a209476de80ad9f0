using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Maintenance.Engine.History;

/// <summary>The one place where errors of SQLite and the file system get our codes, and what to do about them.</summary>
internal static class SqliteErrors
{
    /// <summary>True if somebody else holds the lock: waiting helps.</summary>
    public static bool IsBusy(SqliteException exception) => exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>Translates an exception; one that is no error of the file stays what it is.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="path">The file.</param>
    public static Exception Translate(Exception exception, string path) => exception switch
    {
        SqliteException error => FromSqlite(error, path),
        JsonException or InvalidCastException or KeyNotFoundException or FormatException => Corrupt(path, exception.Message),
        UnauthorizedAccessException or IOException => Unavailable(
            $"The history file '{path}' cannot be created or opened.",
            "Check that the folder exists and this account may write in it, or name another file (history.path).",
            exception.Message),
        _ => exception,
    };

    public static MaintenanceException TooNew(string path, long version, int known) => new(
        MaintenanceErrorCode.HistoryTooNew,
        $"The history file '{path}' was written by a newer version of this module (schema {version}, known here: {known}). It was not touched.",
        "Update the Maintenance module on this machine, or name another file (history.path).");

    public static MaintenanceException NotOurs(string path) => Unavailable(
        $"The file '{path}' is a SQLite database, but not a history of this module. It was not touched.",
        "Name another file (history.path or -Path).",
        null);

    private static MaintenanceException FromSqlite(SqliteException error, string path) => error.SqliteErrorCode switch
    {
        // SQLITE_ERROR: a table is missing, although the file says that it has this version's.
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_ERROR => Corrupt(path, error.Message),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => Unavailable(
            $"The history file '{path}' is locked by another process, and stayed so.",
            "Find the process that holds it, or give long-running readers a copy.",
            error.Message),
        raw.SQLITE_FULL => Unavailable(
            $"The disk of the history file '{path}' is full.",
            "Free some space, or name a file on another disk (history.path).",
            error.Message),
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => Unavailable(
            $"The history file '{path}' is read-only.",
            "Give this account the right to write the file and its folder, or name another file (history.path).",
            error.Message),
        raw.SQLITE_CANTOPEN => Unavailable(
            $"The history file '{path}' cannot be opened.",
            "Check that it is a file, and that this account may write it and its folder; or name another file (history.path).",
            error.Message),
        _ => Unavailable(
            $"The history file '{path}' cannot be used: {error.Message}",
            "Check that the disk it lies on has space and is sound, or name another file (history.path).",
            error.Message),
    };

    private static MaintenanceException Corrupt(string path, string detail) => new(
        MaintenanceErrorCode.HistoryCorrupt,
        $"The history file '{path}' is damaged, or is no history at all.",
        "Move it away; the next run begins a new one. 'sqlite3 FILE .recover' may save what is in it.",
        detail);

    private static MaintenanceException Unavailable(string message, string recommendation, string? detail) =>
        new(MaintenanceErrorCode.HistoryUnavailable, message, recommendation, detail);
}
