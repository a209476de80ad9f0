using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Runs probes side by side under one deadline, few at a time: a server that is short of connections is not asked for ten. One that fails or hangs is a finding; the others are not affected.</summary>
internal sealed class IssueRunner(TimeProvider time)
{
    /// <summary>How many probes look at the same time.</summary>
    private const int AtOnce = 3;

    /// <summary>How long after the deadline a probe may take to wind up before it is left behind.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    public async Task<IReadOnlyList<(IIssueProbe Probe, IReadOnlyList<Finding> Findings)>> RunAsync(
        IssueContext context, IReadOnlyList<IIssueProbe> probes, Deadline deadline, CancellationToken caller)
    {
        using var turn = new SemaphoreSlim(AtOnce);
        return await Task.WhenAll(probes.Select(async probe => (probe, await RunOneAsync(context, probe, turn, deadline, caller))));
    }

    private async Task<IReadOnlyList<Finding>> RunOneAsync(IssueContext context, IIssueProbe probe, SemaphoreSlim turn, Deadline deadline, CancellationToken caller)
    {
        try
        {
            await turn.WaitAsync(deadline.Token);
            try
            {
                // Work that ignores its token must not hold the others up.
                var work = Task.Run(() => probe.FindAsync(context, deadline.Token), deadline.Token);
                return await work.WaitAsync(deadline.Remaining!.Value + Grace, time, CancellationToken.None);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (OperationCanceledException) when (caller.IsCancellationRequested)
        {
            throw;
        }
        catch (MaintenanceException exception) when (!deadline.HasPassed)
        {
            return [Failed(probe, exception)];
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException or MaintenanceException)
        {
            return [Failed(probe, deadline.Exceeded($"Looking at {probe.Name}"))];
        }
        catch (Exception exception)
        {
            return [Failed(probe, new MaintenanceException(
                MaintenanceErrorCode.Unexpected,
                $"Looking at {probe.Name} failed with an unexpected {exception.GetType().Name}: {exception.Message}",
                "This is a fault of the Maintenance module. Please report it."))];
        }
    }

    private static Finding Failed(IIssueProbe probe, MaintenanceException exception) => Issue.NotKnown(
        probe.Kinds[0], FindingSeverity.Medium, $"What there is to find in {probe.Name} is not known. {exception.Message}", exception.Recommendation, exception.Code).Because(probe.Name, exception.Message);
}
