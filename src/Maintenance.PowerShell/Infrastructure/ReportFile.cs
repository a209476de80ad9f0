using System.Text;

namespace Maintenance.Infrastructure;

/// <summary>Files with reports.</summary>
internal static class ReportFile
{
    /// <summary>The form that the extension of a file names; text without an extension, and without a file.</summary>
    /// <exception cref="MaintenanceException">InvalidArgument for an extension of another form.</exception>
    public static ReportFormat FormatOf(string? path) => Path.GetExtension(path)?.ToUpperInvariant() switch
    {
        ".MD" => ReportFormat.Markdown,
        ".JSON" => ReportFormat.Json,
        ".HTML" or ".HTM" => ReportFormat.Html,
        ".SARIF" => ReportFormat.Sarif,
        null or "" or ".TXT" or ".TEXT" or ".LOG" => ReportFormat.Text,
        _ => throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument,
            $"A report cannot be written as '{Path.GetExtension(path)}'.",
            "Name the file .html, .md, .json, .sarif or .txt, or say with -Format which of Html, Markdown, Json, Sarif and Text is meant. A PDF is made of the HTML by printing it in a browser."),
    };

    /// <summary>Finds out early what would keep a report from being written.</summary>
    /// <exception cref="MaintenanceException">FileExists, FileUnavailable, InvalidArgument for an extension that has to name the form and does not.</exception>
    public static void Check(string path, bool replace, ReportFormat format)
    {
        _ = format == ReportFormat.Auto ? FormatOf(path) : format;
        Check(path, replace);
    }

    /// <summary>Finds out early what would keep a file from being written.</summary>
    /// <exception cref="MaintenanceException">FileExists, FileUnavailable.</exception>
    public static void Check(string path, bool replace)
    {
        if (!replace && File.Exists(path))
        {
            throw Exists(path);
        }

        if (Obstacle(path) is { } reason)
        {
            throw Unavailable(path, reason);
        }
    }

    /// <summary>Makes the folder of a file, unless it is there.</summary>
    /// <exception cref="MaintenanceException">FileUnavailable.</exception>
    public static void MakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(path, exception.Message);
        }
    }

    /// <summary>Writes a report, and gives its size in bytes.</summary>
    /// <exception cref="MaintenanceException">FileExists, FileUnavailable.</exception>
    public static async Task<long> WriteAsync(string path, string text, bool replace, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(path, replace ? FileMode.Create : FileMode.CreateNew, FileAccess.Write, FileShare.None, 4096, FileOptions.Asynchronous);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            return stream.Length;
        }
        catch (IOException) when (!replace && File.Exists(path))
        {
            throw Exists(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(path, Obstacle(path) ?? exception.Message);
        }
    }

    // In the system's own words a folder in the way is a file that exists, and a folder that is missing a part of a path.
    private static string? Obstacle(string path) =>
        Directory.Exists(path) ? "it is a folder." : Directory.Exists(Path.GetDirectoryName(path)) ? null : "its folder does not exist.";

    private static MaintenanceException Exists(string path) =>
        new(MaintenanceErrorCode.FileExists, $"The file '{path}' exists already.", "Choose another name, or replace it with -Force.");

    private static MaintenanceException Unavailable(string path, string reason) =>
        new(MaintenanceErrorCode.FileUnavailable, $"The file '{path}' cannot be written: {reason}", "Check the folder and its permissions.");
}
