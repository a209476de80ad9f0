using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Health;

/// <summary>Runs probes side by side under one deadline. A probe that fails or hangs is Unknown; the others are not affected.</summary>
internal sealed class ProbeRunner(TimeProvider time)
{
    /// <summary>How long after the deadline a probe may take to wind up before it is left behind.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    public async Task<IReadOnlyList<ProbeOutcome>> RunAsync(
        MaintenanceTarget target, IReadOnlyList<IHealthProbe> probes, CallContext call, Deadline deadline, CancellationToken caller) =>
        await Task.WhenAll(probes.Select(probe => RunOneAsync(target, probe, call, deadline, caller)));

    private async Task<ProbeOutcome> RunOneAsync(
        MaintenanceTarget target, IHealthProbe probe, CallContext call, Deadline deadline, CancellationToken caller)
    {
        var startedAt = time.GetUtcNow();
        var started = time.GetTimestamp();
        var remaining = deadline.Remaining ?? Timeout.InfiniteTimeSpan;
        var work = Task.Run(() => probe.ProbeAsync(target, call with { Timeout = deadline.Remaining }, deadline.Token), deadline.Token);
        ProbeResult result;
        try
        {
            // Work that ignores its token, such as a file system that hangs, must not hold the others up.
            result = await work.WaitAsync(remaining < TimeSpan.Zero ? remaining : remaining + Grace, time, CancellationToken.None);
        }
        catch (Exception exception) when (caller.IsCancellationRequested)
        {
            // What is cancelled may end with any error: a connection that was closed under it, for one.
            throw new OperationCanceledException("The measuring was cancelled.", exception, caller);
        }
        catch (MaintenanceException exception)
        {
            result = ProbeResult.NotMeasured(target, probe.Component, exception, time.GetUtcNow());
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            result = ProbeResult.NotMeasured(
                target,
                probe.Component,
                deadline.Exceeded($"Measuring the {probe.Component.ToLowerInvariant()}"),
                time.GetUtcNow());
        }
        catch (Exception exception)
        {
            result = ProbeResult.NotMeasured(
                target,
                probe.Component,
                new MaintenanceException(
                    MaintenanceErrorCode.Unexpected,
                    $"The {probe.Component} probe failed with an unexpected {exception.GetType().Name}: {exception.Message}",
                    "This is a fault of the Maintenance module. Please report it."),
                time.GetUtcNow());
        }

        return new ProbeOutcome(probe.Component, result, startedAt, time.GetElapsedTime(started));
    }
}
