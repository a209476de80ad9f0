namespace Maintenance.Engine.Security.Azure;

/// <summary>Why something could not be looked at.</summary>
/// <param name="Outcome">NotPermitted, Manual or Unknown.</param>
/// <param name="Reason">The reason, to stand after "because". Never words of a service, which may quote what was sent to it.</param>
/// <param name="Recommendation">What to do about it.</param>
internal sealed record AzureGap(FindingOutcome Outcome, string Reason, string Recommendation)
{
    /// <summary>Something answered, but not as it is documented: neither good nor bad can be told from it.</summary>
    public static AzureGap Undocumented(string what) => new(
        FindingOutcome.Unknown,
        $"{what} is not as Azure documents it",
        "See in the portal how it is; the address of Azure Resource Manager (security.azure.endpoint) may be that of something else.");
}

/// <summary>Thrown where a check needs what could not be read.</summary>
internal sealed class AzureGapException(AzureGap gap) : Exception(gap.Reason)
{
    public AzureGap Gap { get; } = gap;
}
