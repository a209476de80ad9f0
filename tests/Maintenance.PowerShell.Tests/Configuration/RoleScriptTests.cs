using System.Collections.ObjectModel;
using System.Management.Automation;

namespace Maintenance.ModuleTests.Configuration;

/// <summary>The three roles that the module ships scripts for, on a server of their own: each can do its work, and no more.</summary>
public sealed class RoleScriptTests : IDisposable
{
    private const string Table = "public.error_logs";

    private readonly ModuleRunspace _runspace = new();
    private MaintenanceSandbox? _sandbox;

    public void Dispose()
    {
        if (_sandbox is not null)
        {
            _runspace.Run("$sandbox | Stop-MaintenanceSandbox -Confirm:$false", ("sandbox", _sandbox));
        }

        _runspace.Dispose();
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public void The_watcher_runs_every_cmdlet_that_only_looks_and_changes_nothing(int version)
    {
        Start(version, "watcher");
        var looking = _runspace.Invoke("Get-Command -Module Maintenance | Where-Object { $_.Verb -in 'Get', 'Find', 'Test' -and $_.Parameters.ContainsKey('Target') }")
            .Select(command => ((CommandInfo)command.BaseObject).Name)
            // One asks Azure, of which a sandbox has nothing; the other has to be told what to test.
            .Where(name => name is not ("Get-AzureSecurityFinding" or "Test-BackupRestore")).ToList();
        Assert.Contains("Get-DbHealth", looking);
        Assert.All(looking, name => Assert.Empty(As("watcher", $"{name} -Target $target").Errors.Select(error => $"{name}: {error}")));
        Assert.All(
            new[] { "HealthMonitoring", "PerformanceMetrics", "Daily" },
            task => Assert.Empty(As("watcher", $"Invoke-MaintenanceTask {task} -Target $target -Confirm:$false").Errors));
        // A sequence belongs to its table's owner, and no role that comes with the server may read all of them.
        Assert.DoesNotContain(((DbHealth)Assert.Single(Clean("watcher", "Get-DbHealth -Target $target")).BaseObject).Findings, finding => finding.Outcome == FindingOutcome.NotPermitted);
        // Without pg_monitor nobody could tell.
        Assert.Equal("Ok", $"{Assert.Single(Clean("watcher", "Get-DbReplication -Target $target")).Properties["Status"].Value}");

        var rows = Count();
        Assert.All(
            new[] { Reindex, Retention, "Optimize-DbQuery -Target $target -Apply -Confirm:$false", "Invoke-DbVacuum public.profiles -Force -Target $target -Confirm:$false" },
            script => Assert.DoesNotContain(As("watcher", script).Output, output => $"{output.Properties["State"]?.Value}" is "Done" or "Applied"));
        Assert.Equal(rows, Count());
        Assert.Equal(0, Scalar("""
            SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace IN ('public'::regnamespace, 'auth'::regnamespace)
            AND has_table_privilege('maintenance_watcher', oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
            """));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public void The_watcher_measures_bloat_and_estimates_it_with_the_grants_that_its_script_has_as_comments(int version)
    {
        Start(version, "watcher");
        using (var server = ServerConnection.Open(_sandbox!))
        {
            server.Execute("CREATE TABLE public.large AS SELECT n AS id, repeat('x', 100) AS note FROM generate_series(1, 30000) n; CREATE INDEX ON public.large (id); DELETE FROM public.large WHERE id % 3 > 0; ANALYZE public.large");
        }

        Assert.Equal(["public.error_logs"], Bloat("Get-DbBloat -Table error_logs -Kind Table -Target $target").Where(row => row.Reclaimable is null).Select(row => $"{row.Schema}.{row.Name}"));

        var verified = Bloat("Get-DbBloat -Mode Verify -Target $target").Where(row => row.SizeBytes >= 1 << 20).ToList();
        Assert.Contains(verified, row => row is { Name: "large", Reclaimable: > 1 << 20, Method: BloatMethod.Approximate });
        Assert.All(verified, row => Assert.NotNull(row.Reclaimable));
        Assert.All(Bloat("Get-DbBloat -Table error_logs -Mode Exact -Target $target"), row => Assert.NotNull(row.Reclaimable));

        using (var server = ServerConnection.Open(_sandbox!))
        {
            foreach (var grant in File.ReadLines(Path.Combine(ModuleRunspace.ModuleFolder, "roles", "watcher.sql"))
                .Where(line => line.StartsWith("-- GRANT ", StringComparison.Ordinal) || line.StartsWith("-- ALTER ROLE ", StringComparison.Ordinal)))
            {
                server.Execute(grant[3..]);
            }
        }

        var estimated = Bloat("Get-DbBloat -Kind Table -Target $target").Where(row => row.Schema is "public" or "auth").ToList();
        Assert.NotEmpty(estimated);
        Assert.All(estimated, row => Assert.DoesNotContain("the server hides", row.Reason ?? "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public void The_maintainer_does_what_the_schedule_does_without_being_a_superuser(int version)
    {
        Start(version, "maintainer");
        Assert.Equal(0, Scalar("SELECT count(*) FROM pg_roles WHERE pg_has_role('maintenance_maintainer', oid, 'MEMBER') AND rolsuper"));

        Assert.Equal("Done", State("maintainer", Reindex));
        Assert.Equal("Done", State("maintainer", Retention));
        var run = (MaintenanceRun)Assert.Single(Clean("maintainer", "Invoke-MaintenanceTask DatabaseOptimization -Approve -Target $target -Confirm:$false")).BaseObject;
        Assert.Equal(HealthStatus.Ok, run.Status);
        Assert.NotEmpty(run.Actions);
        Assert.All(run.Actions, action => Assert.NotEqual(StepState.Failed, action.State));
        Clean("maintainer", "Optimize-DbQuery -Target $target -Apply -Confirm:$false");
        // pg_dump comes with a PostgreSQL that is installed, not with the one out of npm.
        Assert.DoesNotContain(As("maintainer", "New-DatabaseBackup -Target $target -Confirm:$false").Errors, error => !error.FullyQualifiedErrorId.StartsWith("ProgramNotFound", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public void The_auditor_sees_all_that_is_audited_and_cannot_change_it_by_mistake(int version)
    {
        Start(version, "auditor");
        Assert.DoesNotContain(
            Clean("auditor", "Get-DbSecurityFinding -Target $target").Select(output => (Finding)output.BaseObject),
            finding => finding.Outcome == FindingOutcome.NotPermitted && !finding.Message.Contains("hash", StringComparison.OrdinalIgnoreCase));
        Assert.All(Clean("auditor", "Test-DbRowSecurity -Write -Target $target"), result => Assert.NotEqual("Unknown", $"{result.Properties["Status"].Value}"));
        Assert.NotEmpty(Clean("auditor", "Find-DbPersonalData -Target $target"));
        Assert.NotEmpty(Clean("auditor", "Get-DbAccessReview -Target $target"));

        using var auditor = ServerConnection.Open(_sandbox!, "maintenance_auditor");
        Assert.Contains("read-only", Assert.ThrowsAny<System.Data.Common.DbException>(() => auditor.Execute($"DELETE FROM {Table}")).Message, StringComparison.Ordinal);
    }

    private static string Reindex => "Invoke-DbReindex -Index public.idx_error_logs_timestamp -Target $target -Confirm:$false";

    private static string Retention => $"Invoke-DbRetention -Policy @{{ Table = '{Table}'; TimeColumn = 'timestamp'; Age = '90d' }} -Target $target -Confirm:$false";

    // Tables belong to a role that nobody logs in as, as they should, and the script is run twice, as it may be.
    private void Start(int version, string role)
    {
        var started = _runspace.Run($"Start-MaintenanceSandbox -PostgresVersion {version} -Scale 0.1 -ErrorAction Stop");
        Assert.SkipWhen(
            Environment.GetEnvironmentVariable("CI") != "true" && started.Terminating?.Message.Contains("SandboxBinariesNotFound", StringComparison.Ordinal) == true,
            started.Terminating?.Message ?? "");
        Assert.Null(started.Terminating);
        _sandbox = (MaintenanceSandbox)started.Output.Single().BaseObject;
        using var server = ServerConnection.Open(_sandbox);
        server.Execute("""
            CREATE ROLE app_owner;
            GRANT USAGE, CREATE ON SCHEMA public, auth TO app_owner;
            DO $$
            DECLARE
                relation oid;
            BEGIN
                FOR relation IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'auth'::regnamespace) LOOP
                    EXECUTE format('ALTER TABLE %s OWNER TO app_owner', relation::regclass);
                END LOOP;
            END $$;
            """);
        var script = File.ReadAllText(Path.Combine(ModuleRunspace.ModuleFolder, "roles", $"{role}.sql"));
        server.Execute(script);
        server.Execute(script);
        server.Execute($"ALTER ROLE maintenance_{role} PASSWORD '{new System.Net.NetworkCredential("", _sandbox.Password).Password}'");
    }

    private MaintenanceTarget Target(string role) => _sandbox!.Target with
    {
        Name = role,
        Database = _sandbox.Target.Database! with { Username = $"maintenance_{role}" },
    };

    private ScriptResult As(string role, string script) => _runspace.Run(script, ("target", Target(role)));

    private Collection<PSObject> Clean(string role, string script)
    {
        var result = As(role, script);
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        return result.Output;
    }

    private List<DbBloat> Bloat(string script) => [.. Clean("watcher", script).Select(output => (DbBloat)output.BaseObject)];

    private string State(string role, string script) => $"{Assert.Single(Clean(role, script)).Properties["State"].Value}";

    private long Count() => Scalar($"SELECT count(*) FROM {Table}");

    private long Scalar(string sql)
    {
        using var server = ServerConnection.Open(_sandbox!);
        return server.Scalar<long>(sql);
    }
}
