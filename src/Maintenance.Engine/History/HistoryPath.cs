namespace Maintenance.Engine.History;

/// <summary>Where a user's own history is, and how a history's file comes into being.</summary>
internal static class HistoryPath
{
    /// <summary>The file that is used where nothing else is configured.</summary>
    /// <exception cref="MaintenanceException">HistoryUnavailable, for an account without a home.</exception>
    public static string Default => Path.IsPathFullyQualified(PrivateFiles.StateFolder)
        ? Path.Combine(PrivateFiles.StateFolder, "history.db")
        : throw new MaintenanceException(
            MaintenanceErrorCode.HistoryUnavailable,
            "This account has no home folder in which to keep a history.",
            "Name a file in the target's settings (history.path).");

    /// <summary>Creates an empty file that only its owner may read, and its folder likewise. What is there already stays as it is.</summary>
    public static void Create(string path)
    {
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
        try
        {
            // Only ever a new file: opening and closing one that SQLite has open would drop its locks in this process.
            PrivateFiles.CreateNew(path).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another run was first.
        }
    }

    /// <summary>Whether something is there. Unlike File.Exists this does not say no where it may not look.</summary>
    public static bool Exists(string path)
    {
        try
        {
            File.GetAttributes(path);
            return true;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }
}
