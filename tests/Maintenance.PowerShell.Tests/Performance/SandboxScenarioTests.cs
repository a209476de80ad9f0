namespace Maintenance.ModuleTests.Performance;

/// <summary>What somebody does who sees this for the first time: a sandbox with a past, what is slow in it, what helps, and what will be.</summary>
public sealed class SandboxScenarioTests
{
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public void The_slow_workload_is_found_what_helps_is_built_measured_and_kept_what_does_not_is_dropped_and_then_nothing_is_left_to_do(int major)
    {
        using var runspace = new ModuleRunspace();
        using var folder = new ReportFolder();
        var sandbox = (MaintenanceSandbox)runspace.Invoke($"Start-MaintenanceSandbox -Name scenario{major} -PostgresVersion {major} -History 90d -Workload").Single().BaseObject;
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
            var done = runspace.Invoke("Optimize-DbQuery -Apply -Confirm:$false | Where-Object Kind -eq CreateIndex").Select(item => (QueryRecommendation)item.BaseObject).ToList();
            var states = done.ConvertAll(one => $"{one.State} {one.Sql}");
            Assert.Contains(states, line => line.StartsWith("Applied ", StringComparison.Ordinal) && line.Contains("(customer_id, placed_at)", StringComparison.Ordinal));
            Assert.Contains(states, line => line.StartsWith("Applied ", StringComparison.Ordinal) && line.EndsWith("(placed_at) WHERE shipped_at IS NULL", StringComparison.Ordinal));
            Assert.Contains(states, line => line.StartsWith("Applied ", StringComparison.Ordinal) && line.Contains("(order_id", StringComparison.Ordinal));

            // What looked good and was not is dropped, see workload.sql.
            var campaign = Assert.Single(done, one => one.Sql!.Contains("(campaign", StringComparison.Ordinal));
            Assert.True(campaign.State == RecommendationState.Dropped, $"{campaign.State}: {campaign.Message}");
            Assert.Equal(0, IndexesOn(sandbox, "campaign", "shop.vouchers"));

            // What would be luck is left to a person.
            Assert.Contains(states, line => line.StartsWith("Skipped ", StringComparison.Ordinal) && line.Contains("(total_cents", StringComparison.Ordinal));
            Assert.Equal(0, IndexesOn(sandbox, "total_cents"));

            // The second time everything is as it should be: nobody has run the statements since, and the verdict is remembered.
            var indexes = IndexesOn(sandbox, "");
            var again = runspace.Invoke("Optimize-DbQuery -Apply -Confirm:$false | Where-Object Kind -eq CreateIndex").Select(item => (QueryRecommendation)item.BaseObject).ToList();
            Assert.Equal(indexes, IndexesOn(sandbox, ""));
            var tried = Assert.Single(again, one => one.State != RecommendationState.Skipped);
            Assert.Equal(RecommendationState.Dropped, tried.State);
            Assert.StartsWith("Tried on ", tried.Message, StringComparison.Ordinal);

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

    private static long IndexesOn(MaintenanceSandbox sandbox, string columns, string table = "shop.orders")
    {
        using var connection = ServerConnection.Open(sandbox);
        return connection.Scalar<long>($"SELECT count(*) FROM pg_index WHERE indisvalid AND indrelid = '{table}'::regclass AND pg_get_indexdef(indexrelid) LIKE '%({columns}%'");
    }

    private sealed class ReportFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maintenance-reports-");

        public string File(string name) => Path.Combine(_folder.FullName, name);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
