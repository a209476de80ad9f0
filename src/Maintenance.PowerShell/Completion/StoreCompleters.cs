namespace Maintenance.Completion;

/// <summary>Completes the names of manifests in the archive store of the target that is named, or connected last.</summary>
public sealed class ManifestCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        request.Target is { ArchiveStore: not null } target
            ? async (call, token) => (await request.Session.Engine.Restore.FindManifestsAsync(target, request.Typed, call, token)).Select(name => new NameChoice(name))
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
