using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Configuration;

public sealed class PrivilegeTests(SandboxFixture sandboxes) : IAsyncDisposable
{
    // A name that must be quoted, and that would break out of a careless quotation.
    private const string Role = "o'brien \"; DROP";
    private const string QuotedRole = "\"o'brien \"\"; DROP\"";
    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test").FullName;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_role_with_nothing_is_told_the_grants_and_lacks_nothing_once_it_has_them(int major)
    {
        var sandbox = await sandboxes.PostgresAsync(major);
        await using var administrator = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(sandbox));
        await RunAsync(administrator, $"CREATE ROLE {QuotedRole} LOGIN PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'");
        try
        {
            var before = await TestAsync(sandbox, Role);
            Assert.Empty(before.Problems);
            Assert.True(before.IsValid);
            Assert.Equal(
                ["Find-SystemIssue", "Get-CapacityForecast", "Get-DbAccessReview", "Get-DbBloat", "Get-DbHealth", "Get-DbIndexAdvice", "Get-DbReplication", "Get-DbSecurityFinding", "Get-DbSession", "Get-DbSlowQuery", "Get-DbWraparound", "Get-PerformanceMetric", "Get-SystemHealth", "Invoke-DbMaintenance", "Invoke-DbReindex", "Invoke-DbVacuum", "Invoke-MaintenanceTask", "New-QueryOptimizationReport", "New-SecurityAuditReport", "Optimize-DbQuery", "Repair-SystemIssue", "Stop-DbSession", "Test-BackupRecency"],
                before.MissingPrivileges.Where(missing => missing.Grant == $"GRANT pg_monitor TO {QuotedRole};").Select(missing => missing.Cmdlet).Distinct().Order(StringComparer.Ordinal));

            foreach (var grant in before.MissingPrivileges.Select(missing => missing.Grant).Distinct())
            {
                await RunAsync(administrator, grant);
            }

            Assert.Empty((await TestAsync(sandbox, Role)).MissingPrivileges);
        }
        finally
        {
            await RunAsync(administrator, $"DROP OWNED BY {QuotedRole}; DROP ROLE {QuotedRole}");
        }
    }

    [Fact]
    public async Task A_role_that_cannot_read_the_statements_view_is_told_both_grants()
    {
        var sandbox = await sandboxes.PostgresAsync(15);
        await using var administrator = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(sandbox));
        await RunAsync(administrator, $"CREATE ROLE {QuotedRole} LOGIN PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'");
        await RunAsync(administrator, "CREATE DATABASE privileges");
        await using var other = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(sandbox).Replace($"Database={sandbox.Database}", "Database=privileges", StringComparison.Ordinal));
        try
        {
            await RunAsync(administrator, $"GRANT pg_monitor, pg_signal_backend TO {QuotedRole}");
            var without = await TestAsync(sandbox with { Database = "privileges" }, Role);
            Assert.Equal("CREATE EXTENSION pg_stat_statements;", without.MissingPrivileges.Select(missing => missing.Grant).Distinct().Single());

            await RunAsync(other, "CREATE SCHEMA \"my ext\"; CREATE EXTENSION pg_stat_statements SCHEMA \"my ext\"; REVOKE ALL ON \"my ext\".pg_stat_statements FROM PUBLIC, pg_read_all_stats");
            var hidden = await TestAsync(sandbox with { Database = "privileges" }, Role);
            var grant = hidden.MissingPrivileges.Select(missing => missing.Grant).Distinct().Single();
            Assert.Equal(
                $"GRANT USAGE ON SCHEMA \"my ext\" TO {QuotedRole}; GRANT SELECT ON \"my ext\".pg_stat_statements TO {QuotedRole};", grant);
            await RunAsync(other, grant);
            Assert.Empty((await TestAsync(sandbox with { Database = "privileges" }, Role)).MissingPrivileges);
        }
        finally
        {
            await other.DisposeAsync();
            await _engine.DisposeAsync();
            await RunAsync(administrator, "DROP DATABASE privileges WITH (FORCE)");
            await RunAsync(administrator, $"DROP OWNED BY {QuotedRole}; DROP ROLE {QuotedRole}");
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task The_monitor_lacks_the_systems_own_tables_alone_and_the_administrator_nothing(int major)
    {
        var sandbox = await sandboxes.PostgresAsync(major);
        var missing = (await TestAsync(sandbox, sandbox.MonitorUsername)).MissingPrivileges;
        Assert.Equal(["Stop-DbSession", "Repair-SystemIssue"], missing.Where(privilege => privilege.Grant.StartsWith("GRANT pg_signal_backend ", StringComparison.Ordinal)).Select(privilege => privilege.Cmdlet));
        Assert.Equal(
            ["ALTER ROLE maintenance_monitor BYPASSRLS;", "GRANT pg_read_all_data TO maintenance_monitor;"],
            missing.Where(privilege => privilege.Cmdlet == "New-DatabaseBackup").Select(privilege => privilege.Grant).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["ALTER ROLE maintenance_monitor BYPASSRLS;", "GRANT pg_read_all_data TO maintenance_monitor;"],
            missing.Where(privilege => privilege.Cmdlet == "Find-DbPersonalData").Select(privilege => privilege.Grant).Order(StringComparer.Ordinal));
        Assert.Equal(["GRANT pg_read_all_data TO maintenance_monitor;"], missing.Where(privilege => privilege.Cmdlet == "Get-DbIndexAdvice").Select(privilege => privilege.Grant));
        // Statistics of tables are hidden from who may not read them, and from who sees some of their rows alone.
        Assert.Equal(
            ["GRANT pg_read_all_data TO maintenance_monitor;", "ALTER ROLE maintenance_monitor BYPASSRLS;"],
            missing.Where(privilege => privilege.Cmdlet == "Get-DbBloat").Select(privilege => privilege.Grant));
        Assert.All(missing.Where(privilege => privilege.Cmdlet is not ("Get-DbBloat" or "Stop-DbSession" or "Repair-SystemIssue" or "New-DatabaseBackup" or "Find-DbPersonalData" or "Get-DbIndexAdvice")), privilege => Assert.Contains("GRANT SELECT ON ", privilege.Grant, StringComparison.Ordinal));
        Assert.Equal(
            ["Find-SystemIssue", "Get-ErrorAnalytics", "Get-SystemHealth", "Invoke-MaintenanceTask"],
            missing.Where(privilege => privilege.Grant.Contains(" public.error_logs ", StringComparison.Ordinal)).Select(privilege => privilege.Cmdlet));
        Assert.Empty((await TestAsync(sandbox, sandbox.Username)).MissingPrivileges);
    }

    [Fact]
    public async Task A_history_in_the_database_needs_the_right_to_create_a_schema()
    {
        var sandbox = await sandboxes.PostgresAsync(15);
        var result = await TestAsync(sandbox, sandbox.MonitorUsername, """, "history": { "kind": "Postgres" }""");
        Assert.Equal(
            ["Invoke-MaintenanceTask", "Get-MaintenanceHistory", "Get-PerformanceSample"],
            result.MissingPrivileges.Where(missing => missing.Grant.StartsWith("GRANT CREATE ON DATABASE ", StringComparison.Ordinal)).Select(missing => missing.Cmdlet));
    }

    [Fact]
    public async Task A_role_that_may_not_take_rows_is_told_the_grants_that_let_it()
    {
        var sandbox = await sandboxes.PostgresAsync(18);
        var (role, table) = ($"retiring_{Guid.NewGuid():N}", $"retired_{Guid.NewGuid():N}");
        await using var administrator = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(sandbox));
        await RunAsync(administrator, $"CREATE ROLE {role} LOGIN PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'; CREATE TABLE {table} (at date); ALTER TABLE {table} ENABLE ROW LEVEL SECURITY");
        try
        {
            var more = $$""", "retention": [ { "table": "{{table}}", "timeColumn": "at", "age": "30d" }, { "table": "nowhere", "timeColumn": "at", "age": "1d" } ]""";
            var before = (await TestAsync(sandbox, role, more)).MissingPrivileges.Where(missing => missing.Cmdlet == "Invoke-DbRetention").ToList();
            Assert.Equal([$"GRANT SELECT, DELETE ON TABLE public.{table} TO {role};", $"ALTER ROLE {role} BYPASSRLS;"], before.Select(missing => missing.Grant));
            foreach (var missing in before)
            {
                await RunAsync(administrator, missing.Grant);
            }

            Assert.DoesNotContain((await TestAsync(sandbox, role, more)).MissingPrivileges, missing => missing.Cmdlet == "Invoke-DbRetention");
        }
        finally
        {
            await RunAsync(administrator, $"DROP TABLE {table}; DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task A_target_that_cannot_be_reached_is_a_problem_and_the_others_are_checked()
    {
        var sandbox = await sandboxes.PostgresAsync(15);
        var variable = Password(sandbox);
        var result = await TestTextAsync($$"""
            { "targets": {
                "closed": { "database": { "host": "127.0.0.1", "port": 1, "password": "env:{{variable}}" } },
                "open": {{Target(sandbox, sandbox.Username, variable, "")}}
            } }
            """);
        Assert.False(result.IsValid);
        Assert.Equal("$.targets.closed.database", Assert.Single(result.Problems).JsonPath);
        Assert.Equal(["closed", "open"], result.Targets);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<ConfigurationTestResult> TestAsync(MaintenanceSandbox sandbox, string role, string more = "") =>
        TestTextAsync($$"""{ "targets": { "t": {{Target(sandbox, role, Password(sandbox), more)}} } }""");

    private async Task<ConfigurationTestResult> TestTextAsync(string text)
    {
        var path = Path.Combine(_folder, "maintenance.json");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        return await _engine.Configuration.TestAsync(
            new TargetRequest { Path = path, CurrentFolder = _folder }, connect: true, Calls.Silent(), TestContext.Current.CancellationToken);
    }

    private static string Target(MaintenanceSandbox sandbox, string role, string variable, string more) => $$"""
        { "database": { "host": "{{sandbox.Host}}", "port": {{sandbox.Port}}, "database": "{{sandbox.Database}}",
                        "username": {{System.Text.Json.JsonSerializer.Serialize(role)}}, "password": "env:{{variable}}", "sslMode": "Disable" } {{more}} }
        """;

    private static string Password(MaintenanceSandbox sandbox)
    {
        var variable = $"MAINTENANCE_TEST_{sandbox.Id}";
        Environment.SetEnvironmentVariable(variable, SandboxFixture.PasswordOf(sandbox));
        return variable;
    }

    private static async Task RunAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
