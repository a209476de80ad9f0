using System.Globalization;
using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>
/// The remedies that findings carry. Kind and Parameters are what is carried out; Command is what a person would type for the same.
/// </summary>
internal static partial class IssueRemedies
{
    public const string DeployFunction = "DeployFunction";

    public const string OptimizePerformance = "OptimizePerformance";

    public const string EndIdleSessions = "EndIdleSessions";

    public const string ResolveLowComplianceIssues = "ResolveLowComplianceIssues";

    public const string DropInvalidIndex = "DropInvalidIndex";

    public const string Vacuum = "Vacuum";

    public const string Custom = "Custom";

    /// <summary>Deploys a function again (guide T1). Nothing undoes it: what ran before need not be in the source any more.</summary>
    public static Remedy Deploy(string function, FunctionDeployment? deployment) => new()
    {
        Kind = DeployFunction,
        Command = DeployCommand(function, deployment),
        Risk = RemedyRisk.High,
        Parameters = new Dictionary<string, string> { ["name"] = function },
    };

    /// <summary>The command that deploys a function, with what is deployed: who consents has to know both.</summary>
    public static string DeployCommand(string function, FunctionDeployment? deployment) =>
        $"supabase functions deploy {function} --project-ref {deployment?.ProjectRef ?? "PROJECT-REF"}{(deployment is null ? "" : $" # revision {deployment.Revision} of {deployment.Source}")}";

    /// <summary>Lets the function optimise the database (guide T2).</summary>
    public static Remedy Optimize() => new()
    {
        Kind = OptimizePerformance,
        Command = $"Invoke-EdgeFunction {FunctionCatalogue.DatabaseScalability} {FunctionCatalogue.OptimizePerformance.Action}",
        Risk = RemedyRisk.Medium,
    };

    /// <summary>Ends sessions under a limit of connections that have been idle for too long (guide T3), first those inside a transaction, and no more than it takes.</summary>
    public static Remedy EndIdle(MaintenanceTarget target, DbConnectionHeadroom limit)
    {
        var policy = target.Repair;
        var (role, database) = limit.Scope switch
        {
            DbConnectionScope.Role => ($" -Role {Quoted(limit.Name!)}", ""),
            DbConnectionScope.Database => ("", $" -and $_.Database -ceq {Quoted(limit.Name!, always: true)}"),
            _ => ("", ""),
        };
        string Sessions(string which, TimeSpan age) =>
            $"@(Get-DbSession {which} -OlderThan {Duration(age)}{role} | Where-Object {{ -not $_.IsProtected{database} }} | Sort-Object StateAge -Descending)";
        return new Remedy
        {
            Kind = EndIdleSessions,
            Command = Say.Text($"{Sessions("-IdleInTransaction", policy.IdleInTransaction)} + {Sessions("-State Idle", policy.IdleSession)} | Select-Object -First {ConnectionUse.TooMany(limit, ConnectionUse.Goal(target))} | Stop-DbSession"),
            Risk = RemedyRisk.Medium,
            Parameters = new Dictionary<string, string?>
            {
                ["idleInTransaction"] = Duration(policy.IdleInTransaction),
                ["idleSession"] = Duration(policy.IdleSession),
                ["scope"] = limit.Scope.ToString(),
                ["name"] = limit.Name,
            }.Where(parameter => parameter.Value is not null).ToDictionary(parameter => parameter.Key, parameter => parameter.Value!),
        };
    }

    /// <summary>Ends all sessions that have been idle inside a transaction for too long.</summary>
    public static Remedy EndIdleTransactions(RepairPolicy policy) => new()
    {
        Kind = EndIdleSessions,
        Command = $"Get-DbSession -IdleInTransaction -OlderThan {Duration(policy.IdleInTransaction)} | Stop-DbSession",
        Risk = RemedyRisk.Medium,
        Parameters = new Dictionary<string, string> { ["idleInTransaction"] = Duration(policy.IdleInTransaction) },
    };

