namespace Maintenance.Engine.Performance.Indexes;

/// <summary>
/// How many rows a plan expects to return, to be held against what the server has counted: a plan that is wrong by this much tells of other
/// executions than those that took the time, and its cost proves nothing for them. Pure.
/// </summary>
/// <param name="Expected">The planner's estimate; null where a call returns one row, or so many groups, whatever the conditions find.</param>
/// <param name="Most">As many as can be returned if the estimates of the conditions are right.</param>
internal sealed record PlannedRows(double? Expected, double Most)
{
    /// <summary>Estimates and counts that differ by less agree: the counts are an average over all calls.</summary>
    public const double Factor = 10;

    private static readonly PlannedRows Untold = new(null, double.PositiveInfinity);

    private static readonly HashSet<string> PassOn = ["Sort", "Incremental Sort", "Limit", "LockRows", "Result", "Materialize", "WindowAgg", "Subquery Scan", "Gather", "Gather Merge"];

    /// <summary>Reads a plan.</summary>
    public static PlannedRows Of(PlanNode node) => node switch
    {
        // It returns nothing itself; what it changes is counted.
        { Type: "ModifyTable" } => node is { Operation: "Merge" } or { Children.Count: 0 } ? Untold : Changed(node),
        { Type: "Aggregate", GroupKeys.Count: 0 } => Untold,
        // How many groups there are says little of how many rows were found, but more than those they cannot be.
        { Type: "Aggregate" or "Group" or "Unique" or "SetOp", Children: [var input, ..] } => new PlannedRows(null, node.Type == "SetOp" ? double.PositiveInfinity : Of(input).Most),
        // A limit that is not known is taken for a tenth of what is found.
        { Type: "Limit", Children: [var input, ..] } when Of(input) is { Expected: not null, Most: var most } => new PlannedRows(node.Rows, Math.Max(node.Rows, most)),
        { Children: [var input, ..] } when PassOn.Contains(node.Type) && Of(input) is { Expected: null } grouped => grouped,
        _ => new PlannedRows(node.Rows, node.Rows),
    };

    /// <summary>A call returned so many more rows on the average that the plan, and with it its cost, is that of other calls.</summary>
    /// <param name="counted">Rows per call, as counted; null if that is not known.</param>
    public bool IsExceededBy(double? counted) => counted > Factor * Math.Max(1, Most);

    /// <summary>A call returned so many fewer rows that the plan is that of other calls. An index that finds the rows costs less then, not more.</summary>
    /// <param name="counted">Rows per call, as counted; null if that is not known.</param>
    public bool IsShortOf(double? counted) => counted is { } known && Expected > Factor * Math.Max(1, known);

    /// <summary>How far the estimate and the count are apart, as a factor of 1 or more; 1 where nothing can be told.</summary>
    /// <param name="counted">Rows per call, as counted.</param>
    public double Distance(double counted) => Expected is { } expected ? Distance(expected, counted) : 1;

    /// <summary>How far two numbers of rows are apart, as a factor of 1 or more; less than one row counts as one.</summary>
    public static double Distance(double one, double other) => Math.Max(Math.Max(1, one) / Math.Max(1, other), Math.Max(1, other) / Math.Max(1, one));

    /// <summary>A number of rows, for a sentence.</summary>
    public static string Say(double rows) => rows is > 0 and < 1 ? "less than one row" : Inspect.Say.Count((long)Math.Round(rows), "row", "rows");

    private static PlannedRows Changed(PlanNode node) => node.Children.Select(Of).Aggregate((one, other) => new PlannedRows(one.Expected + other.Expected, one.Most + other.Most));
}
