using System.Security.Cryptography;
using System.Text;

namespace Maintenance.Engine.Rotation;

/// <summary>
/// Keeps two rotations of one folder by this user apart: a file that one alone can have open. It spares double work; that nothing is lost
/// where two come together all the same, from another machine or account, is in the order of the steps.
/// </summary>
internal static class RotationLock
{
    /// <summary>Takes the lock of a folder. Never waits; dies with the process.</summary>
    /// <param name="folder">Where locks lie.</param>
    /// <param name="place">The folder with the logs.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, FileUnavailable.</exception>
    public static IDisposable Take(string folder, string place)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(Path.GetFullPath(place)))))[..32];
        var path = Path.Combine(folder, $"rotation-{name}.lock");
        try
        {
            PrivateFiles.CreateFolder(folder);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.AlreadyRunning, $"Another rotation is at work in {place}.", "Wait for it to end; it does the same.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.FileUnavailable, $"The lock that keeps two rotations apart cannot be taken in {folder}: {exception.Message}", "Let the account that runs this write to its own state folder.");
        }
    }
}
