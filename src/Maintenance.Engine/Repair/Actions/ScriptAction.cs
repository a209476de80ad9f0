using Maintenance.Engine.Inspect;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Repair.Actions;

/// <summary>Runs what the caller has brought along as a remedy.</summary>
internal sealed class ScriptAction(TimeProvider time) : IRemedyAction
{
    internal const string Kind = "Script";

    public IReadOnlyList<string> Kinds { get; } = [Kind];

    /// <summary>Who writes it and starts it knows it; whoever wants to be asked says so.</summary>
    public RemedyRisk LeastRisk => RemedyRisk.Medium;

    public RemedyRisk Impact => RemedyRisk.Medium;

    public bool IsImmediate => false;

    public static Remedy RemedyOf(RepairOptions options) => new() { Kind = Kind, Command = options.ScriptText, Risk = RemedyRisk.Medium };

    public Task<IssueLook?> MeasureAsync(RepairContext context, CancellationToken cancellationToken) => Task.FromResult<IssueLook?>(null);

    public Task<RemedySteps> PlanAsync(RepairContext context, CancellationToken cancellationToken) => context.Options.Script is null
        ? throw new MaintenanceException(MaintenanceErrorCode.RemedyRefused, "A finding cannot bring a script along.", "Give it yourself: -ScriptBlock.")
        : Task.FromResult(new RemedySteps([new RepairStep(context.Options.ScriptText, new Dictionary<string, string>())]));

    public async Task<string> RunAsync(RepairContext context, IReadOnlyList<RepairStep> steps, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(context.Options.ScriptTimeout, time, cancellationToken);
        string told;
        try
        {
            told = await context.Options.Script!(context.Finding, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.DeadlineExceeded,
                Say.Text($"The script block took longer than {context.Options.ScriptTimeout.TotalSeconds:0.#} s, the time it has, and was stopped."),
                "See what holds it up, or allow it more time with -ScriptTimeout. What it had done until then is done.");
        }

        return told.Length == 0 ? "The script block ended and wrote nothing" : $"The script block ended and wrote: {RepairText.Of(told, 800)}";
    }
}
