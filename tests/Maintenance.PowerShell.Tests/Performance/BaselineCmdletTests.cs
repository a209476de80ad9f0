using System.Xml.Linq;

namespace Maintenance.ModuleTests.Performance;

public sealed class BaselineCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _session = new();
    private readonly string _database = $"baselines_{Guid.NewGuid():N}";
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-baseline-").FullName;

    public void Dispose()
    {
        _session.Invoke("Disconnect-MaintenanceTarget");
        _session.Dispose();
        using (var server = ServerConnection.Open(fixture))
        {
            server.Execute($"DROP DATABASE IF EXISTS {_database} WITH (FORCE)");
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Nothing_is_kept_with_WhatIf_and_there_is_nothing_to_compare_with()
    {
        Connect();

        var shown = _session.Invoke("Update-PerformanceBaseline -Window 30d -Source RequestLog -WhatIf");
        var compared = _session.Run("Compare-PerformanceBaseline");

        Assert.NotEmpty(shown);
        Assert.All(shown, item => Assert.Equal(TimeSpan.FromDays(30), Assert.IsType<PerformanceBaseline>(item.BaseObject) is var baseline ? baseline.To - baseline.From : default));
        Assert.Contains(compared.Errors, error => error.FullyQualifiedErrorId.StartsWith("InsufficientHistory,", StringComparison.Ordinal));
    }

    // Without a request that is about an operation there is no row, but the table was asked for.
    [Fact]
    public void The_table_is_made_though_there_is_nothing_to_insert()
    {
        Connect();
        using (var server = ServerConnection.Open(fixture))
        {
            server.ChangeDatabase(_database);
            server.Execute("DELETE FROM query_performance_logs");
        }

        _session.Invoke("Invoke-MaintenanceTask PerformanceMetrics");
        var updated = _session.Run("Update-PerformanceBaseline -Source RequestLog, Samples -CreateTable");

        Assert.NotEmpty(updated.Output);
        Assert.Contains(updated.Warnings, warning => warning.Contains("is there, but nothing was inserted", StringComparison.Ordinal));
        using (var server = ServerConnection.Open(fixture))
        {
            server.ChangeDatabase(_database);
            server.Execute("SELECT query_type FROM public.query_performance_baselines");
        }
    }

    [Fact]
    public void A_baseline_is_compared_through_the_pipeline_and_every_cell_of_the_views_can_be_shown()
    {
        Connect();

        var baselines = _session.Invoke("Update-PerformanceBaseline -Window 30d -Source RequestLog -WhatIf");
        var drifts = _session.Invoke("$baselines | Compare-PerformanceBaseline -Window 29d", ("baselines", baselines));

        Assert.Equal(baselines.Count, drifts.Count);
        // Compared with a baseline that it is part of, a time tells nothing.
        Assert.Contains(drifts, drift => drift.BaseObject is BaselineDrift { Verdict: BaselineVerdict.NotEnoughData, Status: HealthStatus.Unknown, Metric: "response_time", Subject: null });
        var document = XDocument.Load(Path.Combine(ModuleRunspace.ModuleFolder, "Maintenance.Format.ps1xml"));
        foreach (var (item, type, count) in new[] { (baselines[^3], typeof(PerformanceBaseline), 3), (drifts[0], typeof(BaselineDrift), 2) })
        {
            var views = document.Descendants("View").Where(view => view.Descendants("TypeName").Any(name => name.Value == type.FullName)).ToList();
            Assert.Equal(count, views.Count);
            Assert.All(views.Descendants("PropertyName"), name => Assert.NotNull(type.GetProperty(name.Value)));
            Assert.All(views.Descendants("ScriptBlock"), script => Assert.Single(_session.Invoke($"[string](,$item | ForEach-Object {{ {script.Value} }})", ("item", item))));
        }

        var subjects = baselines.Select(item => Assert.Single(_session.Invoke("[Maintenance.Formatting.BaselineText]::About($item.About)", ("item", item))).ToString()).ToList();
        Assert.Equal("(all)", subjects[0]);
        Assert.Contains("lookup", subjects);
    }

    private void Connect()
    {
        _ = fixture.Sandbox;
        using (var server = ServerConnection.Open(fixture))
        {
            server.Execute($"CREATE DATABASE {_database} TEMPLATE template0");
            server.ChangeDatabase(_database);
            server.Execute("""
                CREATE TABLE query_performance_logs (operation text, duration_ms float8, succeeded boolean, "timestamp" timestamptz);
                INSERT INTO query_performance_logs SELECT 'lookup', 100 + n % 7, true, now() - n * interval '1 hour' FROM generate_series(1, 600) AS n;
                """);
        }

        _session.Invoke(
            """
            $secret = [System.Net.NetworkCredential]::new('', $password).SecurePassword
            Connect-MaintenanceTarget -Name system -HostName $sandbox.Host -Port $sandbox.Port -Database $database -SslMode Disable -Credential ([pscredential]::new($sandbox.Username, $secret)) -HistoryPath $history
            """,
            ("sandbox", fixture.Sandbox),
            ("password", fixture.Password),
            ("database", _database),
            ("history", Path.Combine(_folder, "history.db")));
    }
}
