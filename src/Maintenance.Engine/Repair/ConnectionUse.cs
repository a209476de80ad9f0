using Maintenance.Engine.Alerts;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Repair;

/// <summary>When connections run out, whose limit it is, and how many sessions must go until all is well again: decided here, for what finds and for what repairs. Pure.</summary>
internal static class ConnectionUse
{
    private const string Metric = "connection_pool_usage";

    /// <summary>
    /// So many percentage points below where people are warned the ending stops (ours): one session more, or our own looking, must not
    /// raise the alarm again.
    /// </summary>
    private const double Clearance = 10;

    /// <summary>Above this connections run out, in percent (guide T3): a lower critical level counts, a higher one does not.</summary>
    public static double IssueAbove(MaintenanceTarget target) =>
        Math.Min(ThresholdCatalogue.ConnectionsRunOutPercent, ThresholdCatalogue.For(target, Metric)!.Critical ?? 100);

    /// <summary>The use at which nobody is warned any more, nor soon again, in percent.</summary>
    public static double Goal(MaintenanceTarget target)
    {
        var warned = ThresholdCatalogue.For(target, Metric)!.Warning ?? IssueAbove(target);
        var told = AlertRules.Of(target.Alerts, [])
            .Where(rule => rule is { IsEnabled: true, Metric: Metric, Operator: AlertOperator.GreaterThan or AlertOperator.GreaterThanOrEqual })
            .Select(rule => rule.ClearThreshold ?? rule.Threshold);
        var lowest = told.Append(warned).Append(IssueAbove(target)).Min();
        return Math.Max(lowest - Clearance, lowest / 2);
    }

    /// <summary>How many sessions must end until the use is at a goal.</summary>
    public static int TooMany(DbConnectionHeadroom limit, double goal) => Math.Max(0, limit.Used - (int)Math.Floor(limit.Limit * goal / 100));

    /// <summary>The limit that a remedy is about: the server's, unless it says which other.</summary>
    /// <exception cref="MaintenanceException">InvalidArgument for a scope that there is not.</exception>
    public static DbConnectionHeadroom? Meant(IEnumerable<DbConnectionHeadroom> limits, Remedy remedy)
    {
        if (!Enum.TryParse<DbConnectionScope>(remedy.Optional("scope") ?? nameof(DbConnectionScope.Server), out var scope) || !Enum.IsDefined(scope))
        {
            throw remedy.Invalid("scope");
        }

        var name = scope == DbConnectionScope.Server ? null : remedy.Needed("name");
        return limits.FirstOrDefault(limit => limit.Scope == scope && limit.Name == name && limit.Limit > 0);
    }

    /// <summary>Whether a session takes up a connection of that limit.</summary>
    public static bool Counts(DbSession session, DbConnectionHeadroom limit) => limit.Scope switch
    {
        DbConnectionScope.Database => session.Database == limit.Name,
        DbConnectionScope.Role => session.Role == limit.Name,
        _ => true,
    };

    /// <summary>Whose limit it is, as a subject: null for the server.</summary>
    public static string? Subject(DbConnectionHeadroom limit) => limit.Scope == DbConnectionScope.Server ? null : $"{limit.Scope.ToString().ToLowerInvariant()} {limit.Name}";

    /// <summary>How many of how many are in use, as a sentence without its end.</summary>
    public static string Describe(DbConnectionHeadroom limit) => Say.Text(
        $"{limit.UsagePercent:0.##} % of the connections {(Subject(limit) is { } subject ? $"that the {RepairText.Of(subject, 80)} may have " : "")}are in use ({ConnectionCount.Of(limit.Used, limit.Limit, limit.Scope)})");
}
