namespace Maintenance.Engine.Repair;

/// <summary>Decides whether something is done about an issue, and what: from the finding, what is measured now, and what was tried before.</summary>
internal sealed class RepairPlanner(IReadOnlyList<IRemedyAction> actions, IIssueLooker? looker, RepairMemory memory, TimeProvider time)
{
    /// <summary>The plan, and what would carry it out; nothing would where it is decided already.</summary>
    public async Task<(RepairPlan Plan, IRemedyAction? Action)> PlanAsync(
        MaintenanceTarget target, Finding finding, RepairOptions options, CallContext call, CancellationToken cancellationToken)
    {
        var found = finding;
        var remedy = ChooseRemedy(target, found, options);
        if (RepairGate.Judge(target.Name, finding) is var (reason, advice))
        {
            return Refused(reason, advice);
        }

        if (remedy is null)
        {
            return Refused("It carries no remedy: nothing is known that would repair it as it is now.", finding.Recommendation);
        }

        if (Find(remedy) is not { } action)
        {
            return Refused($"There is no action for remedies of the kind {RepairText.Of(remedy.Kind, 60)}.", $"Do it by hand: {RepairText.Of(remedy.Command, 1000)}");
        }

        remedy = remedy with { Risk = Max(remedy.Risk, action.LeastRisk) };
        if (RepairGate.Judge(remedy, target.Repair, options) is var (tooMuch, instead, why))
        {
            return Refused(tooMuch, instead, why);
        }

        IssueLook? look;
        try
        {
            look = await LookAsync(new RepairContext(target, found, remedy, options, call), action, cancellationToken);
        }
        catch (MaintenanceException exception)
        {
            return Refused($"Whether it is still there could not be measured, and nothing is repaired on a guess: {exception.Message}", exception.Recommendation, exception.Code);
        }

        if (look is { IsThere: false })
        {
            return Decided(RepairState.AlreadyGone, $"It is gone: {look.Figure}", null, null, look.Figure);
        }

        if (look is { IsThere: null })
        {
            return Refused($"Whether it is still there could not be measured, and nothing is repaired on a guess: {look.Figure}", finding.Recommendation);
        }

        // What was just found counts for more than what was handed in, which may be old, or come from anywhere.
        if (look?.Now is { } now && options.Script is null)
        {
            found = now;
            if (ChooseRemedy(target, now, options) is not { } fresh || Find(fresh) != action)
            {
                return Refused($"Found again, it asks for another remedy than before, or for none: {now.Message}", now.Recommendation);
            }

            remedy = fresh with { Risk = Max(fresh.Risk, action.LeastRisk) };
            if (RepairGate.Judge(remedy, target.Repair, options) is var (tooMuchNow, insteadOfIt, whyNow))
            {
                return Refused(tooMuchNow, insteadOfIt, whyNow);
            }
        }

        if (!options.Force && await RestsAsync(target, finding, remedy, call, cancellationToken) is var (rests, whatNow))
        {
            return Decided(RepairState.Refused, rests, whatNow, MaintenanceErrorCode.RemedyRefused, look?.Figure);
        }

        try
        {
            var steps = await action.PlanAsync(new RepairContext(target, found, remedy, options, call), cancellationToken);
            return (new RepairPlan
            {
                Target = target.Name,
                Finding = finding,
                Remedy = remedy with { Command = string.Join("\n", steps.Steps), Rollback = steps.Rollback },
                Steps = steps.Steps,
                Impact = Max(remedy.Risk, action.Impact),
                Before = look?.Figure,
            }, action);
        }
        catch (MaintenanceException exception)
        {
            return Refused(exception.Message, exception.Recommendation, exception.Code);
        }

        (RepairPlan, IRemedyAction?) Refused(string reasonOfIt, string? recommendation, MaintenanceErrorCode code = MaintenanceErrorCode.RemedyRefused) =>
            Decided(RepairState.Refused, reasonOfIt, recommendation, code, null);

        (RepairPlan, IRemedyAction?) Decided(RepairState state, string why, string? recommendation, MaintenanceErrorCode? code, string? before) => (new RepairPlan
        {
            Target = target.Name,
            Finding = finding,
            Remedy = remedy,
            Before = before,
            Decided = Decide(target, finding, remedy ?? None, state, why, recommendation, code, call) with { Before = before },
        }, null);
    }

