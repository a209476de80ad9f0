using System.Management.Automation;

namespace Maintenance.ModuleTests.Maintain;

/// <summary>Invoke-DbReindex as scripts use it.</summary>
public sealed class ReindexCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private MaintenanceTarget Target => fixture.Sandbox.Target with { History = new HistorySettings { Path = Path.Combine(_folder, "history.db") } };

    private ScriptResult Run(string script, params object[] piped) => _runspace.Run(script, ("target", Target), ("piped", piped));

    private static List<DbAction> Actions(ScriptResult result)
    {
        Assert.Null(result.Terminating);
        return [.. result.Output.Select(item => (DbAction)item.BaseObject)];
    }

    private DbAction One(string script, params object[] piped)
    {
        var result = Run(script, piped);
        Assert.Empty(result.Errors);
        return Assert.Single(Actions(result));
    }

    [Fact]
    public void What_if_shows_the_plan_and_changes_nothing()
    {
        var plan = One("Invoke-DbReindex public.error_logs_pkey -Target $target -WhatIf");
        Assert.Equal(StepState.Planned, plan.State);
        Assert.Equal("REINDEX INDEX CONCURRENTLY public.error_logs_pkey", plan.Sql);
        Assert.NotNull(plan.PredictedDuration);
        Assert.Equal(plan.Oid, One("$WhatIfPreference = $true; Invoke-DbReindex public.error_logs_pkey -Target $target").Oid);
        Assert.False(File.Exists(Path.Combine(_folder, "history.db")) && One("Invoke-DbReindex public.error_logs_pkey -Target $target -WhatIf").PredictedFrom!.Contains("earlier", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_asked_names_statement_lock_size_and_duration()
    {
        var result = Run("Invoke-DbReindex public.performance_alerts_pkey -Target $target -Confirm:$false -Verbose");
        var done = Assert.Single(Actions(result));
        Assert.Equal(StepState.Done, done.State);
        Assert.Contains(result.Verbose, message =>
            message.Contains("\"REINDEX INDEX CONCURRENTLY public.performance_alerts_pkey; lock: SHARE UPDATE EXCLUSIVE; brief waits for older transactions; size: ", StringComparison.Ordinal)
            && message.Contains("; about ", StringComparison.Ordinal) && message.Contains("MB/s\" on target", StringComparison.Ordinal));
    }

    [Fact]
    public void Objects_of_other_cmdlets_and_names_and_oids_come_through_the_pipeline()
    {
        var plan = One("Invoke-DbReindex public.error_logs_pkey -Target $target -WhatIf");
        var stub = new Stub(Target.Name, plan.Database, plan.Schema, plan.Name, plan.Oid);
        Assert.Equal(plan.Name, One("$piped | Invoke-DbReindex -Target $target -WhatIf", stub).Name);
        Assert.Equal(plan.Name, One("'public.error_logs_pkey' | Invoke-DbReindex -Target $target -WhatIf").Name);
        Assert.Equal(plan.Name, One($"{plan.Oid} | Invoke-DbReindex -Target $target -WhatIf").Name);
        // The action itself is such an object too.
        Assert.Equal(plan.Name, One("Invoke-DbReindex public.error_logs_pkey -Target $target -WhatIf | Invoke-DbReindex -Target $target -WhatIf").Name);
        Assert.Equal(2, Actions(Run("$piped | Invoke-DbReindex -Target $target -WhatIf", stub, stub with { Name = "gone", Oid = 4_000_000_000 })).Count);
        Assert.StartsWith("TargetNotFound,", Assert.Single(Run("$piped | Invoke-DbReindex", stub with { Target = "nowhere" }).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_pipeline_is_nothing_to_do_and_no_argument_at_all_is_an_error()
    {
        var empty = Run("@() | Invoke-DbReindex -Target $target");
        Assert.Empty(empty.Errors);
        Assert.Empty(empty.Output);
        var error = Assert.Single(Run("Invoke-DbReindex -Target $target").Errors);
        Assert.StartsWith("InvalidArgument,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Get-DbBloat", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void What_failed_is_an_error_and_an_object()
    {
        var result = Run("Invoke-DbReindex no_such_index -Target $target -Confirm:$false");
        Assert.Equal(StepState.Failed, Assert.Single(Actions(result)).State);
        var error = Assert.Single(result.Errors);
        Assert.StartsWith("ObjectNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.IsType<DbAction>(error.TargetObject);
    }

    [Fact]
    public void Tables_and_targets_can_be_named_and_piped()
    {
        Assert.All(Actions(Run("$target | Invoke-DbReindex -Table public.error_logs -WhatIf")), action => Assert.Equal("public.error_logs", action.Table));
        Assert.Empty(Run("$target | Invoke-DbReindex -RepairInvalid -WhatIf").Errors);
        Assert.Equal(MaintenanceErrorCode.DoesNotFit, One("Invoke-DbReindex public.error_logs_pkey -Target $target -Deadline ([DateTimeOffset]::UtcNow) -WhatIf").Error);
    }

    [Fact]
    public void Names_of_indexes_complete()
    {
        var sandbox = fixture.Sandbox;
        _runspace.Invoke(
            $"Connect-MaintenanceTarget -Name box -HostName {sandbox.Host} -Port {sandbox.Port} -Database {sandbox.Database} -Credential $credential",
            ("credential", new PSCredential(sandbox.Username, sandbox.Password)));
        Assert.Contains("public.error_logs_pkey", _runspace.CompleteInTime("Invoke-DbReindex public.error_logs_p"));
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed record Stub(string Target, string Database, string Schema, string Name, long Oid) : IDbObject;
}
