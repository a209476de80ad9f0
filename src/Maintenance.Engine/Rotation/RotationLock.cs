namespace Maintenance.Engine.Rotation;

/// <summary>
/// Keeps two rotations of one folder by this user apart. It spares double work; that nothing is lost where two come together all the
/// same, from another machine or account, is in the order of the steps.
/// </summary>
internal static class RotationLock
{
    /// <summary>Takes the lock of a folder. Never waits; dies with the process.</summary>
    /// <param name="folder">Where locks lie.</param>
    /// <param name="place">The folder with the logs.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, FileUnavailable.</exception>
    public static IDisposable Take(string folder, string place) => FileLock.Take(
        folder, "rotation", Path.TrimEndingDirectorySeparator(Path.GetFullPath(place)), ($"Another rotation is at work in {place}.", "Wait for it to end; it does the same."));
}
