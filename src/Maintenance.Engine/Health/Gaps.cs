namespace Maintenance.Engine.Health;

/// <summary>Reads what can be read: a reading that fails is a gap that says why, and the others go on.</summary>
internal static class Gaps
{
    /// <summary>Runs a reading. A server that is gone ends them all.</summary>
    /// <param name="gaps">Where a failure is kept.</param>
    /// <param name="prefix">Beginning of the finding's id: DB, REPL, XID.</param>
    /// <param name="subject">What is read.</param>
    /// <param name="read">Reads it.</param>
    public static async Task TryAsync(this List<Gap> gaps, string prefix, string subject, Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            var denied = exception.Code == MaintenanceErrorCode.PermissionDenied;
            gaps.Add(new Gap(
                $"{prefix}-{(denied ? "NOT-PERMITTED" : "NOT-MEASURED")}",
                subject,
                denied ? FindingOutcome.NotPermitted : FindingOutcome.Unknown,
                $"Reading the {subject} failed: {exception.Message}",
                exception.Recommendation));
        }
    }
}
