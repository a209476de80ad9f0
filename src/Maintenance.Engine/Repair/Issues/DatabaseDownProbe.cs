using Maintenance.Engine.Database;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Whether the database answers at all. It was asked before the other probes.</summary>
internal sealed class DatabaseDownProbe : IIssueProbe
{
    private static readonly IssueKind Kind = IssueCatalogue.DatabaseDown;

    public string Name => "whether the database answers";

    public IReadOnlyList<IssueKind> Kinds => [Kind];

    public bool AppliesTo(MaintenanceTarget target) => target.Database is not null && IssueScope.HasDatabase(target);

    public Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>([Judge(context.DatabaseTrouble)]);

    /// <summary>What came of asking amounts to. Whoever is refused (a wrong password, no such database, no connection left) was answered; the last is told by the connections. Pure.</summary>
    public static Finding Judge(MaintenanceException? trouble) => trouble is null
        ? Issue.Passed(Kind, "The database answers.")
        : PostgresErrors.IsNoConnectionLeft(trouble)
            ? Issue.Passed(Kind, "The server answers, though it has no connection left.")
        : PostgresErrors.IsDown(trouble)
            ? Issue.Found(Kind, FindingSeverity.Critical, null, trouble.Message, trouble.Recommendation ?? "See whether the server runs.", ("Error", trouble.Code.ToString()))
            : Issue.NotKnown(Kind, FindingSeverity.Medium, $"Whether the database answers what it is asked is not known. {trouble.Message}", trouble.Recommendation, trouble.Code).Because("whether the database answers", trouble.Message);
}
