namespace Maintenance.Completion;

/// <summary>Completes the names of manifests in the archive store of the target that is named, or connected last.</summary>
public sealed class ManifestCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        request.Target is { ArchiveStore: not null } target
            ? async (call, token) => (await request.Session.Engine.Restore.FindManifestsAsync(target, request.Typed, call, token)).Select(name => new NameChoice(name))
            : null;
}

/// <summary>Completes the names of backups in the store of the target that is named, or connected last, the newest first.</summary>
public sealed class BackupCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        request.Target is { BackupStore: not null } target
            ? async (call, token) =>
            {
                var found = new List<DatabaseBackup>();
                await foreach (var backup in request.Session.Engine.Backups.ListAsync(target, new BackupQuery(), call, token))
                {
                    found.Add(backup);
                }

                return found.OrderByDescending(backup => backup.TakenAt).Select(backup => new NameChoice(backup.Name));
            }
            : null;
}

/// <summary>Completes the containers that connected targets are configured with. Asks no store.</summary>
public sealed class ContainerCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => request.Targets
            .SelectMany(target => new[] { target.ArtifactStore, target.AuditStore, target.ArchiveStore, target.BackupStore, target.WalArchive })
            .Select(store => store?.Container).OfType<string>().Distinct(StringComparer.Ordinal).Select(name => new NameChoice(name)));
}
