using Maintenance.Engine.Database;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Ends an archive: files whose rows never left their table go, its manifest goes into the store, and the archive is marked as finished.
/// One without parts goes.
/// </summary>
/// <param name="store">Where it lies.</param>
/// <param name="reached">Called between the steps.</param>
/// <param name="time">The clock.</param>
internal sealed class ArchiveFinisher(IFileStore store, FaultPointReached reached, TimeProvider time)
{
    /// <summary>Ends it.</summary>
    /// <returns>The manifest, its name and its SHA-256; null if nothing ever left for the archive.</returns>
    public async Task<(ArchiveManifest Manifest, string Name, string Sha256)?> FinishAsync(DatabaseSession session, ArchiveRecord archive, CancellationToken cancellationToken)
    {
        // After this no transaction can add a part any more: what is not on record now never will be.
        if (!await ArchiveJournal.HoldAsync(session, archive, cancellationToken))
        {
            throw ArchiveJournal.TakenOver(archive);
        }

        var parts = await ArchiveJournal.PartsAsync(session, archive.Id, cancellationToken);
        await store.RunAsync(() => CleanAsync(archive.Prefix, parts, cancellationToken), cancellationToken);
        if (parts.Count == 0)
        {
            await ArchiveJournal.RemoveAsync(session, archive, cancellationToken);
            return null;
        }

        var finishedAt = time.GetUtcNow();
        finishedAt = finishedAt.AddTicks(-(finishedAt.Ticks % TimeSpan.TicksPerMicrosecond));
        var manifest = archive.Manifest(session.Database, parts, finishedAt);
        var content = ArchiveManifests.Write(manifest);
        var (name, sha256) = (ArchiveNames.Manifest(archive.Prefix), ArchiveManifests.Sha256(content));
        await store.RunAsync(() => store.PutAsync(name, content, ArchiveManifests.ContentType, cancellationToken), cancellationToken);
        await reached(FaultPoint.ManifestStored);
        await ArchiveJournal.FinishAsync(session, archive, finishedAt, name, sha256, cancellationToken);
        await reached(FaultPoint.ArchiveFinished);
        return (manifest, name, sha256);
    }

    private async Task CleanAsync(string prefix, List<ArchivePart> parts, CancellationToken cancellationToken)
    {
        var known = parts.Select(part => part.Name).Append(ArchiveNames.Manifest(prefix)).ToHashSet(StringComparer.Ordinal);
        var orphans = new List<string>();
        await foreach (var file in store.ListAsync(prefix, cancellationToken))
        {
            if (!known.Contains(file.Name))
            {
                orphans.Add(file.Name);
            }
        }

        foreach (var orphan in orphans)
        {
            await store.DeleteAsync(orphan, cancellationToken);
        }
    }
}
