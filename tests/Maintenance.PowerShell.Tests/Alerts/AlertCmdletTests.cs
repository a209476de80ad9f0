namespace Maintenance.ModuleTests.Alerts;

/// <summary>Alert rules as users meet them: what is piped, what is said, and what is left alone.</summary>
public sealed class AlertCmdletTests : IDisposable
{
    private const string Hostile = "x\n\u001b[31m✅ ALL IS WELL <!channel> *_`~ \u202Egnp";

    private readonly ModuleRunspace _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-alerts-").FullName;

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // No server: what is piped was measured elsewhere.
    private MaintenanceTarget Target => new()
    {
        Name = "prod",
        History = new HistorySettings { Path = Path.Combine(_folder, "history.db") },
        Channels = new Dictionary<string, ChannelSettings> { ["Default"] = new() { Webhook = SecretReference.FromSecureString(new System.Net.NetworkCredential("", "http://127.0.0.1:1/hooks/x").SecurePassword), Kind = "Slack" } },
    };

    private static Metric Metric(double? value, string label = "") => new()
    {
        Name = "error_rate", Value = value, Unit = MetricUnit.Percent, ObservedAt = TimeProvider.System.GetUtcNow(), Target = "prod",
        Labels = label.Length > 0 ? new Dictionary<string, string> { ["function"] = label } : [],
    };

    private ScriptResult Run(string script, Metric? metric = null) => _session.Run(script, ("target", Target), ("metric", metric ?? Metric(3)));

    private static List<Alert> Alerts(ScriptResult result) => [.. result.Output.Select(item => Assert.IsType<Alert>(item.BaseObject))];

    [Fact]
    public void Metrics_are_evaluated_and_only_their_rules()
    {
        var result = Run("$metric | Test-AlertRule -Target $target");
        Assert.Empty(result.Errors);
        Assert.Equal([("error_rate_warning", AlertState.Firing, AlertNews.Firing), ("error_rate_critical", AlertState.Inactive, AlertNews.None)], Alerts(result).Select(alert => (alert.Rule, alert.State, alert.News)));
    }

    [Theory]
    [InlineData("[pscustomobject]@{ Name = 'error_rate'; Value = 3 }", AlertState.Firing)]
    [InlineData("[pscustomobject]@{ Name = 'error_rate'; Value = '3.5'; Unit = 'percent'; ObservedAt = [DateTimeOffset]::UtcNow.ToString('o') }", AlertState.Firing)]
    [InlineData("[pscustomobject]@{ Name = 'error_rate'; Value = '3.5'; Unit = 'percent'; ObservedAt = '2026-01-01T00:00:00Z' }", AlertState.NoData)]
    [InlineData("[pscustomobject]@{ Name = 'error_rate'; Value = 1 }", AlertState.Inactive)]
    [InlineData("[pscustomobject]@{ Name = 'error_rate'; Value = $null }", AlertState.NoData)]
    [InlineData("[pscustomobject]@{ Name = 'error_rate'; Value = '' }", AlertState.NoData)]
    [InlineData("[pscustomobject]@{ Name = 'error_rate'; Value = 'NaN' }", AlertState.NoData)]
    [InlineData("[pscustomobject]@{ Metrics = @([pscustomobject]@{ Name = 'error_rate'; Value = 3; Labels = @{ f = 'a' } }) }", AlertState.Firing)]
    [InlineData("$copy = [pscustomobject]@{ Name = $metric.Name; Value = $metric.Value; Unit = $metric.Unit; Target = $metric.Target; ObservedAt = $metric.ObservedAt; Labels = $metric.Labels }; $copy", AlertState.Firing)]
    public void What_a_filter_or_a_file_has_made_of_metrics_is_understood(string made, AlertState expected)
    {
        var result = Run($"{made} | Test-AlertRule error_rate_warning -Target $target");
        Assert.Empty(result.Errors);
        Assert.Equal(expected, Assert.Single(Alerts(result)).State);
    }

