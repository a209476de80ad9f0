#pragma warning disable CA1822
namespace Maintenance.Engine.Backup;
public sealed class BackupService
{
    internal async Task<IReadOnlyList<BackupRecency>> TestRecencyAsync(MaintenanceTarget target, TimeSpan? maximumAge, CallContext call, CancellationToken cancellationToken)
    {
        await Task.Yield();
        throw new MaintenanceException(MaintenanceErrorCode.NotConfigured, "none", "none");
    }
}
