using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Tests.Configuration;

public sealed class PrivilegeCatalogueTests
{
    private static readonly MaintenanceTarget Target = new() { Name = "t" };
    private static readonly PrivilegeFacts Everything = new("\"a role\"", "\"a db\"", true, true, true, "extensions", true, true);

    [Fact]
    public void A_role_that_may_everything_lacks_nothing() => Assert.Empty(PrivilegeCatalogue.Missing(Target, Everything));

    [Fact]
    public void A_role_without_pg_monitor_is_told_the_grant_per_cmdlet()
    {
        var missing = PrivilegeCatalogue.Missing(Target, Everything with { ReadsAllStatistics = false }).ToList();
        Assert.Equal(
            ["Find-SystemIssue", "Get-CapacityForecast", "Get-DbAccessReview", "Get-DbBloat", "Get-DbHealth", "Get-DbIndexAdvice", "Get-DbReplication", "Get-DbSecurityFinding", "Get-DbSession", "Get-DbSlowQuery", "Get-DbWraparound", "Get-PerformanceMetric", "Get-SystemHealth", "Invoke-DbMaintenance", "Invoke-DbReindex", "Invoke-DbVacuum", "Invoke-MaintenanceTask", "New-QueryOptimizationReport", "New-SecurityAuditReport", "Optimize-DbQuery", "Repair-SystemIssue", "Stop-DbSession", "Test-BackupRecency"],
            missing.Select(privilege => privilege.Cmdlet).Distinct().Order(StringComparer.Ordinal));
        Assert.All(missing, privilege => Assert.Equal("GRANT pg_monitor TO \"a role\";", privilege.Grant));
    }

    [Fact]
    public void Who_may_not_signal_others_is_told_so_for_what_ends_sessions()
    {
        var missing = PrivilegeCatalogue.Missing(Target, Everything with { SignalsSessions = false }).ToList();
        Assert.Equal(["Repair-SystemIssue", "Stop-DbSession"], missing.Select(privilege => privilege.Cmdlet).Order(StringComparer.Ordinal));
        Assert.All(missing, privilege => Assert.Equal("GRANT pg_signal_backend TO \"a role\";", privilege.Grant));
    }

    [Fact]
    public void Who_may_not_read_everything_is_told_so_for_what_reads_everything()
    {
        var missing = PrivilegeCatalogue.Missing(Target, Everything with { ReadsAllData = false, ReadsAllTables = false, SeesAllRows = false }).ToList();
        Assert.Equal(["Find-DbPersonalData", "Get-DbBloat", "Get-DbIndexAdvice", "New-DatabaseBackup"], missing.Select(privilege => privilege.Cmdlet).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["ALTER ROLE \"a role\" BYPASSRLS;", "GRANT pg_read_all_data TO \"a role\";"], missing.Select(privilege => privilege.Grant).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(PrivilegeCatalogue.Missing(Target, Everything with { ReadsAllData = false, ReadsAllTables = false, MajorVersion = 13 }), privilege => privilege.Grant.Contains("pg_read_all_data", StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_extension_is_one_need_and_not_two()
    {
        var missing = PrivilegeCatalogue.Missing(Target, Everything with { HasStatements = false, ReadsStatements = false, StatementsSchema = "" });
        Assert.All(missing, privilege => Assert.Equal("CREATE EXTENSION pg_stat_statements;", privilege.Grant));
    }

    [Fact]
    public void An_extension_that_cannot_be_read_is_granted_in_its_own_schema()
    {
        var missing = PrivilegeCatalogue.Missing(Target, Everything with { ReadsStatements = false });
        Assert.All(missing, privilege => Assert.Equal(
            "GRANT USAGE ON SCHEMA extensions TO \"a role\"; GRANT SELECT ON extensions.pg_stat_statements TO \"a role\";", privilege.Grant));
    }

    [Fact]
    public void A_table_that_cannot_be_read_is_granted_to_each_cmdlet_that_reads_it()
    {
        var facts = Everything with { MissingTableGrants = new Dictionary<string, string> { ["analytics.errorLog"] = "GRANT SELECT ON public.error_logs TO \"a role\";" } };
        var missing = PrivilegeCatalogue.Missing(Target, facts).ToList();
        Assert.Equal(["Find-SystemIssue", "Get-ErrorAnalytics", "Get-SystemHealth", "Invoke-MaintenanceTask"], missing.Select(privilege => privilege.Cmdlet));
        Assert.All(missing, privilege => Assert.Equal("GRANT SELECT ON public.error_logs TO \"a role\";", privilege.Grant));
    }

    [Fact]
    public void A_history_in_the_database_needs_a_place_only_if_it_is_kept_there()
    {
        var facts = Everything with { KeepsHistory = false };
        Assert.Empty(PrivilegeCatalogue.Missing(Target, facts));
        var missing = PrivilegeCatalogue.Missing(Target with { History = new() { Kind = HistoryKind.Postgres } }, facts);
        Assert.All(missing, privilege => Assert.Equal("GRANT CREATE ON DATABASE \"a db\" TO \"a role\";", privilege.Grant));
        Assert.NotEmpty(missing);
    }
}
