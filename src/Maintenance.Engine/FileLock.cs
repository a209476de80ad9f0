using System.Security.Cryptography;
using System.Text;

namespace Maintenance.Engine;

/// <summary>Keeps work of this user on this machine apart: a file that one alone can have open. Dies with the process.</summary>
internal static class FileLock
{
    /// <summary>Takes a lock; never waits.</summary>
    /// <param name="folder">Where locks lie.</param>
    /// <param name="kind">What is kept apart: the beginning of the file's name.</param>
    /// <param name="subject">What it is kept apart about, such as a path; null for all of its kind.</param>
    /// <param name="busy">The error where somebody has it: message and what to do.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, FileUnavailable.</exception>
    public static IDisposable Take(string folder, string kind, string? subject, (string Message, string Recommendation) busy)
    {
        var name = subject is null ? "" : $"-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)))[..32]}";
        var path = Path.Combine(folder, $"{kind}{name}.lock");
        try
        {
            PrivateFiles.CreateFolder(folder);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new MaintenanceException(MaintenanceErrorCode.AlreadyRunning, busy.Message, busy.Recommendation);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.FileUnavailable, $"The lock {path} cannot be taken: {exception.Message}", "Let the account that runs this write to its own state folder.");
        }
    }
}