    /// <summary>Ends one session, if it is still the same one and still idle for too long.</summary>
    public static Remedy EndIdle(DbSession session, RepairPolicy policy) => new()
    {
        Kind = EndIdleSessions,
        Command = $"Get-DbSession -ProcessId {session.ProcessId.ToString(CultureInfo.InvariantCulture)} | Stop-DbSession",
        Risk = RemedyRisk.Medium,
        Parameters = new Dictionary<string, string>
        {
            ["idleInTransaction"] = Duration(policy.IdleInTransaction),
            ["process"] = session.ProcessId.ToString(CultureInfo.InvariantCulture),
            ["connected"] = session.BackendStart?.ToString("O", CultureInfo.InvariantCulture) ?? "",
        },
    };

    /// <summary>Lets the function resolve its issues of low severity (guide T4).</summary>
    public static Remedy ResolveLow() => new()
    {
        Kind = ResolveLowComplianceIssues,
        Command = "Get-ComplianceReport -Type Quick -AutoResolveLow",
        Risk = RemedyRisk.Low,
        Parameters = new Dictionary<string, string> { ["severity"] = "low" },
    };

    /// <summary>Drops an index that no query can use. Its definition undoes it.</summary>
    public static Remedy DropIndex(IndexAdvice advice) => new()
    {
        Kind = DropInvalidIndex,
        Command = string.Join("; ", advice.Sql),
        Rollback = advice.RollbackSql.Count > 0 ? string.Join("\n", advice.RollbackSql) : null,
        Risk = RemedyRisk.Medium,
        Parameters = Relation(advice.Database, advice.Schema, advice.Name, advice.Oid),
    };

    /// <summary>Vacuums a table.</summary>
    public static Remedy VacuumTable(DbAction action) => new()
    {
        Kind = Vacuum,
        Command = action.Sql,
        Risk = RemedyRisk.Low,
        Parameters = Relation(action.Database, action.Schema, action.Name, action.Oid),
    };

    /// <summary>
    /// Puts the first of a target's own remedies on a finding that has none. What is well, or could not be measured, gets none: nobody
    /// repairs what nobody has seen.
    /// </summary>
    public static Finding WithCustom(Finding finding, RepairPolicy policy) =>
        finding is { Outcome: FindingOutcome.Fail, Remedy: null }
        && policy.Remedies.FirstOrDefault(remedy => FileSystemName.MatchesSimpleExpression(remedy.Finding, finding.Id)) is { } custom
            ? finding with
            {
                Remedy = new Remedy
                {
                    Kind = Custom,
                    Command = string.Join(' ', custom.Arguments.Select(argument => Quoted(Filled(argument, finding))).Prepend(Quoted(custom.Program))),
                    Risk = custom.Risk,
                    Parameters = new Dictionary<string, string> { ["name"] = custom.Name },
                },
            }
            : finding;

    /// <summary>The function that a component names (guide T1: the text after <c>function-</c>); null if it names none that could be deployed.</summary>
    public static string? FunctionOf(string? component) =>
        component is not null && FunctionComponent().Match(component.Trim()) is { Success: true } match ? match.Groups[1].Value : null;

    private static Dictionary<string, string> Relation(string database, string schema, string name, long oid) => new()
    {
        ["database"] = database,
        ["schema"] = schema,
        ["name"] = name,
        ["oid"] = oid.ToString(CultureInfo.InvariantCulture),
    };

    private static string Filled(string argument, Finding finding) => Placeholder().Replace(argument, match => match.Groups[1].Value switch
    {
        "subject" => finding.Subject,
        "target" => finding.Target,
        _ => finding.Database,
    } ?? "");

    // As PowerShell would take it: what a person reads must be what would run.
    private static string Quoted(string text, bool always = false) => !always && PlainWord().IsMatch(text) ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Duration(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"function-([a-zA-Z0-9][a-zA-Z0-9_-]{0,99})\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FunctionComponent();

    [GeneratedRegex(@"\{(subject|target|database)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\A[A-Za-z0-9_./:=-]+\z")]
    private static partial Regex PlainWord();
}
