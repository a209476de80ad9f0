using System.Management.Automation;

namespace Maintenance.ModuleTests.Inspect;

/// <summary>A sandbox with its sample data, whose indexes have the faults that the shared one lacks: that one is empty.</summary>
public sealed class LivedInSandbox : IDisposable
{
    private readonly ModuleRunspace _runspace = new();

    public LivedInSandbox()
    {
        var result = _runspace.Run("Start-MaintenanceSandbox -PostgresVersion 15 -Scale 0.1 -ErrorAction Stop");
        if (result.Terminating?.Message is { } reason)
        {
            _runspace.Dispose();
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true" && reason.Contains("SandboxBinariesNotFound", StringComparison.Ordinal), reason);
            Assert.Fail(reason);
        }

        Sandbox = (MaintenanceSandbox)result.Output.Single().BaseObject;
    }

    public MaintenanceSandbox Sandbox { get; }

    /// <summary>The runspace in which it is connected.</summary>
    internal ModuleRunspace Runspace => _runspace;

    public void Dispose()
    {
        // By its id: without one, those of the other tests in this process would stop too.
        _runspace.Invoke("$sandbox | Stop-MaintenanceSandbox -Confirm:$false", ("sandbox", Sandbox));
        _runspace.Dispose();
    }
}

/// <summary>Get-DbIndexAdvice as scripts use it.</summary>
public sealed class IndexAdviceCmdletTests(LivedInSandbox fixture) : IClassFixture<LivedInSandbox>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;
    private readonly ModuleRunspace _runspace = fixture.Runspace;

    private MaintenanceTarget Target => fixture.Sandbox.Target with { History = new HistorySettings { Path = Path.Combine(_folder, "history.db") } };

    private IReadOnlyList<IndexAdvice> Advice(string script) => [.. _runspace.Invoke(script, ("target", Target)).Select(output => (IndexAdvice)output.BaseObject)];

    [Fact]
    public void A_name_of_nothing_is_an_error_and_one_with_wildcards_is_not()
    {
        var result = _runspace.Run("Get-DbIndexAdvice -Target $target -Table nope, 'nope*', user_consents -Schema nowhere, public", ("target", Target));
        Assert.Equal(["nope", "nowhere"], result.Errors.Select(error => (string)error.TargetObject));
        Assert.All(result.Errors, error => Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category));
    }

    [Fact]
    public void The_faults_of_the_sandbox_are_found_with_reasons_statements_and_the_way_back()
    {
        var found = Advice("Get-DbIndexAdvice -Target $target -MinimumSize 0");
        var duplicate = Assert.Single(found, advice => advice.Kind == IndexAdviceKind.Duplicate);
        Assert.Equal((IndexVerdict.Drop, HealthStatus.Warning, "user_consents"), (duplicate.Verdict, duplicate.Status, duplicate.Table));
        Assert.Equal($"DROP INDEX CONCURRENTLY public.{duplicate.Name};", Assert.Single(duplicate.Sql));
        Assert.StartsWith($"CREATE INDEX CONCURRENTLY {duplicate.Name} ON public.user_consents ", Assert.Single(duplicate.RollbackSql), StringComparison.Ordinal);
        Assert.NotNull(duplicate.ReplacedBy);
        Assert.Contains(found, advice => advice is { Kind: IndexAdviceKind.Invalid, Name: "idx_trust_scores_one_per_user" });
        Assert.Contains(found, advice => advice is { Kind: IndexAdviceKind.Unused, Verdict: IndexVerdict.Observe });
        Assert.Contains(found, advice => advice is { Kind: IndexAdviceKind.UnsupportedForeignKey, Name: "gdpr_audit_log" });
        Assert.DoesNotContain(found, advice => advice.Verdict == IndexVerdict.Keep);
        Assert.Equal(found.OrderBy(advice => advice.Verdict).Select(advice => advice.Oid), found.Select(advice => advice.Oid));
    }

    [Fact]
    public void Kinds_verdicts_tables_and_schemas_narrow_it()
    {
        Assert.Equal(IndexAdviceKind.Invalid, Assert.Single(Advice("Get-DbIndexAdvice -Target $target -Kind Invalid")).Kind);
        Assert.All(Advice("Get-DbIndexAdvice -Target $target -MinimumSize 0 -Verdict Keep"), advice => Assert.Equal(IndexVerdict.Keep, advice.Verdict));
        Assert.NotEmpty(Advice("Get-DbIndexAdvice -Target $target -MinimumSize 0 -Table USER_c* -Schema pub*"));
        Assert.All(Advice("Get-DbIndexAdvice -Target $target -MinimumSize 0 -Table user_c*, gdpr_*"), advice => Assert.Contains(advice.Table, new[] { "user_consents", "gdpr_audit_log" }));
        Assert.Empty(Advice("Get-DbIndexAdvice -Target $target -MinimumSize 0 -Schema auth -Verdict Drop"));
        Assert.NotEmpty(Advice("Get-DbIndexAdvice -Target $target -MinimumSize 0 -MinimumObservation 0s -Kind Unused -Verdict Drop"));
    }

    [Fact]
    public void Its_names_fit_the_next_cmdlet() =>
        Assert.All(Advice("Get-DbIndexAdvice -Target $target"), advice => Assert.True(advice is IDbObject { Oid: > 0, Schema.Length: > 0, Database.Length: > 0 }));

    [Fact]
    public void A_replica_that_is_no_target_is_refused()
    {
        var result = _runspace.Run("Get-DbIndexAdvice -Target $target -Replica nowhere", ("target", Target));
        Assert.StartsWith("TargetNotFound,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_tables_complete_while_connected_and_stay_silent_otherwise()
    {
        Assert.Empty(_runspace.Complete("Get-DbIndexAdvice -Target nowhere -Table user_c"));
        using (var offline = new ModuleRunspace())
        {
            Assert.Empty(offline.Complete("Get-DbIndexAdvice -Table user_c"));
            offline.Invoke("Connect-MaintenanceTarget -Name down -HostName 127.0.0.1 -Port 1 -SkipTest");
            Assert.Empty(offline.Complete("Get-DbIndexAdvice -Table user_c"));
        }

        // A connection that is open already answers in time.
        _runspace.Invoke("Get-DbHealth");
        Assert.Equal(["user_consents"], _runspace.CompleteInTime("Get-DbIndexAdvice -Table USER_c"));
        Assert.Empty(_runspace.Complete("Get-DbIndexAdvice -Table no_such"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
