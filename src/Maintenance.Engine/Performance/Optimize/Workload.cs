using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>A statement that is to be helped, with what is known of it.</summary>
/// <param name="Statement">As indexes are looked for.</param>
/// <param name="User">The role that runs it; null for one that is gone, or several.</param>
/// <param name="TemporaryBytes">Bytes of temporary files that one execution writes.</param>
internal sealed record WorkloadItem(WorkloadStatement Statement, string? User, double TemporaryBytes);

/// <summary>The statements that are to be helped.</summary>
/// <param name="Items">The statements, the most time first.</param>
/// <param name="TotalMilliseconds">Time of all statements of the database, those that are left out too.</param>
/// <param name="Unknowns">What could not be found out, a sentence each.</param>
internal sealed record Workload(IReadOnlyList<WorkloadItem> Items, double TotalMilliseconds, IReadOnlyList<string> Unknowns)
{
    /// <summary>Which statements the time of all is of, after "all statements".</summary>
    public string Basis { get; init; } = "of the database that pg_stat_statements counts since its last reset";

    /// <summary>Statements that are left out since nothing more is to be proposed for them now, a sentence each. Nothing is unknown of them.</summary>
    public IReadOnlyList<string> Served { get; init; } = [];

    /// <summary>Statements of other roles that are hidden from the connected one.</summary>
    public long Hidden { get; init; }

    /// <summary>The statements that an index is for, the most time first.</summary>
    public IReadOnlyList<WorkloadItem> Of(MissingIndex index) =>
    [
        .. index.Benefits
            .Select(benefit => Items.FirstOrDefault(item => item.Statement == benefit.Statement) ?? new WorkloadItem(benefit.Statement, null, 0))
            .OrderByDescending(item => item.Statement.TotalMilliseconds),
    ];

    /// <summary>
    /// The same after something was done for some of its statements: what each takes by now, as a share of what it took. The time of all stays what it
    /// was, so that what is left does not weigh more for it.
    /// </summary>
    /// <param name="shares">Shares by the statement's id.</param>
    public Workload With(IReadOnlyDictionary<long, double> shares) => this with
    {
        Items = [.. Items.Select(item => item.Statement.QueryId is { } id && shares.TryGetValue(id, out var share)
            ? item with { Statement = item.Statement with { TotalMilliseconds = item.Statement.TotalMilliseconds * share } }
            : item).OrderByDescending(item => item.Statement.TotalMilliseconds)],
    };
}
