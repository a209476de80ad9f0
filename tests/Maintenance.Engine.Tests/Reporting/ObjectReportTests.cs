using System.Security;
using Maintenance.Engine.Reporting;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Tests.Reporting;

public sealed class ObjectReportTests
{
    private static readonly ReportService Reports = new(TimeProvider.System);

    private static SlowQuery Query(string text, HealthStatus status) => new()
    {
        Target = "production", Database = "app", User = "web", QueryId = 42, Query = text, Calls = 7, TotalTime = TimeSpan.FromSeconds(14), Status = status,
        From = DateTimeOffset.UnixEpoch, To = DateTimeOffset.UnixEpoch.AddHours(1), CollectedAt = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public void Objects_of_several_types_are_a_section_each_and_the_worst_status_is_the_verdict()
    {
        var text = Reports.Render(
            [Query("SELECT 1", HealthStatus.Ok), Query("SELECT 2", HealthStatus.Critical), new PerformanceBaseline { Target = "production", Source = BaselineSource.Function, Metric = "query_time", Unit = MetricUnit.Milliseconds, Mean = 5, From = default, To = default, CollectedAt = default }],
            ReportFormat.Markdown);
        Assert.StartsWith("# Maintenance objects of production\n\n**Critical**", text, StringComparison.Ordinal);
        Assert.Contains("## Slow query\n", text, StringComparison.Ordinal);
        Assert.Contains("## Performance baseline\n", text, StringComparison.Ordinal);
        Assert.Contains("| Critical |", text, StringComparison.Ordinal);
        Assert.Contains("1 Critical, 1 Ok", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_made_up_says_so_in_the_part_that_is_exported_alone()
    {
        var table = new TableGrowth { Target = "production", Table = "public.a", SizeBytes = 1L << 30, BytesPerDay = 47_201.5, Days = 9, Origin = "Its past is sample data." };
        var text = Reports.Render([table], ReportFormat.Markdown);
        Assert.StartsWith("# Table growth of production\n", text, StringComparison.Ordinal);
        Assert.Contains("Its past is sample data.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("47,201", text, StringComparison.Ordinal);
        Assert.Contains("46.1 kB", text, StringComparison.Ordinal);
        Assert.Contains("1 of 2 rows: Its past", Reports.Render([table, table with { Origin = null }], ReportFormat.Markdown), StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_is_marked_as_one_and_a_table_too_wide_for_paper_too()
    {
        Assert.Equal(["", " class=\"short number\"", " class=\"short number\"", " class=\"short\"", " class=\"long\"", ""], new[] { null, "1,825,409,220", "+1.2 GB", "High", $"public.{new string('x', 30)}", "a sentence of several words" }.Select(PrintedCells.Class));
        ReportSection Wide(int columns) => new("T", [.. Enumerable.Range(0, columns).Select(index => $"C{index}")], [[.. Enumerable.Repeat("1,825,409,220", columns)]], "");
        Assert.True(PrintedCells.FitsPaper(Wide(7), [.. Enumerable.Range(0, 7)]));
        Assert.False(PrintedCells.FitsPaper(Wide(8), [.. Enumerable.Range(0, 8)]));
    }

    [Theory]
    [InlineData(ReportFormat.Html)]
    [InlineData(ReportFormat.Markdown)]
    [InlineData(ReportFormat.Text)]
    public void Hostile_text_stays_text(ReportFormat format)
    {
        var text = Reports.Render([Query(new string('x', 100) + "<script>alert(1)</script>\u001b[31m\u202E | y", HealthStatus.Warning)], format);
        Assert.DoesNotContain('\u001b', text);
        Assert.DoesNotContain('\u202E', text);
        if (format != ReportFormat.Text)
        {
            Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_carries_no_verdict_is_not_called_healthy() => Assert.Contains(
        "**Unknown**",
        Reports.Render([new PerformanceBaseline { Target = "t", Source = BaselineSource.Function, Metric = "m", Unit = MetricUnit.Count, Mean = 1, From = default, To = default, CollectedAt = default }], ReportFormat.Markdown),
        StringComparison.Ordinal);

    [Fact]
    public void What_is_not_ours_is_refused_with_what_to_do()
    {
        var error = Assert.Throws<MaintenanceException>(() => Reports.Render([new Dictionary<string, string>()], ReportFormat.Text));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, error.Code);
        Assert.Contains("Select-Object", error.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(DbBloat), "Name", "Size", "Reclaimable", "Share")]
    [InlineData(typeof(IndexAdvice), "Name", "Size", "Scans", "Verdict")]
    [InlineData(typeof(DbSession), "Process id", "Role", "State age", "State")]
    [InlineData(typeof(SlowQuery), "Mean", "Calls", "Total", "Query")]
    [InlineData(typeof(DbWraparound), "Database", "Xid age", "Multi age", "Status")]
    [InlineData(typeof(DbReplication), "Lag", "WAL/s", "Free disk", "Status")]
    [InlineData(typeof(DatabaseBackup), "Name", "Taken (UTC)", "Size", "Completeness")]
    [InlineData(typeof(BackupRecency), "Database", "Age", "Maximum age", "Status")]
    [InlineData(typeof(NotificationResult), "Title", "Tries", "State", "Message")]
    [InlineData(typeof(TableGrowth), "Table", "Size", "Share", "Days")]
    [InlineData(typeof(PerformanceBaseline), "Metric", "Mean", "P95", "Count")]
    [InlineData(typeof(BaselineDrift), "Metric", "Before", "Now", "Change")]
    [InlineData(typeof(PerformanceSample), "Metric", "Mean", "Minimum", "Maximum")]
    [InlineData(typeof(DbAction), "Name", "Size", "Reclaimed", "State")]
    [InlineData(typeof(RetentionResult), "Name", "Due", "Rows", "State")]
    [InlineData(typeof(MaintenanceStep), "Name", "Took", "Status", "Message")]
    [InlineData(typeof(DbConnectionHeadroom), "Name", "Used", "Limit", "Usage")]
    [InlineData(typeof(DbHealth), "Database", "Size", "Mean query", "Status")]
    public void A_table_identifies_and_tells_the_figures(Type type, params string[] wanted)
    {
        var section = Assert.Single(ObjectReport.Of([Filled.Of(type)]).Sections);
        Assert.True(wanted.All(section.Columns.Contains), $"{type.Name} has {string.Join(", ", section.Columns)}");
        Assert.Equal(section.Columns.Count, section.Columns.Distinct().Count());
        Assert.True(section.Columns.ToList().IndexOf(wanted[0]) < section.Columns.ToList().IndexOf(wanted[1]));
        Assert.DoesNotContain("Schema", section.Columns);
        Assert.Contains("in the JSON form", section.Note ?? "nothing more is in the JSON form", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$_.Path", true)]
    [InlineData("if ($null -ne $_.MeasuredPercent) { $_.MeasuredPercent.ToString('0.#', [cultureinfo]::InvariantCulture) }", true)]
    [InlineData("[Maintenance.Formatting.BaselineText]::Figure($_.P95, $_.Unit, $_.IsEstimated)", true)]
    [InlineData("[Maintenance.Formatting.DisplayText]::Harmless(($_.AdminRights -join ', '))", true)]
    [InlineData("if ($null -eq $_.RecoveryTime) { 'unknown' } else { [Maintenance.Formatting.DisplayText]::Duration($_.RecoveryTime) }", true)]
    [InlineData("if ($null -ne $_.MissingPercent) { (100 - $_.MissingPercent).ToString('0.#') }", false)]
    [InlineData("if ($null -eq $_.RecoveryTime) { 'unknown' } else { [Maintenance.Formatting.DisplayText]::Duration($_.RecoveryPoint) }", false)]
    [InlineData("$shown = if ($null -ne $_.Total) { $_.Total } else { $_.Mean }; $shown", false)]
    [InlineData("[Maintenance.Formatting.DisplayText]::Duration($_.To - $_.From)", false)]
    [InlineData("$_.Verdict()", false)]
    public void A_script_that_shows_a_property_as_it_is_is_told_from_one_that_computes(string script, bool isPlain) => Assert.Equal(isPlain, TableViews.Scripted("Label", script).IsPlain);

    [Fact]
    public void No_heading_of_a_computed_column_stands_above_a_property_that_is_called_otherwise()
    {
        var wrong = new List<string>();
        var types = typeof(Finding).Assembly.GetExportedTypes().Where(type => TableViews.Of(type).Columns.Count > 0).ToList();
        foreach (var type in types)
        {
            var plain = TableViews.Of(type).Columns.Where(column => column.IsPlain).SelectMany(column => column.Paths).Select(path => path.Split('.')[0]).ToHashSet(StringComparer.Ordinal);
            var computed = TableViews.Of(type).Columns.Where(column => !column.IsPlain).Select(column => column.Label).ToHashSet(StringComparer.OrdinalIgnoreCase);
            wrong.AddRange(ObjectReport.ViewColumns(type)
                .Where(column => computed.Contains(column.Heading) && !plain.Contains(column.Property)
                    && !new[] { "", "Id", "Bytes", "Percent" }.Any(end => column.Property.Equals(column.Heading.Replace(" ", "", StringComparison.Ordinal) + end, StringComparison.OrdinalIgnoreCase)))
                .Select(column => $"{type.Name}: {column.Heading} is {column.Property}"));
        }

        Assert.True(types.Count > 50);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Trends_have_the_share_that_was_measured_and_the_mean_in_their_table()
    {
        PerformanceTrend Trend(string metric, double? total, double? mean, MetricUnit unit) => new()
        {
            Target = "t", Metric = metric, Title = metric, Unit = unit, Area = TrendArea.Database, Status = HealthStatus.Ok, Total = total, Mean = mean, PreviousMean = mean, MissingPercent = 2, CollectedAt = default,
        };
        var section = ObjectReport.Of([Trend("deadlocks", 3, 0.4, MetricUnit.Count), Trend("avg_query_time", null, 167, MetricUnit.Milliseconds)]).Sections.Single();
        string? Cell(int row, string column) => section.Rows[row][section.Columns.ToList().IndexOf(column)];
        Assert.Equal(["3", "167 ms"], [Cell(0, "Mean/total"), Cell(1, "Mean/total")]);
        Assert.Equal("98 %", Cell(1, "Measured"));
    }

    [Fact]
    public void A_statement_goes_by_its_text_or_is_said_to_have_none()
    {
        PerformanceBaseline Of(string? text) => new() { Target = "t", Source = BaselineSource.Statements, Metric = "query_time", Subject = "10/5/-2772/top", Text = text, Unit = MetricUnit.Milliseconds, Mean = 1, From = default, To = default, CollectedAt = default };
        var text = Reports.Render([Of("SELECT $1"), Of(null)], ReportFormat.Markdown);
        Assert.Contains("SELECT $1", text, StringComparison.Ordinal);
        Assert.Contains("a statement whose text the server has forgotten (query id -2772)", text, StringComparison.Ordinal);
        Assert.DoesNotContain("10/5/", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Programs_get_every_property_as_a_number()
    {
        var json = JObject.Parse(Reports.Render([Filled.Of<DbBloat>()], ReportFormat.Json));
        var only = Assert.Single((JArray)json["objects"]!);
        Assert.Equal("DbBloat", (string?)only["type"]);
        Assert.Equal(6428811, (long)only["reclaimable"]!);
        Assert.Equal(12.5, (double)only["reclaimablePercent"]!);
        Assert.Equal(JTokenType.Integer, only["deadTupleBytes"]!.Type);
        Assert.Equal(typeof(DbBloat).GetProperties().Length, only.Children<JProperty>().Count() - 1);
        Assert.Equal(90, (double)JObject.Parse(Reports.Render([Filled.Of<SlowQuery>()], ReportFormat.Json))["objects"]![0]!["totalTime"]!);
    }

    [Fact]
    public void Rows_of_several_targets_say_whose_they_are()
    {
        var report = ObjectReport.Of([Query("SELECT 1", HealthStatus.Ok), Query("SELECT 1", HealthStatus.Ok) with { Target = "staging" }]);
        Assert.EndsWith("of production, staging", report.Title, StringComparison.Ordinal);
        Assert.Equal("Target", report.Sections[0].Columns[0]);
        Assert.Equal(["production", "staging"], report.Sections[0].Rows.Select(row => row[0]));
        Assert.DoesNotContain("Target", ObjectReport.Of([Query("SELECT 1", HealthStatus.Ok)]).Sections[0].Columns);
    }

    [Fact]
    public void A_heading_is_true_of_what_stands_below()
    {
        Assert.Contains("Is standby", ObjectReport.Of([Filled.Of<DbReplication>()]).Sections[0].Columns);
        Assert.DoesNotContain("Role", ObjectReport.Of([Filled.Of<DbReplication>()]).Sections[0].Columns);
        Assert.DoesNotContain("Time", ObjectReport.Of([Filled.Of<PerformanceSample>()]).Sections[0].Columns);
    }

    [Fact]
    public void A_mean_has_its_unit()
    {
        var text = Reports.Render([Filled.Of<BaselineDrift>() with { Unit = MetricUnit.Milliseconds, BaselineMean = 5, CurrentMean = 7.5 }], ReportFormat.Markdown);
        Assert.Contains("| 5 ms |", text, StringComparison.Ordinal);
        Assert.Contains("| 7.5 ms |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_findings_there_is_no_sarif()
    {
        var error = Assert.Throws<MaintenanceException>(() => Reports.Render([Filled.Of<CapacityForecast>()], ReportFormat.Sarif));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, error.Code);
        Assert.Contains("\"ruleId\"", Reports.Render([Filled.Of<DbWraparound>()], ReportFormat.Sarif), StringComparison.Ordinal);
    }

    [Fact]
    public void Channels_are_names() => Assert.Equal("Emergency", (string?)PublicValues.Json(Filled.Of<MaintenanceTarget>())["channels"]![0]);

    [Theory]
    [InlineData(ReportFormat.Html)]
    [InlineData(ReportFormat.Markdown)]
    [InlineData(ReportFormat.Json)]
    [InlineData(ReportFormat.Text)]
    public void No_secret_is_in_a_report(ReportFormat format)
    {
        var types = typeof(Finding).Assembly.GetExportedTypes().Where(type => type is { IsClass: true, IsAbstract: false, IsGenericType: false } && !typeof(Exception).IsAssignableFrom(type) && HasSecrets(type, [])).ToList();
        Assert.Contains(typeof(MaintenanceSandbox), types);
        Assert.Contains(typeof(MaintenanceTarget), types);
        foreach (var type in types.Where(type => type != typeof(SecretReference)))
        {
            var text = Reports.Render([Filled.Of(type)], format);
            Assert.False(text.Contains(Filled.Secret, StringComparison.Ordinal), $"{type.Name}: {text}");
            Assert.DoesNotContain("SecureString", text, StringComparison.Ordinal);
            Assert.DoesNotContain("(given)", text, StringComparison.Ordinal);
        }
    }

    private static bool HasSecrets(Type type, HashSet<Type> seen) =>
        type == typeof(SecureString) || type == typeof(SecretReference) || type == typeof(Uri)
        || (seen.Add(type) && ((type.IsGenericType && type.GetGenericArguments().Any(part => HasSecrets(part, seen)))
            || (type.Assembly == typeof(Finding).Assembly && type.GetProperties().Any(property => HasSecrets(property.PropertyType, seen)))));
}
