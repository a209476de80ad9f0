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
        return databases.SelectMany(database => database.Findings.Select(finding => IsOfServer(finding) ? finding : finding with { Database = finding.Database ?? database.Database }))
            .GroupBy(finding => IsOfServer(finding) ? finding.Id : null)
            .SelectMany(group => group.Key is null ? group : group.Take(1))
            .OrPassed(
                Kinds[0],
                Say.Text($"The oldest of {Say.Count(databases.Count, "database", "databases")} is {databases.Max(database => database.XidAge):N0} transactions old; the server stops taking writes at {databases[0].Xid.Stop.Limit:N0}."),
                ("XidAge", databases.Max(database => database.XidAge)),
                ("MultixactAge", databases.Max(database => database.MultixactAge)));
    }

    // Who holds a snapshot can be seen of the whole server or not at all: once is enough.
    private static bool IsOfServer(Finding finding) => finding.Id.StartsWith("XID-HOLDERS-", StringComparison.Ordinal);
}
