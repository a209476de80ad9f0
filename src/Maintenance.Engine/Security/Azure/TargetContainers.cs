namespace Maintenance.Engine.Security.Azure;

/// <summary>A blob container that a target keeps something in.</summary>
/// <param name="Use">What for: "backup store".</param>
/// <param name="Account">Name of its account; null if only a secret holds it.</param>
/// <param name="Container">Name of the container.</param>
internal sealed record TargetContainer(string Use, string? Account, string Container);

/// <summary>The blob containers that a target keeps backups, archives and reports in: what somebody who wants to harm would delete first.</summary>
internal static class TargetContainers
{
    public static IReadOnlyList<TargetContainer> Of(MaintenanceTarget target)
    {
        (string Use, StoreSettings? Store)[] stores =
        [
            ("backup store", target.BackupStore),
            ("archive store", target.ArchiveStore),
            ("audit store", target.AuditStore),
            ("WAL archive", target.WalArchive),
        ];
        return [.. stores
            .Where(store => store.Store is { IsFolder: false, Container.Length: > 0 })
            .Select(store => new TargetContainer(store.Use, Account(store.Store!), store.Store!.Container!))
            .DistinctBy(container => (container.Account?.ToLowerInvariant(), container.Container))];
    }

    private static string? Account(StoreSettings store) =>
        store.AccountName ?? (store.ServiceUri?.Host.Split('.') is [var account, "blob", ..] ? account : null);
}
