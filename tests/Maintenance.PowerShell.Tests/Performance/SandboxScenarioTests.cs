namespace Maintenance.ModuleTests.Performance;

/// <summary>What somebody does who sees this for the first time: a sandbox with a past, what is slow in it, what helps, and what will be.</summary>
public sealed class SandboxScenarioTests
{
    [Fact]
    public void The_slow_workload_is_found_and_the_right_indexes_are_built_measured_and_kept()
    {
        using var runspace = new ModuleRunspace();
        using var folder = new ReportFolder();
        var sandbox = (MaintenanceSandbox)runspace.Invoke("Start-MaintenanceSandbox -Name scenario -PostgresVersion 15 -History 90d -Workload").Single().BaseObject;
        try
        {
            // Found.
            var slow = runspace.Invoke("Get-DbSlowQuery").Select(item => (SlowQuery)item.BaseObject).ToList();
            Assert.Contains(slow, query => query.Query!.Contains("WHERE customer_id = $1 AND placed_at >= $2", StringComparison.Ordinal));
            Assert.Contains(slow, query => query.Query!.Contains("shipped_at IS NULL", StringComparison.Ordinal));
            Assert.DoesNotContain(slow, query => query.Query!.Contains("1707", StringComparison.Ordinal));

            // The right index is suggested, and nothing for what no index helps.
            var suggested = Definitions(runspace.Invoke("(Optimize-DbQuery | Where-Object Kind -eq CreateIndex).Sql"));
            Assert.Contains(suggested, sql => sql.Contains("shop.orders", StringComparison.Ordinal) && sql.Contains("customer_id, placed_at", StringComparison.Ordinal));
            Assert.Contains(suggested, sql => sql.Contains("shop.order_lines", StringComparison.Ordinal) && sql.Contains("(order_id", StringComparison.Ordinal));
            Assert.DoesNotContain(suggested, sql => sql.Contains("shop.visits", StringComparison.Ordinal) || sql.Contains("(channel", StringComparison.Ordinal));
            Assert.Equal(0, IndexesOn(sandbox, "customer_id, placed_at"));

            // Built, measured, kept; nothing invalid is left.
            var states = runspace.Invoke("Optimize-DbQuery -Apply -Confirm:$false | Where-Object Kind -eq CreateIndex | ForEach-Object { \"$($_.State) $($_.Sql)\" }").Select(line => line.ToString()).ToList();
            Assert.Contains(states, line => line.StartsWith("Applied ", StringComparison.Ordinal) && line.Contains("customer_id, placed_at", StringComparison.Ordinal));
            Assert.Equal(1, IndexesOn(sandbox, "customer_id, placed_at"));
            Assert.DoesNotContain(Definitions(runspace.Invoke("(Optimize-DbQuery | Where-Object Kind -eq CreateIndex).Sql")), sql => sql.Contains("customer_id, placed_at", StringComparison.Ordinal));

            // What was and what will be.
            runspace.Invoke($"New-PerformanceTrendReport -Path '{folder.File("trends.html")}'; New-QueryOptimizationReport -Path '{folder.File("queries.html")}'");
            Assert.All(["trends.html", "queries.html"], name => Assert.Contains("<svg", File.ReadAllText(folder.File(name)), StringComparison.Ordinal));
            Assert.NotEmpty(runspace.Invoke("Get-CapacityForecast"));
        }
        finally
        {
            runspace.Invoke("$sandbox | Stop-MaintenanceSandbox -Confirm:$false", ("sandbox", sandbox));
        }
    }

    private static List<string> Definitions(IEnumerable<System.Management.Automation.PSObject> statements) => [.. statements.Select(statement => statement.ToString().Replace("\"", "", StringComparison.Ordinal))];

    private static long IndexesOn(MaintenanceSandbox sandbox, string columns)
    {
        using var connection = ServerConnection.Open(sandbox);
        return connection.Scalar<long>($"SELECT count(*) FROM pg_index WHERE indisvalid AND indrelid = 'shop.orders'::regclass AND pg_get_indexdef(indexrelid) LIKE '%({columns}%'");
    }

    private sealed class ReportFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maintenance-reports-");

        public string File(string name) => Path.Combine(_folder.FullName, name);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
