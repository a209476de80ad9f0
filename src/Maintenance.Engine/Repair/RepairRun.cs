using Maintenance.Engine.Inspect;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Repair;

/// <summary>One remedy being carried out: recorded before, run once, measured afterwards, recorded again.</summary>
internal sealed class RepairRun(
    MaintenanceTarget target, RepairPlan plan, IRemedyAction action, IReadOnlyList<RepairStep> steps, RepairOptions options, CallContext call, RepairPlanner planner, RepairMemory memory, TimeProvider time)
{
    /// <summary>Between two looks.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private readonly long _began = time.GetTimestamp();

    public async Task<SystemRepair> RunAsync(RepairLock held, Deadline deadline, CancellationToken cancellationToken)
    {
        var remedy = plan.Remedy! with { Command = string.Join("\n", steps) };
        var context = new RepairContext(target, plan.Finding, remedy, options, call);
        var repair = planner.Decide(target, plan.Finding, remedy, RepairState.Running, "It has begun.", null, null, call) with { Before = plan.Before };
        // If this process dies, somebody shall know that it was tried.
        var isKept = await memory.RecordAsync(target, repair, call);
        if (!isKept && remedy.Risk == RemedyRisk.High && !options.Force)
        {
            return repair with { State = RepairState.Refused, Error = MaintenanceErrorCode.RemedyRefused, Message = "That it begins could not be put into the history, and its risk is High.", Recommendation = "See to the history, or carry it out all the same with -Force." };
        }

        call.Sink.Verbose($"Repairing {repair.FindingId} on '{target.Name}': {remedy.Kind}.");
        try
        {
            repair = await ActAsync(repair, context, deadline);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await memory.RecordAsync(target, Ended(repair) with { State = RepairState.Unknown, Message = "It was cancelled while the remedy ran, or before it was measured again: nobody knows what it came to.", Error = MaintenanceErrorCode.Cancelled }, call);
            throw;
        }
        catch (OperationCanceledException)
        {
            var lost = held.LostError();
            repair = repair with { State = RepairState.Unknown, Message = lost.Message, Error = lost.Code, Recommendation = lost.Recommendation };
        }
        catch (MaintenanceException exception)
        {
            // It may have done a part of it: whoever tries it again shall know.
            repair = repair with { State = RepairState.Unknown, Message = exception.Message, Error = exception.Code, Recommendation = exception.Recommendation };
        }
        catch (Exception exception)
        {
            await memory.RecordAsync(target, Ended(repair) with { State = RepairState.Unknown, Error = MaintenanceErrorCode.Unexpected, Message = $"An unexpected error of type {exception.GetType().Name} ended it." }, call);
            throw;
        }

        repair = Ended(repair);
        await memory.RecordAsync(target, repair, call);
        return repair;
    }

    private async Task<SystemRepair> ActAsync(SystemRepair repair, RepairContext context, Deadline deadline)
    {
        string done;
        MaintenanceException? failure = null;
        try
        {
            done = RepairText.Of(await deadline.RunAsync($"The remedy {context.Remedy.Kind}", token => action.RunAsync(context, steps, token)), 1000);
        }
        catch (MaintenanceException exception)
        {
            (done, failure) = (RepairText.Of(exception.Message, 1000), exception);
        }

        if (failure is not null && deadline.Token.IsCancellationRequested)
        {
            return repair with { State = RepairState.Failed, Message = done, Error = failure.Code, Recommendation = failure.Recommendation };
        }

        var look = await deadline.RunAsync($"Measuring {repair.FindingId} again", token => LookAgainAsync(context, failure is null, token));
        repair = repair with { After = look?.Figure };
        if (failure is not null)
        {
            var now = look?.IsThere switch { false => "Measured again, the issue is gone.", true => "Measured again, the issue is still there.", _ => "Whether the issue is still there is not known." };
            return repair with { State = RepairState.Failed, Message = $"{Sentence(done)} {now}", Error = failure.Code, Recommendation = RepairText.Of(failure.Recommendation) };
        }

        return look switch
        {
            { IsThere: false } => repair with { State = RepairState.Resolved, Message = $"{Sentence(done)} Measured again, the issue is gone: {look.Figure}" },
            { IsThere: true } => repair with { State = RepairState.NotResolved, Message = $"{Sentence(done)} Measured again, the issue is still there: {look.Figure}", Recommendation = plan.Finding.Recommendation ?? "Look for the cause: the remedy was carried out, and did not help." },
            null => repair with { State = RepairState.Unknown, Message = $"{Sentence(done)} Nothing of ours can measure whether it helped.", Recommendation = "Look whether the issue is gone." },
            _ => repair with { State = RepairState.Unknown, Message = $"{Sentence(done)} Whether it helped could not be measured: {look.Figure}", Recommendation = "Look whether the issue is gone." },
        };
    }

    // What needs time to show gets it, but no more: until the issue is gone, or the wait is over.
    private async Task<IssueLook?> LookAgainAsync(RepairContext context, bool waits, CancellationToken cancellationToken)
    {
        var settle = action.IsImmediate || !waits ? TimeSpan.Zero : target.Repair.Settle;
        var longest = action.IsImmediate || !waits ? TimeSpan.Zero : options.Wait ?? 4 * settle;
        var started = time.GetTimestamp();
        var pause = settle < longest ? settle : longest;
        while (true)
        {
            if (pause > TimeSpan.Zero)
            {
                call.Sink.Progress(new ProgressUpdate("Repairing", $"{context.Finding.Id}: waiting for {Say.Duration(pause)} before it is measured again"));
                await Task.Delay(pause, time, cancellationToken);
            }

            IssueLook? look;
            try
            {
                look = await planner.LookAsync(context, action, cancellationToken);
            }
            catch (MaintenanceException exception)
            {
                look = new IssueLook(null, exception.Message);
            }

            var left = longest - time.GetElapsedTime(started);
            if (look is null or { IsThere: false } || left <= TimeSpan.Zero)
            {
                call.Sink.Progress(new ProgressUpdate("Repairing", "Done", 100, Completed: true));
                return look;
            }

            pause = settle > ShortestPause ? settle : ShortestPause;
            pause = pause < left ? pause : left;
        }
    }

    private static string Sentence(string text) => text.Length == 0 ? "It was carried out." : text[^1] is '.' or '!' or '?' ? text : text + ".";

    private SystemRepair Ended(SystemRepair repair) => repair with { Duration = time.GetElapsedTime(_began) };
}
