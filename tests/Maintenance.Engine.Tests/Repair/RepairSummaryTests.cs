using Maintenance.Engine.Repair;
using Maintenance.Engine.Repair.Issues;

namespace Maintenance.Engine.Tests.Repair;

/// <summary>What people are told of issues and repairs: each incident once, with its figures, and numbers that add up.</summary>
public sealed class RepairSummaryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static Finding Issue(string id = "ISSUE-TEST", string? subject = null, FindingSeverity severity = FindingSeverity.High, string area = "Test") =>
        new() { Id = id, Area = area, Severity = severity, Subject = subject, Message = $"{id} is at 24.71 %.", Recommendation = "Look at it." };

    private static Finding Alert(string rule, string metric, FindingSeverity severity = FindingSeverity.High, params string[] causes) => new()
    {
        Id = "ISSUE-ALERT-FIRING",
        Area = "Alerts",
        Severity = severity,
        Subject = rule,
        Message = $"{metric} is beyond its limit.",
        Evidence = new Dictionary<string, object?> { ["Rule"] = rule, ["Metric"] = metric, ["Series"] = "", ["Causes"] = causes },
    };

    private static RepairedIssue Tried(Finding finding, RepairState state, string message = "It was done.") => new(finding, new SystemRepair
    {
        Id = Guid.NewGuid(),
        Target = "prod",
        FindingId = finding.Id,
        Fingerprint = finding.Fingerprint,
        Remedy = new Remedy { Kind = "Fake", Command = "" },
        State = state,
        Message = message,
        StartedAt = Noon,
    });

    private static NotificationMessage Summary(IReadOnlyList<RepairedIssue> issues, params IReadOnlyList<Finding> firing) =>
        RepairMessages.Summary("prod", new RepairReport(issues, firing), "Default", "Troubleshooting");

    [Fact]
    public void What_remains_comes_first_and_the_numbers_add_up()
    {
        var told = Summary([Tried(Issue("A"), RepairState.NotResolved), Tried(Issue("B"), RepairState.Unknown), new(Issue("C"), null), Tried(Issue("D"), RepairState.AlreadyGone), Tried(Issue("E"), RepairState.Resolved)]);

        Assert.Equal("3 of 5 issues of 'prod' require manual intervention", told.Title);
        Assert.Equal(["REMAINS A", "NOT KNOWN B", "REMAINS C", "RESOLVED E", "GONE D"], told.Text.Split('\n').Select(line => line.Split(':')[0]));
        Assert.Equal(["Found 5", "Resolved 1", "Gone without a remedy of their own 1", "Remaining 3, of 1 it is not known"], told.Fields.Select(field => $"{field.Name} {field.Value}"));
        Assert.Equal((HealthStatus.Critical, "Troubleshooting"), (told.Severity, told.Source));
    }

    [Fact]
    public void What_was_refused_says_what_is_wrong_why_nothing_was_done_and_what_to_do()
    {
        var told = Summary([Tried(Issue(), RepairState.Refused, "Its risk is High.")]);
        Assert.Equal("REMAINS ISSUE-TEST: ISSUE-TEST is at 24.71 %. Not repaired: Its risk is High. To do: Look at it.", told.Text);
        Assert.Equal("1 issue of 'prod' requires manual intervention", told.Title);
    }

    [Fact]
    public void All_that_was_resolved_is_good_news()
    {
        var well = Summary([Tried(Issue("A"), RepairState.Resolved), Tried(Issue("B"), RepairState.AlreadyGone)]);
        Assert.Equal(("🔧 1 issue of 'prod' resolved automatically, 1 gone without a remedy of its own", HealthStatus.Ok), (well.Title, well.Severity));
    }

    [Fact]
    public void One_rate_of_errors_is_one_issue_whatever_functions_and_alerts_tell_of_it()
    {
        var told = Summary(
            [Tried(Issue("ISSUE-ERROR-RATE", "one"), RepairState.Refused), Tried(Issue("ISSUE-ERROR-RATE", "two"), RepairState.Refused)],
            Alert("error_rate_critical", "error_rate"),
            Alert("error_rate_warning", "error_rate", FindingSeverity.Medium));
        Assert.Equal(["1", "0", "1"], told.Fields.Select(field => field.Value));
        Assert.Single(told.Text.Split('\n'));
    }

    [Fact]
    public void What_was_resolved_while_an_alert_of_the_same_still_fires_is_not_over()
    {
        var told = Summary([Tried(Issue("ISSUE-CONNECTIONS"), RepairState.Resolved)], Alert("db_connections_high", "usage_percentage", FindingSeverity.Medium));
        Assert.StartsWith("BETTER, NOT OVER ISSUE-CONNECTIONS: ", told.Text, StringComparison.Ordinal);
        Assert.Contains("connection", told.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((HealthStatus.Warning, "1 issue of 'prod' requires manual intervention"), (told.Severity, told.Title));
    }

    [Fact]
    public void The_score_of_the_whole_is_told_beside_what_makes_it_low_and_counts_where_nothing_explains_it()
    {
        var remains = Tried(Issue("ISSUE-ERROR-RATE", area: "Errors"), RepairState.Refused);
        var beside = Summary([remains], Alert("system_health", "overall_health_percent", FindingSeverity.Medium, "ISSUE-ERROR-RATE"));
        Assert.Equal("1", beside.Fields[0].Value);
        Assert.EndsWith("\nThe score of the whole system is low because of that: overall_health_percent is beyond its limit.", beside.Text, StringComparison.Ordinal);

        var alone = Summary([remains], Alert("system_health", "overall_health_percent", FindingSeverity.Medium, "ISSUE-ERROR-RATE", "BACKUP-OLD"));
        Assert.Equal("2", alone.Fields[0].Value);
        Assert.Contains("\nREMAINS ISSUE-ALERT-FIRING system_health: ", alone.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_remains_and_is_critical_is_told_on_the_second_channel_before_the_summary()
    {
        var channels = new Dictionary<string, ChannelSettings> { ["Default"] = new() { Webhook = null! }, ["Emergency"] = new() { Webhook = null! } };
        string[] Told(Finding finding, string channel, IReadOnlyDictionary<string, ChannelSettings> known) =>
            [.. RepairMessages.Of(new MaintenanceTarget { Name = "prod", Channels = known }, new RepairReport([new(finding, null)], []), channel, "x").Select(message => message.Channel)];

        Assert.Equal(["Emergency", "Default"], Told(Issue(), "Default", channels));
        Assert.Equal(["Emergency"], Told(Issue(), "emergency", channels).Select(channel => channel == "emergency" ? "Emergency" : channel));
        Assert.Equal(["Default"], Told(Issue(severity: FindingSeverity.Medium), "Default", channels));
        Assert.Equal(["Default"], Told(Issue(), "Default", new Dictionary<string, ChannelSettings>()));
    }

    [Fact]
    public void What_could_not_be_looked_at_is_no_issue_and_the_same_reason_is_told_once()
    {
        Finding Gap(string what) => (Issue(what) with { Outcome = FindingOutcome.Unknown, Message = $"What there is to find in {what} is not known. There is no way in." }).Because(what, "There is no way in.");
        var told = Summary([Tried(Issue(), RepairState.Resolved), new(Gap("locks"), null), new(Gap("indexes"), null)]);

        Assert.Equal(["1", "1", "0", "2"], told.Fields.Select(field => field.Value));
        Assert.StartsWith("NOT KNOWN: Nobody can tell now: locks, indexes. There is no way in.\nRESOLVED", told.Text, StringComparison.Ordinal);
        Assert.Equal((HealthStatus.Unknown, "🔧 1 issue of 'prod' resolved automatically; 2 parts could not be looked at"), (told.Severity, told.Title));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(12)]
    [InlineData(60)]
    public void However_much_there_is_it_fits_and_what_to_do_is_not_pushed_out(int count)
    {
        var issues = Enumerable.Range(0, count).Select(number => new RepairedIssue(Issue("ISSUE", Noon.AddDays(number).ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture)) with { Message = new string('m', 900) }, null));
        var told = Summary([Tried(Issue("DONE") with { Message = new string('d', 900) }, RepairState.Resolved, "Measured again, it is gone."), .. issues]);

        Assert.InRange(told.Text.Length, 2000, 2800);
        var lines = told.Text.Split('\n');
        Assert.EndsWith(" To do: Look at it.", lines[0], StringComparison.Ordinal);
        Assert.Equal(count < 60, lines[^1].StartsWith("RESOLVED DONE: ddd", StringComparison.Ordinal) && lines[^1].EndsWith("… Then: Measured again, it is gone.", StringComparison.Ordinal));
        Assert.Equal(count == 60, lines[^1].StartsWith("… and ", StringComparison.Ordinal));
    }

    [Fact]
    public void The_second_channel_gets_what_is_critical_with_the_numbers_of_all()
    {
        var report = new RepairReport([Tried(Issue("A"), RepairState.Resolved), Tried(Issue("B"), RepairState.Refused), new(Issue("C", severity: FindingSeverity.Medium), null)], []);
        var told = RepairMessages.Summary("prod", report, "Emergency", "Troubleshooting", criticalOnly: true);
        Assert.Equal("1 critical issue of 'prod' requires manual intervention", told.Title);
        Assert.StartsWith("REMAINS B: ", Assert.Single(told.Text.Split('\n')), StringComparison.Ordinal);
        Assert.Equal(["3", "1", "2"], told.Fields.Select(field => field.Value));
    }

    [Fact]
    public void What_only_says_again_what_an_issue_says_is_folded_into_it_and_named()
    {
        var folded = IssueCauses.Folded(
        [
            Issue("ISSUE-CONNECTIONS", area: "Connections"),
            Issue("ISSUE-CAPACITY", "Connections (against max_connections)", FindingSeverity.Medium) with { Evidence = new Dictionary<string, object?> { ["Resource"] = "Connections" } },
            Issue("ISSUE-CAPACITY", "Sequence (a)", FindingSeverity.Medium) with { Evidence = new Dictionary<string, object?> { ["Resource"] = "Sequence" } },
            Alert("db_connections_high", "connection_pool_usage", FindingSeverity.Medium),
            Alert("db_connections_critical", "usage_percentage"),
            Alert("error_rate_warning", "error_rate", FindingSeverity.Medium),
            Alert("error_rate_critical", "error_rate"),
            Alert("system_health", "overall_health_percent", FindingSeverity.Medium, "ISSUE-CONNECTIONS"),
            Alert("mine", "queue_length") with { Remedy = new Remedy { Kind = "Custom", Command = "" } },
        ]);

        Assert.Equal(["ISSUE-CONNECTIONS", "ISSUE-CAPACITY Sequence (a)", "ISSUE-ALERT-FIRING error_rate_critical", "ISSUE-ALERT-FIRING mine"], folded.Select(finding => $"{finding.Id} {finding.Subject}".TrimEnd()));
        Assert.Equal(["db_connections_critical", "db_connections_high", "system_health"], Assert.IsType<string[]>(folded[0].Evidence["Alerts"]));
        Assert.EndsWith("Alerts: db_connections_critical, db_connections_high, system_health.", folded[0].Message, StringComparison.Ordinal);
        Assert.EndsWith("Alert of the same: error_rate_warning.", folded[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alert_about_a_part_is_folded_only_into_the_issue_that_is_its_very_cause_and_matters_as_much()
    {
        var vacuum = Issue("ISSUE-VACUUM-DUE", "a", FindingSeverity.Low, "Vacuum");
        var connections = Issue("ISSUE-CONNECTIONS", area: "Connections");
        string[] Left(Finding alert, params Finding[] issues) => [.. IssueCauses.Folded([.. issues, alert]).Where(IssueCauses.IsAlert).Select(finding => finding.Subject!)];

        // A table that is due for a vacuum explains nothing, and neither do connections where a transaction is old.
        Assert.Single(Left(Alert("component_critical", "component_status", FindingSeverity.High, "DB-TRANSACTION-OLD"), vacuum, connections));
        Assert.Single(Left(Alert("component_critical", "component_status", FindingSeverity.High, "DB-TRANSACTION-OLD", "ISSUE-CONNECTIONS"), connections));
        Assert.Single(Left(Alert("component_critical", "component_status"), vacuum, connections));
        // Nor does one role that has used its own limit.
        Assert.Single(Left(Alert("system_health", "overall_health_percent", FindingSeverity.Medium, "ISSUE-CONNECTIONS"), connections with { Subject = "role app" }));
        Assert.Empty(Left(Alert("component_critical", "component_status", FindingSeverity.High, "ISSUE-CONNECTIONS"), vacuum, connections));
        // What is left out for mattering less takes nothing with it.
        Assert.Single(Left(Alert("component_critical", "component_status", FindingSeverity.High, "ISSUE-CONNECTIONS"), connections with { Severity = FindingSeverity.Medium }));
        Assert.Single(Left(Alert("db_connections_critical", "connection_pool_usage"), connections with { Severity = FindingSeverity.Low }));
        Assert.Empty(Left(Alert("db_connections_high", "connection_pool_usage", FindingSeverity.Medium), connections));
    }

    [Fact]
    public void What_makes_a_part_not_well_is_known_by_what_was_measured_of_it()
    {
        Finding Measured(string id, string area, FindingSeverity severity = FindingSeverity.Critical) => new() { Id = id, Area = area, Severity = severity, Message = "It is so." };
        HealthComponent Part(string name, HealthStatus status) => new() { Name = name, Status = status, Weight = 1, Message = "It is so." };
        Alert Firing(string metric, string series = "") => new() { Target = "prod", Rule = "a", Definition = Engine.Alerts.BuiltInRules.All[0], Series = series, Metric = metric, State = AlertState.Firing, PreviousState = AlertState.Firing, Since = Noon, Severity = AlertSeverity.Critical, Threshold = 1, Message = "It fires.", CollectedAt = Noon };
        var now = AlertsNow.Of([], new SystemHealth
        {
            Target = "prod",
            Status = HealthStatus.Critical,
            Score = 40,
            CoveragePercent = 100,
            CollectedAt = Noon,
            Components = [Part("Errors", HealthStatus.Warning), Part("Database", HealthStatus.Critical), Part("Compliance", HealthStatus.Critical), Part("Backups", HealthStatus.Ok)],
            Findings = [Measured("DB-CONNECTIONS-CRITICAL", "Database"), Measured("DB-TRANSACTION-OLD", "Database", FindingSeverity.Medium), Measured("COMPLIANCE-LOW", "Compliance"), Measured("CONSENT-MISSING", "Compliance")],
        });

        Assert.Equal(["Database", "Compliance", "Errors"], now.NotWell.Select(part => part.Name));
        Assert.Equal(["ISSUE-CONNECTIONS"], now.CausesOf(Firing("component_status", "component=Database")));
        Assert.Equal(["ISSUE-COMPLIANCE"], now.CausesOf(Firing("component_status", "component=Compliance")));
        Assert.Equal(["ISSUE-CONNECTIONS", "ISSUE-COMPLIANCE"], now.CausesOf(Firing("overall_health_percent")));
        Assert.Empty(now.CausesOf(Firing("component_status", "component=Errors")));
        Assert.Empty(now.CausesOf(Firing("error_rate")));
    }

    [Fact]
    public void What_was_declined_remains_and_is_told()
    {
        var told = Summary([new(Issue("A", severity: FindingSeverity.Critical), null, Reason: "Whoever was asked said no."), Tried(Issue("B"), RepairState.Resolved)]);
        Assert.Equal(("1 of 2 issues of 'prod' requires manual intervention", HealthStatus.Critical), (told.Title, told.Severity));
        Assert.StartsWith("REMAINS A: A is at 24.71 %. Not repaired: Whoever was asked said no. To do: Look at it.\nRESOLVED B", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_another_run_would_do_is_not_left_to_people_and_small_things_of_one_kind_are_one_line()
    {
        RepairedIssue Later(string table) => Tried(Issue("ISSUE-VACUUM-DUE", table, FindingSeverity.Low), RepairState.Refused, "A run may carry out no more than 5 remedies.") is var issue
            ? issue with { Repair = issue.Repair! with { Error = MaintenanceErrorCode.RemedyLimitReached } } : issue;
        var told = Summary([Later("public.a"), Later("public.b"), Tried(Issue("DONE"), RepairState.Resolved), Tried(Issue("WORST") with { Message = new string('w', 900) }, RepairState.NotResolved)]);

        Assert.Equal("1 of 4 issues of 'prod' requires manual intervention, 2 are left to another run", told.Title);
        var lines = told.Text.Split('\n');
        Assert.Equal(["REMAINS WORST", "LEFT TO ANOTHER RUN ISSUE-VACUUM-DUE (2, of low severity)", "RESOLVED DONE"], lines.Select(line => line.Split(':')[0]));
        Assert.Contains(new string('w', 900), lines[0], StringComparison.Ordinal);
        Assert.EndsWith(": public.a, public.b. Not repaired: A run may carry out no more than 5 remedies. To do: Look at it.", lines[1], StringComparison.Ordinal);
        Assert.Contains("Remaining 3, 2 left to another run", told.Fields.Select(field => $"{field.Name} {field.Value}"));
    }

    [Fact]
    public void A_finding_from_elsewhere_is_told_by_a_name_that_is_fit_to_be_told()
    {
        var told = Summary([new(Issue($"LONG-{new string('X', 150)}\npassword=hunter2"), null), new(Issue("OTHER", "a\nb password=hunter2"), null)]);
        Assert.Equal(2, told.Text.Split('\n').Length);
        Assert.DoesNotContain("hunter2", string.Concat(told.Text.Split('\n').Select(line => line.Split(": ")[0])), StringComparison.Ordinal);
    }
}
