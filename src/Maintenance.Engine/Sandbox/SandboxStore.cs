using Azure.Storage.Blobs;

namespace Maintenance.Engine.Sandbox;

/// <summary>Puts the sample backups where the sandbox keeps its backups.</summary>
internal static class SandboxStore
{
    /// <summary>A store in a folder. The files get the time at which they are said to have been taken.</summary>
    /// <param name="folder">The folder.</param>
    public static Func<string, Stream, DateTimeOffset, CancellationToken, Task> InFolder(string folder)
    {
        PrivateFiles.CreateFolder(folder);
        return async (name, content, takenAt, cancellationToken) =>
        {
            var path = Path.Combine(folder, Path.Combine(name.Split('/')));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
            {
                await content.CopyToAsync(file, cancellationToken);
            }

            File.SetLastWriteTimeUtc(path, takenAt.UtcDateTime);
        };
    }

    /// <summary>A store in a new container of Azurite. The service sets its own times: only the name says when a backup was taken.</summary>
    /// <param name="connectionString">How to reach the account.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<Func<string, Stream, DateTimeOffset, CancellationToken, Task>> InAzuriteAsync(string connectionString, CancellationToken cancellationToken)
    {
        var container = new BlobContainerClient(connectionString, SandboxTarget.Container);
        await container.CreateAsync(cancellationToken: cancellationToken);
        return (name, content, _, token) => container.UploadBlobAsync(SandboxTarget.Prefix + name, content, token);
    }
}
