#pragma warning disable CA1822
namespace Maintenance.Engine.History;
public sealed class HistoryService
{
    internal async Task<MaintenanceException?> TryRecordAsync(MaintenanceTarget target, MaintenanceRun run, CallContext call, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return null;
    }
}
