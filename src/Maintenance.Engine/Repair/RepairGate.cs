using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair;

/// <summary>Says what speaks against a repair before anything is measured. Pure.</summary>
internal static class RepairGate
{
    /// <summary>Why the finding itself is not repaired; null if it may be.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="finding">The finding.</param>
    public static (string Reason, string? Recommendation)? Judge(string target, Finding finding) => finding switch
    {
        { Target: { } other } when !other.Equals(target, StringComparison.OrdinalIgnoreCase) =>
            ($"It was found in '{RepairText.Of(other, 80)}', not in '{target}'.", "Connect that target."),
        { State: FindingState.Accepted } => ("It is accepted: somebody has decided to live with it.", null),
        { State: FindingState.Fixed } => ("It is fixed.", null),
        { Outcome: FindingOutcome.Pass } => ("The check has passed: there is nothing to repair.", null),
        { Outcome: not FindingOutcome.Fail } => ("It was not measured, and nothing is repaired on a guess.", finding.Recommendation),
        _ => null,
    };

    /// <summary>Why the remedy is not carried out in this run; null if it may be.</summary>
    /// <param name="remedy">The remedy, with the risk that counts.</param>
    /// <param name="policy">What the target's configuration says.</param>
    /// <param name="options">What the caller says.</param>
    public static (string Reason, string? Recommendation, MaintenanceErrorCode Code)? Judge(Remedy remedy, RepairPolicy policy, RepairOptions options)
    {
        if (remedy.Risk > options.MaximumRisk)
        {
            return ($"Its risk is {remedy.Risk}, and at most {options.MaximumRisk} is allowed.", $"Allow it with Repair-SystemIssue -MaximumRisk {remedy.Risk}, or do it by hand; the finding says: {RepairText.Of(remedy.Command)}", MaintenanceErrorCode.RemedyRefused);
        }

        var most = options.MaximumActions ?? policy.MaximumActions;
        return options.ActionsDone >= most
            ? (Say.Text($"A run may carry out no more than {Say.Count(most, "remedy", "remedies")}, and {options.ActionsDone} {(options.ActionsDone == 1 ? "comes" : "come")} before this one."), "Look at what the others came to, and run it again; or allow more with -MaximumActions (repair.maximumActions).", MaintenanceErrorCode.RemedyLimitReached)
            : null;
    }
}
