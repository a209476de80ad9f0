using Maintenance.Engine.Functions;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>Whether connections run out, and whether ending idle sessions would help (guide T3).</summary>
internal sealed class ConnectionProbe(FunctionService functions) : IIssueProbe
{
    private static readonly IssueKind Kind = IssueCatalogue.Connections;

    public string Name => "the connections";

    public IReadOnlyList<IssueKind> Kinds => [Kind];

    public bool AppliesTo(MaintenanceTarget target) => IssueScope.HasDatabase(target);

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken)
    {
        var asking = IssueScope.AskAsync(context, functions, FunctionCatalogue.ConnectionPoolStatus, window: null, answer => answer.UsagePercentage, cancellationToken);
        const string Source = "The server";
        IReadOnlyList<DbConnectionHeadroom> headrooms = [];
        var own = context.Target.Database is null ? null : await Figure.ReadAsync(Source, async () =>
        {
            headrooms = await context.HeadroomAsync();
            return new Figure(Source, Server(headrooms)?.UsagePercent, "nobody may connect.");
        });
        var limits = ThresholdCatalogue.For(context.Target, "connection_pool_usage")!;
        var usage = new FigureComparison(
            await asking, own, Math.Min(ThresholdCatalogue.ConnectionsRunOutPercent, limits.Critical ?? 100), WrongAbove: true, MetricUnit.Percent, OwnDecides: true);
        var others = headrooms.Where(headroom => headroom.Scope != DbConnectionScope.Server && headroom.UsagePercent > usage.Limit).ToList();
        var (idle, trouble) = headrooms.Count > 0 && (usage.Verdict == IssueVerdict.Wrong || others.Count > 0) ? await IdleAsync(context) : (null, null);
        return
        [
            Judge(context.Target, usage, Server(headrooms), IdleSessions.Of(idle, context.Target.Repair), trouble, limits.Critical),
            .. others.Select(headroom => JudgeOther(context.Target, headroom, usage.Limit, IdleSessions.Of(idle?.Where(session => IsOf(session, headroom)), context.Target.Repair), trouble)),
        ];
    }

    /// <summary>A database or a role that has used up its own limit, whatever the server has left. Pure.</summary>
    public static Finding JudgeOther(MaintenanceTarget target, DbConnectionHeadroom headroom, double limit, IdleSessions? idle, string? trouble) => Issue.Found(
        Kind,
        FindingSeverity.High,
        Say.Text($"{headroom.Scope.ToString().ToLowerInvariant()} {headroom.Name}"),
        Say.Text($"{headroom.UsagePercent:0.##} % of the connections that the {headroom.Scope.ToString().ToLowerInvariant()} {headroom.Name} may have are in use ({headroom.Used} of {headroom.Limit}; limit {limit:0.##} %).") + idle?.Sentence + Unknown(trouble),
        idle is { Total: > 0 } ? "End them, and then see why they stay." : $"See who has them (Get-DbSession), or raise the limit: ALTER {headroom.Scope.ToString().ToUpperInvariant()} ... CONNECTION LIMIT.",
        ("Used", headroom.Used),
        ("Connections", headroom.Limit),
        ("Limit", limit)) with
    {
        Remedy = idle is { Total: > 0 } ? IssueRemedies.EndIdle(target.Repair, inTransactionOnly: false) : null,
    };

    /// <summary>What the figures amount to. Pure.</summary>
    /// <param name="target">The target.</param>
    /// <param name="usage">How many of the connections are in use.</param>
    /// <param name="headroom">The same in numbers; null if the server was not asked.</param>
    /// <param name="idle">Which sessions are idle; null if they were not looked at.</param>
    /// <param name="trouble">Why they could not be looked at.</param>
    /// <param name="critical">From where on it is critical.</param>
    public static Finding Judge(MaintenanceTarget target, FigureComparison usage, DbConnectionHeadroom? headroom, IdleSessions? idle, string? trouble, double? critical)
    {
        var numbers = headroom is null ? "" : Say.Text($" ({headroom.Used} of {headroom.Limit})");
        switch (usage.Verdict)
        {
            // The server told why it has none to give: that is as good as counting.
            case IssueVerdict.NotKnown when usage.Own is { Error: MaintenanceErrorCode.DatabaseUnreachable, Reason: { } reason } && reason.Contains("no connection left", StringComparison.Ordinal):
                return Issue.Found(
                    Kind, FindingSeverity.Critical, null, $"{reason}{usage.AsideOf(usage.Function)}",
                    "Connect as an administrator, for whom some connections are reserved, and end idle sessions: Get-DbSession -State Idle -OlderThan 30m | Stop-DbSession. Then use a pooler.", [.. usage.Evidence]);
            case IssueVerdict.NotKnown:
                return usage.NotKnown(Kind, "connections run out");
            case IssueVerdict.Well:
                return Issue.Passed(Kind, $"{usage.Value(usage.Telling)} of the connections are in use{numbers}.{usage.Aside}", [.. usage.Evidence]);
        }

        var measured = usage.Own is { Value: { } value } && value > usage.Limit;
        return Issue.Found(
            Kind,
            !measured && usage.IsContradicted ? FindingSeverity.Low : usage.Telling.Value > critical ? FindingSeverity.Critical : FindingSeverity.High,
            null,
            $"{usage.Value(usage.Telling)} of the connections are in use{(measured ? numbers : "")} (limit {Quantities.Text(usage.Limit, MetricUnit.Percent)}).{usage.Aside}{idle?.Sentence}{Unknown(trouble)}",
            !measured && usage.IsContradicted ? "Find out what the function counts: Invoke-EdgeFunction database-scalability connection_pool_status. The server itself has connections to give."
            : idle is { Hidden: > 0 } ? "Let the role see what others do: GRANT pg_monitor to it. Then it can be told which sessions are idle."
            : idle is { Total: > 0 } ? "End them, and then see why they stay: a pool that is too large, or a client that does not close."
            : "See who has them (Get-DbSession -Summary, Get-DbSession | Group-Object Role, ApplicationName), use a pooler, or raise max_connections.",
            [
                .. usage.Evidence,
                ("Used", headroom?.Used),
                ("Connections", headroom?.Limit),
                ("Idle", idle?.Idle),
                ("IdleInTransaction", idle?.InTransaction),
                ("IdleProtected", idle?.Protected),
                ("Hidden", idle?.Hidden),
            ]) with
        {
            Remedy = measured && idle is { Total: > 0 } ? IssueRemedies.EndIdle(target.Repair, inTransactionOnly: false) : null,
        };
    }

    private static DbConnectionHeadroom? Server(IEnumerable<DbConnectionHeadroom> headrooms) => headrooms.FirstOrDefault(headroom => headroom.Scope == DbConnectionScope.Server);

    private static bool IsOf(DbSession session, DbConnectionHeadroom headroom) => headroom.Name == (headroom.Scope == DbConnectionScope.Database ? session.Database : session.Role);

    private static string Unknown(string? trouble) => trouble is null ? "" : $" Which sessions are idle is not known: {trouble}";

    private static async Task<(IReadOnlyList<DbSession>? Sessions, string? Trouble)> IdleAsync(IssueContext context)
    {
        try
        {
            return (await context.SessionsAsync(), null);
        }
        catch (MaintenanceException exception)
        {
            return (null, exception.Message);
        }
    }
}
