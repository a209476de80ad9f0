namespace Maintenance.Engine.Repair;

/// <summary>What a look at an issue has shown.</summary>
/// <param name="IsThere">Whether it is there; null if that could not be measured.</param>
/// <param name="Figure">The figure that shows it, or why there is none.</param>
/// <param name="Now">The finding as it would be told now, if it is there.</param>
internal sealed record IssueLook(bool? IsThere, string Figure, Finding? Now = null);

/// <summary>Looks for an issue again, in the way in which it was found.</summary>
internal interface IIssueLooker
{
    /// <summary>Looks again.</summary>
    /// <param name="target">The target.</param>
    /// <param name="finding">The finding.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Null if it was found by something that cannot be asked again.</returns>
    Task<IssueLook?> FindAgainAsync(MaintenanceTarget target, Finding finding, CallContext call, CancellationToken cancellationToken);
}
