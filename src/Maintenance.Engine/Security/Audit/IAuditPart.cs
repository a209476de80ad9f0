namespace Maintenance.Engine.Security.Audit;

/// <summary>One part of the security audit: something that looks at one side of a target and tells findings, passed checks included.</summary>
internal interface IAuditPart
{
    /// <summary>Which part it is.</summary>
    AuditPart Part { get; }

    /// <summary>Why this target gives it nothing to look at, as a sentence that says what to configure; null if it does. What is not looked at is never green.</summary>
    string? NotConfigured(MaintenanceTarget target);

    /// <summary>Looks.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is wrong, what could not be found out, and one finding with outcome Pass for each check that found nothing wrong.</returns>
    /// <exception cref="MaintenanceException">The part could not be looked at as a whole.</exception>
    Task<IReadOnlyList<Finding>> CollectAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken);
}
