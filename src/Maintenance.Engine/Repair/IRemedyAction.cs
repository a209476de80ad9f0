namespace Maintenance.Engine.Repair;

/// <summary>What an action needs to know.</summary>
/// <param name="Target">The target.</param>
/// <param name="Finding">The issue.</param>
/// <param name="Remedy">The remedy. Its command is text to be shown; an action goes by its parameters alone.</param>
/// <param name="Options">How far it may go.</param>
/// <param name="Call">What the call brings along.</param>
internal sealed record RepairContext(MaintenanceTarget Target, Finding Finding, Remedy Remedy, RepairOptions Options, CallContext Call);

/// <summary>What an action would do.</summary>
/// <param name="Steps">The exact steps.</param>
/// <param name="Rollback">What undoes them; null if nothing does.</param>
internal sealed record RemedySteps(IReadOnlyList<RepairStep> Steps, string? Rollback = null);

/// <summary>What carries out the remedies of one kind.</summary>
internal interface IRemedyAction
{
    /// <summary>The kinds of remedies.</summary>
    IReadOnlyList<string> Kinds { get; }

    /// <summary>What may go wrong at the least, whatever the remedy says of itself.</summary>
    RemedyRisk LeastRisk { get; }

    /// <summary>How much it asks for a person's consent at the least.</summary>
    RemedyRisk Impact { get; }

    /// <summary>Whether its effect is there as soon as it has ended, so that there is nothing to wait for.</summary>
    bool IsImmediate { get; }

    /// <summary>Whether the issue is there, by the action's own measurement; null if it has none.</summary>
    /// <param name="context">What it is about.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">It could not be measured.</exception>
    Task<IssueLook?> MeasureAsync(RepairContext context, CancellationToken cancellationToken);

    /// <summary>Checks the parameters and what they name, and says what would be done. Changes nothing.</summary>
    /// <param name="context">What it is about.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">It cannot or must not be done.</exception>
    Task<RemedySteps> PlanAsync(RepairContext context, CancellationToken cancellationToken);

    /// <summary>Does it, once.</summary>
    /// <param name="context">What it is about.</param>
    /// <param name="steps">What was planned and confirmed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was done, as a sentence.</returns>
    /// <exception cref="MaintenanceException">It failed, wholly or in part.</exception>
    Task<string> RunAsync(RepairContext context, IReadOnlyList<RepairStep> steps, CancellationToken cancellationToken);
}
