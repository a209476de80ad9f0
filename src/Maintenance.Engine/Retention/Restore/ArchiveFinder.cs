using Maintenance.Engine.Database;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Finds archives in a store. Of its own archives a database knows best: of one that was never finished too, which files hold rows that
/// have left. Of others, the manifest tells.
/// </summary>
internal static class ArchiveFinder
{
    /// <summary>A manifest larger than this is none.</summary>
    private const int LargestManifest = 64 << 20;

    /// <summary>The archives of a table, oldest first.</summary>
    /// <param name="session">The session.</param>
    /// <param name="store">The store.</param>
    /// <param name="schema">Schema of the table.</param>
    /// <param name="table">Its name.</param>
    /// <param name="folder">Where its policy puts them; null for the folder named after it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">ArchiveMismatch, Store….</exception>
    public static async Task<List<StoredArchive>> OfTableAsync(
        DatabaseSession session, IFileStore store, string schema, string table, string? folder, CancellationToken cancellationToken)
    {
        var archives = await KnownAsync(session, schema, table, [], cancellationToken);
        var known = archives.Select(archive => archive.Prefix).ToHashSet();
        var names = await ManifestsAsync(store, $"{folder ?? ArchiveNames.FolderOf(schema, table)}/", cancellationToken);
        if (names is null && archives.Count == 0)
        {
            // A store is made when something is first put into it.
            throw new MaintenanceException(
                MaintenanceErrorCode.ArchiveNotFound,
                $"There is no archive of {schema}.{table}: the database knows none, and the archive store {store.Place} does not exist.",
                "Check the name of the table, and archiveStore in maintenance.json.");
        }

        foreach (var name in (names ?? []).Where(name => !known.Contains(FolderOf(name))))
        {
            var archive = await ReadAsync(store, name, cancellationToken);
            if (archive.Schema == schema && archive.Table == table)
            {
                archives.Add(archive);
            }
        }

        return archives;
    }

    /// <summary>The archive of a manifest.</summary>
    /// <exception cref="MaintenanceException">InvalidArgument, ArchiveNotFound, ArchiveMismatch, Store….</exception>
    public static async Task<StoredArchive> OfManifestAsync(DatabaseSession session, IFileStore store, string name, CancellationToken cancellationToken)
    {
        if (!IsName(name))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument, "That is no name of a manifest in the archive store.", "It is given relative to the store, as Invoke-DbRetention says it: folder/2026/11/…/manifest.json.");
        }

        var archive = await ReadAsync(store, name, cancellationToken);
        if ((await KnownAsync(session, null, null, [archive.Id], cancellationToken)) is not [var known])
        {
            return archive;
        }

        // The database is where its rows came from, and remembers what was written.
        return known.ManifestSha256 is null || string.Equals(known.ManifestSha256, archive.ManifestSha256, StringComparison.OrdinalIgnoreCase)
            ? known with { Manifest = name, Prefix = archive.Prefix }
            : throw archive.Mismatch($"has a manifest with the SHA-256 {archive.ManifestSha256}, and is on record with {known.ManifestSha256}");
    }

    /// <summary>Opens a file of an archive.</summary>
    /// <exception cref="FileNotFoundException">It is not there; nor is the folder of the archive, perhaps, although the store is.</exception>
    public static async Task<Stream> OpenAsync(IFileStore store, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await store.OpenAsync(name, cancellationToken);
        }
        catch (DirectoryNotFoundException exception) when (Directory.Exists(store.Place))
        {
            throw new FileNotFoundException(exception.Message, name, exception);
        }
    }

    // Null: there is no such store.
    private static async Task<List<string>?> ManifestsAsync(IFileStore store, string prefix, CancellationToken cancellationToken)
    {
        try
        {
            return await store.RunAsync(
                async () =>
                {
                    var found = new List<string>();
                    await foreach (var entry in store.ListAsync(prefix, cancellationToken))
                    {
                        if (entry.Name.EndsWith($"/{ArchiveNames.ManifestFile}", StringComparison.Ordinal))
                        {
                            found.Add(entry.Name);
                        }
                    }

                    return found;
                },
                cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.StoreNotFound)
        {
            return null;
        }
    }

    private static async Task<StoredArchive> ReadAsync(IFileStore store, string name, CancellationToken cancellationToken)
    {
        var content = await store.RunAsync(
            async () =>
            {
                await using var stream = await OpenAsync(store, name, cancellationToken);
                using var memory = new MemoryStream();
                var buffer = new byte[64 * 1024];
                while (memory.Length <= LargestManifest && await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
                {
                    memory.Write(buffer, 0, read);
                }

                return memory.ToArray();
            },
            cancellationToken);
        return StoredArchive.Of(ArchiveManifests.Read(name, content), name, ArchiveManifests.Sha256(content));
    }

    private static async Task<List<StoredArchive>> KnownAsync(DatabaseSession session, string? schema, string? table, Guid[] ids, CancellationToken cancellationToken)
    {
        if (!await ArchiveJournal.ExistsAsync(session, cancellationToken))
        {
            return [];
        }

        var archives = await session.QueryAsync(
            "Retention/Sql/KnownArchives.sql",
            row => new StoredArchive
            {
                Id = row.GetGuid(0),
                Schema = row.GetString(1),
                Table = row.GetString(2),
                Prefix = row.GetString(3),
                TimeColumn = row.GetString(4),
                TimeColumnType = row.GetString(5),
                Columns = ArchiveManifests.ReadColumns(row.GetString(6)),
                Manifest = row.IsDBNull(7) ? null : row.GetString(7),
                ManifestSha256 = row.IsDBNull(8) ? null : row.GetString(8),
                Parts = [],
            },
            cancellationToken,
            schema,
            table,
            ids);
        for (var i = 0; i < archives.Count; i++)
        {
            archives[i] = archives[i] with { Parts = await ArchiveJournal.PartsAsync(session, archives[i].Id, cancellationToken) };
        }

        return archives;
    }

    private static bool IsName(string name) =>
        name.Length <= 1000
        && name.EndsWith($"/{ArchiveNames.ManifestFile}", StringComparison.Ordinal)
        && name.Split('/').All(part => part.Length > 0 && part is not ("." or "..") && part.All(character => character is not ('\\' or ':') && !char.IsControl(character)));

    private static string FolderOf(string name) => name[..(name.LastIndexOf('/') + 1)];
}
