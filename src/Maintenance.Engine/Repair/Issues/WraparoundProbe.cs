using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>What Get-DbWraparound finds: how far the databases are from running out of transaction ids.</summary>
internal sealed class WraparoundProbe(WraparoundService wraparound) : IIssueProbe
{
    public string Name => "the ages of transaction ids";

    public IReadOnlyList<IssueKind> Kinds => IssueCatalogue.Wraparound;

    public bool AppliesTo(MaintenanceTarget target) => IssueScope.HasDatabase(target);

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken)
    {
        var databases = await wraparound.GetAsync(context.Target, 0, context.Call, cancellationToken);
        // Which database it is of, is part of what makes it the same finding.
        return OnceForTheServer(databases.SelectMany(database => database.Findings.Select(finding => finding with { Database = finding.Database ?? database.Database })))
            .OrPassed(
                Kinds[0],
                Say.Text($"The oldest of {Say.Count(databases.Count, "database", "databases")} is {databases.Max(database => database.XidAge):N0} transactions old; the server stops taking writes at {databases[0].Xid.Stop.Limit:N0}."),
                ("XidAge", databases.Max(database => database.XidAge)),
                ("MultixactAge", databases.Max(database => database.MultixactAge)));
    }

    /// <summary>Who holds rows back is asked of the whole server: that it could not be told is said once, and of no database. Pure.</summary>
    public static IEnumerable<Finding> OnceForTheServer(IEnumerable<Finding> findings) => findings
        .Select(finding => finding.Id.StartsWith("XID-HOLDERS-", StringComparison.Ordinal) ? finding with { Database = null } : finding)
        .DistinctBy(finding => finding.Fingerprint);
}