    [Theory]
    [InlineData("'text'", "has no metrics")]
    [InlineData("[pscustomobject]@{ Name = 'error_rate' }", "has no metrics")]
    [InlineData("[pscustomobject]@{ Name = 'error_rate'; Value = 'many' }", "'many', which is none")]
    [InlineData("[pscustomobject]@{ Name = 'error_rate'; Value = $true }", "which is none")]
    [InlineData("[pscustomobject]@{ Name = 'error_rate'; Value = 3; Unit = 'Furlongs' }", "Furlongs")]
    [InlineData("[pscustomobject]@{ Name = 'error_rate'; Value = 3; ObservedAt = 'yesterday' }", "yesterday")]
    public void What_is_no_metric_is_an_error_and_no_value(string made, string message)
    {
        var result = Run($"{made} | Test-AlertRule -Target $target");
        Assert.Empty(result.Output);
        var error = Assert.Single(result.Errors);
        Assert.StartsWith("InvalidArgument,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(message, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_health_that_came_over_the_wire_is_all_there_is()
    {
        var result = Run("""
            $health = [pscustomobject]@{ Target = 'prod'; Metrics = @([pscustomobject]@{ Name = 'error_rate'; Value = 1 }) }
            $health.PSObject.TypeNames.Insert(0, 'Deserialized.Maintenance.SystemHealth')
            $health | Test-AlertRule -Target $target
            """);
        Assert.Empty(result.Errors);
        Assert.Equal(12, result.Output.Count);
        // Of parts of the system no value came; what was never known to be critical is not said to be.
        Assert.Equal(9, Alerts(result).Count(alert => alert.State == AlertState.NoData));
    }

    [Fact]
    public void A_metric_that_no_rule_is_about_is_said()
    {
        var result = Run("[pscustomobject]@{ Name = 'nothing_known'; Value = 1 } | Test-AlertRule -Target $target");
        Assert.Empty(result.Output);
        Assert.Contains("nothing was evaluated", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@{ Name = 'error_rate_warning'; Threshold = 'NaN' }", "must be a number")]
    [InlineData("@{ Name = 'error_rate_warning'; ClearThreshold = 5 }", "good side")]
    [InlineData("@{ Name = 'mine'; Metric = 'eror_rate'; Operator = 'GreaterThan'; Threshold = 1; Severity = 'Warning'; Message = 'm' }", "error_rate")]
    [InlineData("@{ Name = 'mine' }", "says its metric")]
    [InlineData("@{ Name = 'error_rate_warning'; Message = 'at {nothing}' }", "{nothing}")]
    [InlineData("@{ Name = \"two`nlines\"; Metric = 'error_rate'; Operator = 'GreaterThan'; Threshold = 1; Severity = 'Warning'; Message = 'm' }", "one line")]
    public void What_is_wrong_with_a_rule_is_said_and_none_is_evaluated(string rule, string message)
    {
        var result = Run($"$metric | Test-AlertRule -Target $target -Rule {rule}");
        Assert.Empty(result.Output);
        Assert.Contains(message, Assert.Single(result.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, "history.db")));
    }

    [Fact]
    public void WhatIf_keeps_nothing_and_tells_nobody()
    {
        var result = Run("""
            $metric | Test-AlertRule -Target $target -WhatIf
            Test-AlertRule -Target $target -Silence * -Until 1h -Reason x -WhatIf
            $alerts = $metric | Test-AlertRule -Target ($target)
            $alerts | Send-MaintenanceNotification -Target $target -WhatIf
            $alerts | Send-MaintenanceNotification -Target $target -DryRun
            """);
        Assert.Empty(result.Errors);
        Assert.Equal(NotificationState.DryRun, Assert.IsType<NotificationResult>(Assert.Single(result.Output).BaseObject).State);
        Assert.Empty(Run("Get-AlertRule -Silenced -Target $target").Output);
        // Nobody was told, so it is still news.
        Assert.Equal(NotificationState.Queued, Assert.IsType<NotificationResult>(Assert.Single(Run("$metric | Test-AlertRule -Target $target | Send-MaintenanceNotification -Target $target").Output).BaseObject).State);
    }

    [Fact]
    public void A_silence_is_listed_shown_with_its_rules_and_ends_early()
    {
        Assert.Empty(Run("Test-AlertRule -Target $target -Silence error_rate* -Until 2h -Reason 'Load test' -By me").Errors);
        var silence = Assert.IsType<AlertSilence>(Assert.Single(Run("Get-AlertRule -Silenced -Target $target").Output).BaseObject);
        Assert.Equal(("error_rate*", "me", "Load test", TimeSpan.FromHours(2)), (silence.Rule, silence.By, silence.Reason, silence.Until - silence.From));
        Assert.Equal(2, Run("Get-AlertRule -Target $target").Output.Count(item => item.BaseObject is AlertRule { Silence.By: "me" }));
        Assert.Contains("silenced until", Alerts(Run("$metric | Test-AlertRule -Target $target"))[0].Suppressed, StringComparison.Ordinal);

        Assert.Single(Run("Test-AlertRule -Target $target -EndSilence error_rate*").Output);
        Assert.Empty(Run("Get-AlertRule -Silenced -Target $target").Output);
        Assert.Null(Alerts(Run("$metric | Test-AlertRule -Target $target"))[0].Suppressed);
    }

    [Fact]
    public void A_silence_that_fits_no_rule_is_warned_of_and_one_that_is_not_there_is_an_error()
    {
        Assert.Contains("No alert rule", Assert.Single(Run("Test-AlertRule -Target $target -Silence eror_rate -Until 2h -Reason x").Warnings), StringComparison.Ordinal);
        var error = Assert.Single(Run("Test-AlertRule -Target $target -EndSilence other").Errors);
        Assert.StartsWith("ObjectNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("'eror_rate'", error.Exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("InvalidArgument,", Assert.Single(Run("Test-AlertRule -Target $target -Silence * -Until 0s -Reason x").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_target_the_rules_that_are_built_in_are_listed()
    {
        Assert.Equal(12, Run("Get-AlertRule").Output.Count);
        Assert.StartsWith("ObjectNotFound,", Assert.Single(Run("Get-AlertRule nothing").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Single(Run("Get-AlertRule -Silenced").Errors);
    }

    [Fact]
    public void A_replay_without_a_past_knows_nothing()
    {
        var replays = Run("Test-AlertRule error* -Target $target -Replay -Since 30d").Output.Select(item => Assert.IsType<AlertReplay>(item.BaseObject)).ToList();
        Assert.Equal(2, replays.Count);
        Assert.All(replays, replay => Assert.Equal((HealthStatus.Unknown, null), (replay.Status, replay.Fired)));
    }

    [Fact]
    public void Hostile_labels_make_no_lines_of_their_own()
    {
        var result = Run("$alerts = $metric | Test-AlertRule -Target $target; $alerts; $alerts | Send-MaintenanceNotification -Target $target -DryRun", Metric(3, Hostile));
        Assert.Empty(result.Errors);
        var alert = Assert.IsType<Alert>(result.Output[0].BaseObject);
        Assert.DoesNotContain(alert.Message, char.IsControl);
        Assert.DoesNotContain(Maintenance.Formatting.DisplayText.Harmless(alert.Series), character => char.IsControl(character) || character == '\u202E');
        var sent = Assert.IsType<NotificationResult>(result.Output[^1].BaseObject);
        Assert.DoesNotContain(sent.Title, char.IsControl);
        Assert.DoesNotContain("<!channel>", sent.Payload, StringComparison.Ordinal);
    }
}
