namespace Maintenance.Engine;

/// <summary>Files and folders that only this user can read. On Windows the profile's own access rules do that.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Where this module keeps its own records for this user: XDG_STATE_HOME, else the platform's place for such data.</summary>
    public static string StateFolder
    {
        get
        {
            if (OperatingSystem.IsWindows())
            {
                return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "Maintenance");
            }

            var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg)
                ? xdg
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
            return Path.Combine(state, "maintenance");
        }
    }

    /// <summary>Creates a folder, and those above it that are missing, for this user alone.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        // The platform gives the mode to the last folder alone; those above it would be open to everyone.
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } parent && !Directory.Exists(parent))
        {
            CreateFolder(parent);
        }

        Directory.CreateDirectory(path, OwnerFolder);
    }

    /// <summary>Creates a file that did not exist, for this user alone.</summary>
    public static FileStream CreateNew(string path) => Open(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous });

    /// <summary>Opens a file to write to its end, and creates it for this user alone. Others may read it meanwhile.</summary>
    public static FileStream Append(string path) => Open(path, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read });

    private static FileStream Open(string path, FileStreamOptions options)
    {
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerFile;
        }

        return new FileStream(path, options);
    }
}