    /// <summary>Whether the issue is there: as it was found, or else by the action's own measurement. Null if neither can tell.</summary>
    public async Task<IssueLook?> LookAsync(RepairContext context, IRemedyAction action, CancellationToken cancellationToken) =>
        (looker is null ? null : await looker.FindAgainAsync(context.Target, context.Finding, context.Call with { Timeout = null }, cancellationToken))
        ?? await action.MeasureAsync(context, cancellationToken);

    /// <summary>A repair that ends before anything was done.</summary>
    public SystemRepair Decide(
        MaintenanceTarget target, Finding finding, Remedy remedy, RepairState state, string message, string? recommendation, MaintenanceErrorCode? code, CallContext call) => new()
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            RunId = call.RunId,
            Target = target.Name,
            FindingId = RepairText.Of(finding.Id, 100),
            Fingerprint = RepairText.Of(finding.Fingerprint, 200),
            Subject = finding.Subject is { } subject ? RepairText.Of(subject, 200) : null,
            // What did not run, since there was no need, is not kept as though it had.
            Remedy = state == RepairState.AlreadyGone ? Shown(remedy) with { Command = "", Rollback = null } : Shown(remedy),
            State = state,
            Message = message,
            Error = code,
            Recommendation = recommendation,
            StartedAt = time.GetUtcNow(),
        };

    private static Remedy None { get; } = new() { Kind = "None", Command = "" };

    // It is told and kept: nothing of what may come from anywhere is let through as it is.
    private static Remedy Shown(Remedy remedy) => remedy with
    {
        Kind = RepairText.Of(remedy.Kind, 60),
        Command = string.Join("\n", remedy.Command.Split('\n').Take(100).Select(line => RepairText.Of(line, 1000))),
        Parameters = remedy.Parameters.Take(20).ToDictionary(parameter => RepairText.Of(parameter.Key, 60), parameter => RepairText.Of(parameter.Value, 200)),
    };

    private static RemedyRisk Max(RemedyRisk first, RemedyRisk second) => first > second ? first : second;

    private static Remedy? ChooseRemedy(MaintenanceTarget target, Finding finding, RepairOptions options) => options.Script is not null
        ? Actions.ScriptAction.RemedyOf(options)
        : finding.Remedy ?? Actions.CustomAction.RemedyFor(target, finding);

    private IRemedyAction? Find(Remedy remedy) => actions.FirstOrDefault(action => action.Kinds.Contains(remedy.Kind, StringComparer.Ordinal));

    private async Task<(string Reason, string Recommendation)?> RestsAsync(
        MaintenanceTarget target, Finding finding, Remedy remedy, CallContext call, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (past, isComplete) = await memory.ReadAsync(target, now - target.Repair.CoolDown, call, cancellationToken);
        if (RepairCoolDown.Reason(past, RepairText.Of(finding.Fingerprint, 200), Shown(remedy), target.Repair.CoolDown, now) is { } reason)
        {
            return (reason, finding.Recommendation is { } advice ? $"{advice} To try it all the same: -Force." : "Look for the cause. To try it all the same: -Force.");
        }

        if (isComplete)
        {
            return null;
        }

        if (remedy.Risk == RemedyRisk.High)
        {
            return ("Without a history nobody knows whether it was tried a moment ago and did not help, and its risk is High.", "Set history.kind to Sqlite or Postgres in maintenance.json, or carry it out all the same with -Force.");
        }

        call.Sink.Warning($"Whether the remedy {remedy.Kind} was tried in another session a moment ago is not known: there is no history to tell.");
        return null;
    }
}
