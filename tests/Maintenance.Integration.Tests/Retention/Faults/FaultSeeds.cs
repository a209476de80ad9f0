using System.Globalization;

namespace Maintenance.IntegrationTests.Retention.Faults;

/// <summary>Which seeds run.</summary>
internal static class FaultSeeds
{
    /// <summary>Those of MAINTENANCE_FAULT_SEED or MAINTENANCE_FAULT_RUNS; without them a short set that comes to each step once, and has each event.</summary>
    public static IEnumerable<int> Chosen()
    {
        if (Environment.GetEnvironmentVariable("MAINTENANCE_FAULT_SEED") is { Length: > 0 } seeds)
        {
            var range = seeds.Split('-').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
            return Enumerable.Range(range[0], range[^1] - range[0] + 1);
        }

        return Environment.GetEnvironmentVariable("MAINTENANCE_FAULT_RUNS") is { Length: > 0 } runs
            ? Enumerable.Range(1, int.Parse(runs, CultureInfo.InvariantCulture))
            : Short();
    }

    private static IEnumerable<int> Short()
    {
        var cases = Enumerable.Range(1, FaultCase.Count).Select(FaultCase.Of).ToList();
        var steps = cases.Where(@case => @case.Event == FaultEvent.ProcessAtStep).DistinctBy(@case => @case.Point);
        // In the ways that are not among those.
        var events = new[]
        {
            (FaultEvent.WorkerAtStep, FaultKind.Table), (FaultEvent.ProcessAtAnyTime, FaultKind.Blob), (FaultEvent.WorkerAtAnyTime, FaultKind.DroppedPartitions),
            (FaultEvent.LockAndSecondRun, FaultKind.Blob), (FaultEvent.Watchdog, FaultKind.RestoreTable), (FaultEvent.StoreAtStep, FaultKind.Blob), (FaultEvent.StoreAtAnyTime, FaultKind.Folder),
        }.Select(wanted => cases.First(@case => (@case.Event, @case.Kind) == wanted));
        return steps.Concat(events).Select(@case => @case.Seed).Order();
    }
}
