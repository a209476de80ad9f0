namespace Maintenance.Engine.Artifacts;

/// <summary>Artefacts in a folder. Written to a file of its own first and renamed, so that nobody sees half of one.</summary>
internal sealed class FolderArtifactStore(string root) : IArtifactStore
{
    public string Place => root;

    public string LocationOf(string name) => Path.Combine([root, .. name.Split('/')]);

    public Task<bool> ExistsAsync(string name, CancellationToken cancellationToken) => Task.FromResult(Path.Exists(LocationOf(name)));

    public Task<bool> HasAsync(string name, string key, string value, CancellationToken cancellationToken) =>
        Task.FromResult(ArtifactSideFile.TryRead(ArtifactSideFile.PathFor(LocationOf(name)))?.Metadata.GetValueOrDefault(key) == value);

    public async Task<bool> PutAsync(
        string name, Stream content, string contentType, IReadOnlyDictionary<string, string> metadata, bool replace, CancellationToken cancellationToken)
    {
        var path = LocationOf(name);
        var folder = Path.GetDirectoryName(path)!;
        PrivateFiles.CreateFolder(folder);
        RefuseLinks(root, folder);
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            await using (var file = PrivateFiles.CreateNew(temporary))
            {
                await content.CopyToAsync(file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            if (!TryMove(temporary, path, replace))
            {
                return false;
            }
        }
        finally
        {
            File.Delete(temporary);
        }

        await new ArtifactSideFile(contentType, metadata).WriteAsync(path, cancellationToken);
        return true;
    }

    public Task<Stream> OpenAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(new FileStream(LocationOf(name), FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous));

    public Task<ArtifactProtection> ProtectionAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new ArtifactProtection(ArtifactProtectionKind.None, "It is a folder: whoever may write there can change and delete what is in it."));

    public Task ProtectAsync(string name, DateTimeOffset until, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Files in a folder cannot be protected.");

    private static bool TryMove(string temporary, string path, bool replace)
    {
        try
        {
            File.Move(temporary, path, replace);
            return true;
        }
        catch (IOException) when (!replace && Path.Exists(path))
        {
            return false;
        }
    }

    // A link below the store could lead anywhere. The store itself may be one: that is the owner's choice.
    internal static void RefuseLinks(string root, string folder)
    {
        var top = Path.GetFullPath(root).TrimEnd(Path.DirectorySeparatorChar);
        for (var at = new DirectoryInfo(folder); at is not null && at.FullName.Length > top.Length; at = at.Parent)
        {
            if (at.LinkTarget is not null)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.StoreError,
                    $"The folder {at.FullName} of the artefact store is a link, and links are not followed.",
                    "Replace it by a folder.");
            }
        }
    }
}
