using System.Globalization;
using System.Security.Cryptography;
using Maintenance.Engine.Database;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Brings to an end what an earlier run left: files whose rows never left their table go, files whose rows did are looked at, and the
/// archive is finished. The record in the database decides.
/// </summary>
/// <param name="stores">Opens the store.</param>
/// <param name="target">The target.</param>
/// <param name="call">What the call brings along.</param>
/// <param name="reached">Called between the steps.</param>
/// <param name="time">The clock.</param>
internal sealed class ArchiveRecovery(ArchiveStores stores, MaintenanceTarget target, CallContext call, FaultPointReached reached, TimeProvider time)
{
    /// <summary>Recovers what there is.</summary>
    /// <returns>What could not be recovered; usually nothing.</returns>
    public async Task<IReadOnlyList<RetentionResult>> RunAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var results = new List<RetentionResult>();
        if (await ArchiveJournal.ExistsAsync(session, cancellationToken))
        {
            foreach (var archive in await ArchiveJournal.UnfinishedAsync(session, cancellationToken))
            {
                try
                {
                    await RecoverAsync(session, archive, cancellationToken);
                }
                catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
                {
                    call.Sink.Warning($"The archive {archive.Prefix} of {archive.Schema}.{archive.Table}, which an earlier run left unfinished, could not be finished: {exception.Message}");
                    results.Add(Result(session, archive, exception));
                }
            }
        }

        return results;
    }

    private async Task RecoverAsync(DatabaseSession session, ArchiveRecord archive, CancellationToken cancellationToken)
    {
        var store = await stores.OpenAsync(target, call, cancellationToken);
        if (store.Place != archive.Store)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.StoreNotFound,
                $"It lies in {archive.Store}, and the archive store of '{target.Name}' is {store.Place}.",
                "Run it once with the store that it lies in.");
        }

        if (!await ArchiveJournal.ClaimAsync(session, archive, cancellationToken))
        {
            return;
        }

        var parts = await ArchiveJournal.PartsAsync(session, archive.Id, cancellationToken);
        var files = await store.RunAsync(() => FilesAsync(store, archive.Prefix, cancellationToken), cancellationToken);
        await CheckAsync(store, parts, files, cancellationToken);
        var finished = await new ArchiveFinisher(store, reached, time).FinishAsync(session, archive, cancellationToken);
        if (finished is { } done)
        {
            call.Sink.Warning(string.Create(
                CultureInfo.InvariantCulture,
                $"An archive of {archive.Schema}.{archive.Table} that an earlier run left unfinished was finished: {done.Manifest.Rows:N0} row(s) in {done.Manifest.Parts.Count} file(s), {done.Name}."));
        }
        else
        {
            call.Sink.Verbose($"An archive of {archive.Schema}.{archive.Table} that an earlier run had begun held nothing, and was taken off the record.");
        }
    }

    private static async Task<Dictionary<string, long>> FilesAsync(IFileStore store, string prefix, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var file in store.ListAsync(prefix, cancellationToken))
        {
            files[file.Name] = file.SizeBytes;
        }

        return files;
    }

    // The rows of these parts are nowhere else.
    private static async Task CheckAsync(IFileStore store, List<ArchivePart> parts, Dictionary<string, long> files, CancellationToken cancellationToken)
    {
        var missing = parts.Where(part => !files.ContainsKey(part.Name)).ToList();
        var damaged = new List<ArchivePart>();
        foreach (var part in parts.Except(missing))
        {
            if (files[part.Name] != part.StoredBytes || await store.RunAsync(() => HashAsync(store, part.Name, cancellationToken), cancellationToken) != part.Sha256)
            {
                damaged.Add(part);
            }
        }

        if (missing.Count + damaged.Count > 0)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.ArchiveMismatch,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{missing.Concat(damaged).Sum(part => part.Rows):N0} archived row(s) are in file(s) that are {(damaged.Count == 0 ? "missing" : missing.Count == 0 ? "damaged" : "missing or damaged")} in {store.Place}: {string.Join(", ", missing.Concat(damaged).Select(part => part.Name))}."),
                $"Bring the files back (a storage account can often undelete), or the rows from a backup. Until then the archive stays unfinished and each run says so. To give the rows up, so that the rest is finished: DELETE FROM maintenance.archive_parts WHERE name IN ({string.Join(", ", missing.Concat(damaged).Select(part => $"'{part.Name}'"))});");
        }
    }

    private static async Task<string> HashAsync(IFileStore store, string name, CancellationToken cancellationToken)
    {
        await using var content = await store.OpenAsync(name, cancellationToken);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
    }

    private RetentionResult Result(DatabaseSession session, ArchiveRecord archive, MaintenanceException exception) => new()
    {
        Target = target.Name,
        Database = session.Database,
        Schema = archive.Schema,
        Name = archive.Table,
        Oid = 0,
        Policy = new RetentionPolicy
        {
            Table = $"{archive.Schema}.{archive.Table}",
            TimeColumn = archive.TimeColumn,
            Age = archive.CreatedAt - archive.CutOff,
            Action = RetentionAction.ArchiveToBlob,
            Destination = archive.Prefix,
        },
        Destination = archive.Prefix,
        CutOff = archive.CutOff,
        // What could not be looked at may be whole.
        State = exception.Code == MaintenanceErrorCode.ArchiveMismatch ? StepState.Failed : StepState.Deferred,
        Error = exception.Code,
        Message = $"An archive that an earlier run left unfinished could not be finished. {exception.Message}",
        Recommendation = exception.Recommendation,
        StartedAt = time.GetUtcNow(),
        RunId = call.RunId,
    };
}
