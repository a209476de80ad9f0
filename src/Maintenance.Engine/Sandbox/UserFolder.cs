namespace Maintenance.Engine.Sandbox;

/// <summary>Folders of this module that only the user can enter: records of sandboxes, and programs taken from npm.</summary>
internal static class UserFolder
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>A folder in the user's profile, made if need be.</summary>
    /// <param name="name">Its name.</param>
    public static string Get(string name)
    {
        try
        {
            var profile = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            if (Path.IsPathFullyQualified(profile))
            {
                return Create(Path.Combine(profile, "Maintenance", name));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Service accounts often have no home.
        }

        return InTemporaryFolder(name);
    }

    /// <summary>Makes a folder that only this user can enter.</summary>
    /// <param name="path">The folder.</param>
    public static string Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, Private);
        }

        return path;
    }

    // Anybody can make a folder of this name in the shared temporary folder before we do. One that only its owner can enter,
    // and that we can enter, is ours; except for root, who can enter all.
    private static string InTemporaryFolder(string name)
    {
        var path = Path.Combine(Path.GetTempPath(), $"maintenance-{Environment.UserName}");
        if (!OperatingSystem.IsWindows())
        {
            var ours = !Environment.IsPrivilegedProcess && IsPrivate(new DirectoryInfo(Create(path)));
            if (!ours)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.SandboxStartFailed,
                    "There is no private folder to keep the sandbox's record in.",
                    "Set HOME (or XDG_DATA_HOME) to a folder that this user can write to.");
            }
        }

        return Create(Path.Combine(path, name));
    }

    private static bool IsPrivate(DirectoryInfo folder) => folder.LinkTarget is null && folder.UnixFileMode == Private;
}
