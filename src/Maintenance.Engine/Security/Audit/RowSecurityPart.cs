using System.Globalization;

namespace Maintenance.Engine.Security.Audit;

/// <summary>Row security tried out, by reading alone, in the security audit.</summary>
internal sealed class RowSecurityPart(RowSecurityService rows, TimeProvider time) : IAuditPart
{
    /// <summary>Id of what tells that everything that was tried came out as it should.</summary>
    public const string Check = "DBRLS-SELECT-LEAK";

    private const string NotTried = "DBRLS-NOT-TRIED";

    // As RowSecurityTask.sql says it.
    private const string WritingOnly = "writing is tried with -Write only";

    public AuditPart Part => AuditPart.RowSecurity;

    public string? NotConfigured(MaintenanceTarget target) => target.Database is null ? "No database is configured." : null;

    public async Task<IReadOnlyList<Finding>> CollectAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        var query = new RowSecurityQuery { Expectations = await ExpectationsAsync(target, cancellationToken) };
        var accesses = new List<RowSecurityAccess>();
        await foreach (var access in rows.TestAsync(target, query, call, cancellationToken))
        {
            accesses.Add(access);
        }

        var findings = accesses.SelectMany(access => access.Findings).ToLookup(IsForWriting);
        return [.. findings[false], .. findings[true].GroupBy(finding => finding.Database, StringComparer.Ordinal).Select(Together), .. Whole(target, accesses)];
    }

    private static bool IsForWriting(Finding finding) =>
        finding is { Id: NotTried, Outcome: FindingOutcome.Manual } && finding.Evidence.GetValueOrDefault("Reason") is string reason && reason == WritingOnly;

    // The audit never writes: what it leaves out for that is one thing, not one for each table and subject.
    private static Finding Together(IGrouping<string?, Finding> left) => left.First() with
    {
        Subject = null,
        Message = string.Create(CultureInfo.InvariantCulture, $"What strangers can add, change and delete was not tried in {left.Count()} attempts: an audit only reads, and {WritingOnly}."),
        Recommendation = "Run Test-DbRowSecurity -Write where a test may write and roll back.",
        Evidence = new Dictionary<string, object?> { ["Attempts"] = left.Count(), ["Tables"] = left.Select(finding => finding.Subject).Distinct(StringComparer.Ordinal).Count(), ["Reason"] = WritingOnly },
        Fingerprint = FindingFingerprint.Of(NotTried, left.Key, null),
    };

    // The findings tell of tables; only what is known of every one can show that a leak of earlier is gone.
    private IEnumerable<Finding> Whole(MaintenanceTarget target, List<RowSecurityAccess> accesses)
    {
        var database = accesses.Select(access => access.Database).FirstOrDefault() ?? target.Database?.Database;
        var untold = accesses.Count(access => access.Select is not { Outcome: FindingOutcome.Pass or FindingOutcome.Fail or FindingOutcome.Manual });
        if (untold > 0 || accesses.Count == 0)
        {
            yield return Of(target, database, FindingOutcome.Unknown, accesses.Count == 0
                ? "Row security was not proved: there was nothing that could be tried."
                : string.Create(CultureInfo.InvariantCulture, $"Whether nobody reads more than is right could not be told in {untold} of {accesses.Count} attempts."));
        }
        else if (!accesses.SelectMany(access => access.Findings).Any(finding => finding.Id == Check))
        {
            yield return Of(target, database, FindingOutcome.Pass, string.Create(CultureInfo.InvariantCulture, $"In {accesses.Count} attempts nobody read more than is right."));
        }
    }

    private Finding Of(MaintenanceTarget target, string? database, FindingOutcome outcome, string message) => new()
    {
        Id = Check,
        Area = SecurityAuditor.Area,
        Severity = FindingSeverity.High,
        Outcome = outcome,
        Message = message,
        Recommendation = outcome == FindingOutcome.Pass ? null : "Look at Test-DbRowSecurity, and say what is right in a file of expectations (security.rowExpectations).",
        Target = target.Name,
        Database = database,
        CollectedAt = time.GetUtcNow(),
    };

    private static async Task<string?> ExpectationsAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        if (target.Security.RowExpectations is not { } path)
        {
            return null;
        }

        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.FileUnavailable,
                $"The expectations of row security ({path}) cannot be read: {exception.Message}",
                "Correct security.rowExpectations, or write the file with Test-DbRowSecurity -Generate.");
        }
    }
}
