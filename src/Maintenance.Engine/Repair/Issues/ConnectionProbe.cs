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
        var usage = new FigureComparison(await asking, own, ConnectionUse.IssueAbove(context.Target), WrongAbove: true, MetricUnit.Percent, OwnDecides: true);
        var others = headrooms.Where(headroom => headroom.Scope != DbConnectionScope.Server && headroom.UsagePercent is not null).ToList();
        var (sessions, rights, trouble) = headrooms.Count > 0 && (usage.Verdict == IssueVerdict.Wrong || others.Exists(headroom => headroom.UsagePercent > usage.Limit))
            ? await SessionsAsync(context) : (null, null, null);
        IdleSessions? Idle(DbConnectionHeadroom? limit) => IdleSessions.Of(limit is null ? sessions : sessions?.Where(session => ConnectionUse.Counts(session, limit)), context.Target.Repair, rights);
        return
        [
            Judge(context.Target, usage, Server(headrooms), Idle(null), trouble, limits.Critical),
            .. others.Select(headroom => JudgeOther(context.Target, headroom, usage.Limit, Idle(headroom), trouble)),
        ];
    }

    /// <summary>What a database or a role has used of its own limit, whatever the server has left. Pure.</summary>
    public static Finding JudgeOther(MaintenanceTarget target, DbConnectionHeadroom headroom, double limit, IdleSessions? idle, string? trouble)
    {
        (string, object?)[] evidence = [("Used", headroom.Used), ("Connections", headroom.Limit), ("Limit", limit)];
        var subject = ConnectionUse.Subject(headroom);
        return headroom.UsagePercent > limit
            ? Issue.Found(
                Kind,
                FindingSeverity.High,
                subject,
                Say.Text($"{ConnectionUse.Describe(headroom)} (limit {limit:0.##} %).") + idle?.Sentence + Enough(target, headroom, idle) + Unknown(trouble),
                idle?.Advice ?? (idle is { Total: > 0 } ? "End them, and then see why they stay." : $"See who has them (Get-DbSession), or raise the limit: ALTER {headroom.Scope.ToString().ToUpperInvariant()} ... CONNECTION LIMIT."),
                evidence) with
            {
                Remedy = idle is { Total: > 0 } ? IssueRemedies.EndIdle(target, headroom) : null,
            }
            : Issue.Passed(Kind, $"{ConnectionUse.Describe(headroom)}.", evidence) with { Subject = subject };
    }

    /// <summary>What the figures amount to. Pure.</summary>
    /// <param name="target">The target.</param>
    /// <param name="usage">How many of the connections are in use.</param>
    /// <param name="headroom">The same in numbers; null if the server was not asked.</param>
    /// <param name="idle">Which sessions are idle; null if they were not looked at.</param>
    /// <param name="trouble">Why they could not be looked at.</param>
    /// <param name="critical">From where on it is critical.</param>
    public static Finding Judge(MaintenanceTarget target, FigureComparison usage, DbConnectionHeadroom? headroom, IdleSessions? idle, string? trouble, double? critical)
    {
        var numbers = headroom is null ? "" : $" ({ConnectionCount.Of(headroom.Used, headroom.Limit)})";
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
            $"{usage.Value(usage.Telling)} of the connections are in use{(measured ? numbers : "")} (limit {Quantities.Text(usage.Limit, MetricUnit.Percent)}).{usage.Aside}{idle?.Sentence}{(measured ? Enough(target, headroom, idle) : "")}{Unknown(trouble)}",
            !measured && usage.IsContradicted ? "Find out what the function counts: Invoke-EdgeFunction database-scalability connection_pool_status. The server itself has connections to give."
            : idle?.Advice is { } advice ? advice
            : idle is { Total: > 0 } ? "End them, and then see why they stay: a pool that is too large, or a client that does not close."
            : "See who has them (Get-DbSession -Summary, Get-DbSession | Group-Object Role, ApplicationName), use a pooler, or raise max_connections.",
            [
                .. usage.Evidence,
                ("Used", headroom?.Used),
                ("Connections", headroom?.Limit),
                ("Idle", idle?.Idle),
                ("IdleInTransaction", idle?.InTransaction),
                ("IdleProtected", idle?.Protected),
                ("IdleForbidden", idle?.Forbidden),
                ("Hidden", idle?.Hidden),
            ]) with
        {
            Remedy = measured && headroom is not null && idle is { Total: > 0 } ? IssueRemedies.EndIdle(target, headroom) : null,
        };
    }

    private static DbConnectionHeadroom? Server(IEnumerable<DbConnectionHeadroom> headrooms) => headrooms.FirstOrDefault(headroom => headroom.Scope == DbConnectionScope.Server);

    // How many would be, for those that could be are often many more.
    private static string Enough(MaintenanceTarget target, DbConnectionHeadroom? limit, IdleSessions? idle) =>
        limit is not null && idle is { Total: > 0 } && ConnectionUse.TooMany(limit, ConnectionUse.Goal(target)) is var needed && needed < idle.Total
            ? Say.Text($" The remedy ends {needed} of them, as many as it takes to be at {ConnectionUse.Goal(target):0.#} %.")
            : "";

    private static string Unknown(string? trouble) => trouble is null ? "" : $" Which sessions are idle is not known: {trouble}";

    private static async Task<(IReadOnlyList<DbSession>? Sessions, SessionRights? Rights, string? Trouble)> SessionsAsync(IssueContext context)
    {
        try
        {
            return (await context.SessionsAsync(), await context.RightsAsync(), null);
        }
        catch (MaintenanceException exception)
        {
            return (null, null, exception.Message);
        }
    }
}
