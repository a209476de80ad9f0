namespace Maintenance.Engine.Sandbox;

/// <summary>Folders of this module for this user alone: records of sandboxes, and programs taken from npm.</summary>
internal static class UserFolder
{
    /// <summary>A folder below the user's state folder, made if need be.</summary>
    /// <param name="name">Its name.</param>
    public static string Get(string name)
    {
        var state = PrivateFiles.StateFolder;
        try
        {
            if (Path.IsPathFullyQualified(state))
            {
                return Create(state, name);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Service accounts often have no home.
        }

        return Create(InTemporaryFolder(), name);
    }

    // Anybody can make a folder of this name in the shared temporary folder before we do. One that only its owner can enter,
    // and that we can enter, is ours; except for root, who can enter all.
    private static string InTemporaryFolder()
    {
        var folder = new DirectoryInfo(Path.Combine(Path.GetTempPath(), $"maintenance-{Environment.UserName}"));
        if (!OperatingSystem.IsWindows())
        {
            PrivateFiles.CreateFolder(folder.FullName);
            folder.Refresh();
            const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            if (Environment.IsPrivilegedProcess || folder.LinkTarget is not null || folder.UnixFileMode != Private)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.SandboxStartFailed,
                    "There is no private folder to keep the sandbox's record in.",
                    "Set HOME (or XDG_STATE_HOME) to a folder that this user can write to.");
            }
        }

        return folder.FullName;
    }

    private static string Create(string parent, string name)
    {
        var folder = Path.Combine(parent, name);
        PrivateFiles.CreateFolder(folder);
        return folder;
    }
}
