namespace Maintenance;

/// <summary>Somebody's decision to live with a finding for a while.</summary>
/// <param name="By">Who decided.</param>
/// <param name="Until">The last day on which it counts (UTC).</param>
/// <param name="Reason">Why.</param>
public sealed record FindingAcceptance(string By, DateOnly Until, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"until {Until:yyyy-MM-dd} by {By}: {Reason}");
}
