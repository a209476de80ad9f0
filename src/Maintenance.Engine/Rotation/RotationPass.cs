using System.Runtime.CompilerServices;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Stores;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Rotation;

/// <summary>One rule at work in one store: looks, plans, and does what is confirmed, a file at a time.</summary>
/// <param name="store">The store.</param>
/// <param name="rule">The rule.</param>
/// <param name="target">Name of the target, if there is one.</param>
/// <param name="mayBeMissing">Whether the store may not be there yet.</param>
/// <param name="sink">Where to tell what happens.</param>
/// <param name="left">How much time is left; null for no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class RotationPass(IRotationStore store, LogRotationRule rule, string? target, bool mayBeMissing, IMaintenanceSink sink, Func<TimeSpan?> left, TimeProvider time)
{
    /// <summary>Until something was measured: what one processor compresses in a second, rather less than more.</summary>
    private const double UsualBytesPerSecond = 20 * 1024 * 1024;

    /// <summary>Less than this says little of the speed.</summary>
    private const long EnoughToMeasure = 4 * 1024 * 1024;

    private long _total;
    private long _compressedBytes;
    private TimeSpan _compressingTime;
    private bool _hasCompressed;

    /// <summary>Files that the rule is about.</summary>
    public int Seen { get; private set; }

    /// <summary>Why there was nothing to look at; null if there was.</summary>
    public string? Missing { get; private set; }

    /// <summary>What is wrong at the end although every step was done; null if nothing is.</summary>
    public string? Shortfall { get; private set; }

    /// <summary>What would be done, and what would be left alone. Changes nothing.</summary>
    public async IAsyncEnumerable<LogRotation> PreviewAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (problems, steps) = await PlanAsync(cancellationToken);
        // What is due for its age and for the size of all is shown once, as what may become of it at last.
        var forSize = steps.Where(step => step.IsForSize).Select(step => step.Entry).ToHashSet();
        foreach (var record in problems.Concat(steps.Where(step => step.IsForSize || !forSize.Contains(step.Entry)).Select(step => step.Refusal is { } reason ? Record(step, RotationOutcome.Skipped(reason)) : Record(step, Planned(step)))))
        {
            yield return record;
        }
    }

    /// <summary>Does what is confirmed.</summary>
    /// <param name="confirm">Asks whether a step is to be done.</param>
    /// <param name="cancellationToken">Ends it after the file at hand, or before anything of that is changed.</param>
    public async IAsyncEnumerable<LogRotation> RunAsync(Func<LogRotation, Task<bool>> confirm, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (problems, steps) = await PlanAsync(cancellationToken);
        foreach (var problem in problems)
        {
            yield return problem;
        }

        await foreach (var record in DoAsync(steps.Where(step => !step.IsForSize), confirm, cancellationToken))
        {
            _hasCompressed |= record is { Action: LogRotationAction.Compress, State: StepState.Done };
            yield return record;
        }

        if (_total > rule.MaximumTotalSize)
        {
            // Compressed files have other names and sizes than those that were planned with.
            var rest = _hasCompressed ? (await PlanAsync(cancellationToken)).Steps : steps;
            await foreach (var record in DoAsync(rest.Where(step => step.IsForSize), confirm, cancellationToken))
            {
                yield return record;
            }
        }

        if (_total > rule.MaximumTotalSize)
        {
            Shortfall = $"{Say.Size(_total)} are left in {store.Place}, more than {Say.Size(rule.MaximumTotalSize)}: the rest is kept by the rule, by its metadata or by whoever has it open.";
            sink.Warning(RunLog.OneLine(Shortfall));
        }
    }

    private async IAsyncEnumerable<LogRotation> DoAsync(
        IEnumerable<RotationStep> steps, Func<LogRotation, Task<bool>> confirm, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var step in steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (step.Refusal is { } reason)
            {
                yield return Told(Record(step, RotationOutcome.Skipped(reason)));
            }
            else if (await confirm(Record(step, Planned(step))))
            {
                yield return Told(Record(step, await DoAsync(step, cancellationToken)));
            }
        }
    }

    private static RotationOutcome Planned(RotationStep step) => new(StepState.Planned, step.Action switch
    {
        LogRotationAction.Compress => $"Would compress {Say.Size(step.Entry.SizeBytes)}.",
        LogRotationAction.Tier => $"Would move {Say.Size(step.Entry.SizeBytes)} to {step.Tier}.",
        _ when step.IsForSize => $"Would delete {Say.Size(step.Entry.SizeBytes)}, unless compressing makes enough room before.",
        _ => $"Would delete {Say.Size(step.Entry.SizeBytes)}.",
    });

    private async Task<(IReadOnlyList<LogRotation> Problems, IReadOnlyList<RotationStep> Steps)> PlanAsync(CancellationToken cancellationToken)
    {
        RotationListing listing;
        try
        {
            listing = await store.ListAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var problem = StoreErrors.Translate(exception, store.Place, "");
            if (!mayBeMissing || problem is not MaintenanceException { Code: MaintenanceErrorCode.StoreNotFound })
            {
                throw problem;
            }

            Missing = $"{store.Place} does not exist yet: nothing was written there.";
            sink.Verbose(Missing);
            return ([], []);
        }

        var files = listing.Entries.Where(entry => !entry.IsLeftover).ToList();
        Seen = files.Count;
        _total = files.Sum(entry => entry.SizeBytes);
        var steps = RotationPlanner.Plan(rule, listing.Entries, time.GetUtcNow());
        sink.Verbose(RunLog.OneLine(Say.Text($"{store.Place}: {Say.Count(Seen, "file", "files")}, {(steps.Count == 0 ? "none" : Say.Text($"{steps.Count}"))} due.")));
        return (
            [.. listing.Problems.Select(problem => Told(Record(
                new RotationStep(new RotationEntry(problem.Name, 0, default), LogRotationAction.None, "could not be looked at"), RotationOutcome.Failed(problem.Problem))))],
            steps);
    }

    // One file that never fits would be begun again every hour, and keep all others from their turn.
    private async Task<RotationOutcome> CompressAsync(RotationStep step, CancellationToken cancellationToken)
    {
        var speed = _compressedBytes >= EnoughToMeasure ? _compressedBytes / Math.Max(_compressingTime.TotalSeconds, 0.001) : UsualBytesPerSecond;
        var predicted = TimeSpan.FromSeconds(step.Entry.SizeBytes / speed);
        if (predicted > left())
        {
            return new RotationOutcome(StepState.Deferred, $"Compressing it would take about {Say.Duration(predicted)}, and there are {Say.Duration(left()!.Value)} left.")
            {
                Problem = new MaintenanceException(MaintenanceErrorCode.DoesNotFit, "", "Give one run more time with -TimeoutSeconds."),
            };
        }

        var began = time.GetTimestamp();
        var outcome = await store.CompressAsync(step.Entry, step.Tier, cancellationToken);
        if (outcome.State == StepState.Done)
        {
            _compressedBytes += step.Entry.SizeBytes;
            _compressingTime += time.GetElapsedTime(began);
        }

        return outcome;
    }

    private async Task<RotationOutcome> DoAsync(RotationStep step, CancellationToken cancellationToken)
    {
        var outcome = step.Action switch
        {
            LogRotationAction.Compress => await CompressAsync(step, cancellationToken),
            LogRotationAction.Tier => await store.TierAsync(step.Entry, step.Tier!.Value, cancellationToken),
            _ => await store.DeleteAsync(step.Entry, cancellationToken),
        };
        if (outcome.SizeAfter is { } after && !step.Entry.IsLeftover)
        {
            _total -= step.Entry.SizeBytes - after;
        }

        return outcome;
    }

    // Names come from outside: none may forge a line of the log or reach a terminal.
    private LogRotation Told(LogRotation record)
    {
        sink.Verbose(RunLog.OneLine($"{record.State} {record.Action} {record.Store}/{record.Name}, {record.Reason}: {record.Message}"));
        return record;
    }

    private LogRotation Record(RotationStep step, RotationOutcome outcome) => new()
    {
        Target = target,
        Store = store.Place,
        Name = step.Entry.Name,
        Action = step.Action,
        State = outcome.State,
        SizeBytes = step.Action == LogRotationAction.None ? null : step.Entry.SizeBytes,
        SizeBytesAfter = outcome.SizeAfter,
        NewName = outcome.NewName,
        Tier = step.Tier,
        LastWritten = step.Action == LogRotationAction.None ? null : step.Entry.Modified,
        Reason = step.Reason,
        Message = outcome.Message,
        Error = outcome.Problem?.Code,
        Recommendation = outcome.Problem?.Recommendation,
        CollectedAt = time.GetUtcNow(),
    };
}
