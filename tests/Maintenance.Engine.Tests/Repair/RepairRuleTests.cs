using Maintenance.Engine.Programs;
using Maintenance.Engine.Repair;
using Maintenance.Engine.Repair.Actions;

namespace Maintenance.Engine.Tests.Repair;

public sealed class RepairRuleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan CoolDown = TimeSpan.FromHours(6);

    private static SystemRepair Try(RepairState state, double hoursAgo, string fingerprint = "f", string kind = "Fake") => new()
    {
        Id = Guid.NewGuid(),
        Target = "prod",
        FindingId = "ID",
        Fingerprint = fingerprint,
        Remedy = new Remedy { Kind = kind, Command = "" },
        State = state,
        Message = "It was so.",
        StartedAt = Noon - TimeSpan.FromHours(hoursAgo),
    };

    [Fact]
    public void Only_tries_of_this_remedy_for_this_finding_within_the_time_count()
    {
        string? Reason(params SystemRepair[] past) => RepairCoolDown.Reason(past, "f", new Remedy { Kind = "Fake", Command = "now" }, CoolDown, Noon);

        Assert.NotNull(Reason(Try(RepairState.NotResolved, 5.9)));
        Assert.NotNull(Reason(Try(RepairState.Running, 1)));
        Assert.Null(Reason(Try(RepairState.NotResolved, 6)));
        Assert.Null(Reason(Try(RepairState.NotResolved, 1, fingerprint: "g")));
        Assert.Null(Reason(Try(RepairState.NotResolved, 1, kind: "Other")));
        Assert.Null(Reason(Try(RepairState.Refused, 1), Try(RepairState.AlreadyGone, 1)));
        Assert.Null(Reason(Try(RepairState.Resolved, 1), Try(RepairState.Resolved, 2)));
        Assert.NotNull(Reason(Try(RepairState.Resolved, 1), Try(RepairState.NotResolved, 2)));
    }

    [Fact]
    public void Another_program_or_script_is_another_remedy_and_another_function_is_not()
    {
        static Remedy Of(string kind, string command, string name) => new() { Kind = kind, Command = command, Parameters = new Dictionary<string, string> { ["name"] = name } };

        Assert.True(RepairCoolDown.IsSame(Of("Script", "a", ""), Of("Script", "a", "")));
        Assert.False(RepairCoolDown.IsSame(Of("Script", "a", ""), Of("Script", "b", "")));
        Assert.True(RepairCoolDown.IsSame(Of("Custom", "a x", "Mend"), Of("Custom", "a y", "mend")));
        Assert.False(RepairCoolDown.IsSame(Of("Custom", "a", "mend"), Of("Custom", "a", "restart")));
        Assert.True(RepairCoolDown.IsSame(Of("DeployFunction", "a", "orders"), Of("DeployFunction", "b", "mail")));
        Assert.False(RepairCoolDown.IsSame(Of("Script", "a", ""), Of("Custom", "a", "")));
    }

    [Fact]
    public void What_was_not_permitted_may_be_tried_as_soon_as_the_right_is_there() =>
        Assert.Null(RepairCoolDown.Reason([Try(RepairState.Failed, 1) with { Error = MaintenanceErrorCode.PermissionDenied }], "f", new Remedy { Kind = "Fake", Command = "" }, CoolDown, Noon));

    [Fact]
    public void The_ending_of_sessions_stops_clearly_below_where_anybody_is_warned()
    {
        var target = new MaintenanceTarget { Name = "prod" };
        MaintenanceTarget With(double? threshold, double? clear) => target with { Alerts = new AlertPolicy { Rules = [new AlertRuleSettings { Name = "db_connections_high", Threshold = threshold, ClearThreshold = clear }] } };

        Assert.Equal(70, ConnectionUse.Goal(target));
        Assert.Equal(65, ConnectionUse.Goal(With(null, 75)));
        Assert.Equal(50, ConnectionUse.Goal(With(60, null)));
        Assert.Equal(5, ConnectionUse.Goal(With(10, null)));
        Assert.Equal(30, ConnectionUse.TooMany(Limit(97, 97), ConnectionUse.Goal(target)));
        Assert.Equal(0, ConnectionUse.TooMany(Limit(60, 97), ConnectionUse.Goal(target)));
    }

    [Fact]
    public void A_remedy_is_about_the_limit_that_it_names_and_about_the_servers_if_it_names_none()
    {
        DbConnectionHeadroom[] limits = [Limit(50, 100), Limit(1, 1) with { Scope = DbConnectionScope.Role, Name = "one" }, Limit(3, 9) with { Scope = DbConnectionScope.Database, Name = "one" }];
        DbConnectionHeadroom? Meant(params (string Name, string Value)[] parameters) =>
            ConnectionUse.Meant(limits, new Remedy { Kind = "EndIdleSessions", Command = "", Parameters = parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value) });

        Assert.Same(limits[0], Meant());
        Assert.Same(limits[1], Meant(("scope", "Role"), ("name", "one")));
        Assert.Same(limits[2], Meant(("scope", "Database"), ("name", "one")));
        Assert.Null(Meant(("scope", "Role"), ("name", "gone")));
        Assert.Throws<MaintenanceException>(() => Meant(("scope", "Everything"), ("name", "one")));
        Assert.Throws<MaintenanceException>(() => Meant(("scope", "Role")));
    }

    [Theory]
    [InlineData(0, "Deployed Functions on project abc: checkout", true)]
    [InlineData(0, "\u001b[36mDeployed Functions on project abc: other, checkout\u001b[0m", true)]
    [InlineData(0, "No change found in Function: checkout\nDeployed Functions on project abc: checkout", true)]
    [InlineData(1, "Deployed Functions on project abc: checkout", false)]
    [InlineData(0, "", false)]
    [InlineData(0, "Deployed Functions on project abc: checkout-v2", false)]
    [InlineData(0, "Bundling Function: checkout", false)]
    [InlineData(0, "unexpected deploy status 401 for checkout", false)]
    public void A_function_is_deployed_when_the_exit_code_and_the_words_of_the_program_both_say_so(int exitCode, string output, bool deployed)
    {
        var settings = new FunctionDeployment { ProjectRef = "abc", Source = "/src", Revision = new string('a', 40) };
        var judging = Record.Exception(() => DeployFunctionAction.Judge("checkout", settings, new ProgramResult(exitCode, output), "words"));

        Assert.Equal(deployed, judging is null);
        Assert.True(judging is null or MaintenanceException);
    }

    [Fact]
    public void Idle_transactions_go_first_then_those_idle_for_longest_and_no_more_than_needed()
    {
        var limit = Limit(used: 95, of: 100);
        DbSession[] sessions =
        [
            Session(1, DbSessionState.Idle, 40),
            Session(2, DbSessionState.Idle, 90),
            Session(3, DbSessionState.IdleInTransaction, 11),
            Session(4, DbSessionState.IdleInTransactionAborted, 60),
            Session(5, DbSessionState.Idle, 29),
            Session(6, DbSessionState.IdleInTransaction, 9),
            Session(7, DbSessionState.Active, 500),
            Session(8, DbSessionState.Idle, 500) with { Protection = DbSessionProtection.NeedsForce },
            Session(9, DbSessionState.Idle, 500) with { IsHidden = true },
            Session(10, DbSessionState.Idle, 500) with { BackendStart = null },
        ];
        int[] Chosen(DbConnectionHeadroom? of) => [.. IdleSessionChoice.Choose(sessions, of, 80, new RepairPolicy()).Select(session => session.ProcessId)];

        Assert.Equal([4, 3, 2, 1], Chosen(limit));
        Assert.Equal([4, 3, 2], Chosen(limit with { Used = 83 }));
        Assert.Equal([], Chosen(limit with { Used = 80 }));
        Assert.Equal([], Chosen(null));
        Assert.Equal([], Chosen(limit with { Scope = DbConnectionScope.Database, Name = "another" }));
        Assert.Equal([4, 3], IdleSessionChoice.InTransaction(sessions, new RepairPolicy()).Select(session => session.ProcessId));
    }

    private static DbConnectionHeadroom Limit(int used, int of) => new()
    {
        Target = "prod",
        Scope = DbConnectionScope.Server,
        Used = used,
        Limit = of,
        Status = HealthStatus.Critical,
        CollectedAt = Noon,
    };

    private static DbSession Session(int process, DbSessionState state, double idleMinutes) => new()
    {
        Target = "prod",
        Database = "app",
        ProcessId = process,
        BackendStart = Noon - TimeSpan.FromDays(1),
        BackendType = "client backend",
        State = state,
        StateSince = Noon - TimeSpan.FromMinutes(idleMinutes),
        StateAge = TimeSpan.FromMinutes(idleMinutes),
        CollectedAt = Noon,
    };
}
