using System.Management.Automation;
using System.Xml.Linq;

namespace Maintenance.ModuleTests.Maintain;

/// <summary>Invoke-DbVacuum as scripts use it, on the empty tables of the sample.</summary>
public sealed class VacuumCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private MaintenanceTarget Target => fixture.Sandbox.Target with { History = new HistorySettings { Path = HistoryPath } };

    private string HistoryPath => Path.Combine(_folder, "history.db");

    private ScriptResult Run(string script) => _runspace.Run(script, ("target", Target));

    private DbAction[] Actions(string script)
    {
        var result = Run(script);
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        return [.. result.Output.Select(output => (DbAction)output.BaseObject)];
    }

    [Fact]
    public void A_table_is_vacuumed_and_recorded()
    {
        var done = Assert.Single(Actions("Invoke-DbVacuum -Target $target -Table public.error_logs -All -Analyze"));
        Assert.Equal((StepState.Done, DbActionKind.Vacuum, "error_logs"), (done.State, done.Kind, done.Name));
        Assert.Equal("VACUUM (VERBOSE, SKIP_LOCKED, ANALYZE, TRUNCATE FALSE, PARALLEL 0) public.error_logs", done.Sql);
        Assert.True(File.Exists(HistoryPath));
    }

    [Fact]
    public void What_if_does_nothing_and_records_nothing()
    {
        foreach (var script in new[] { "Invoke-DbVacuum -Target $target -All -WhatIf", "$WhatIfPreference = $true; Invoke-DbVacuum -Target $target -All" })
        {
            var plan = Actions(script);
            Assert.NotEmpty(plan);
            Assert.All(plan, action => Assert.Equal((StepState.Planned, 0), (action.State, action.Attempts)));
        }

        Assert.False(File.Exists(HistoryPath));
    }

    [Fact]
    public void What_is_asked_is_the_exact_statement_with_its_lock_and_what_it_is_expected_to_take()
    {
        var asked = Assert.Single(Run("Invoke-DbVacuum -Target $target -Table public.error_logs -All -NoAnalyze -Truncate -Parallel 1 -Verbose").Verbose, message => message.StartsWith("Performing", StringComparison.Ordinal));
        Assert.StartsWith(
            "Performing the operation \"VACUUM (VERBOSE, SKIP_LOCKED, TRUNCATE TRUE) public.error_logs; lock: SHARE UPDATE EXCLUSIVE; ACCESS EXCLUSIVE for a moment, if nobody else wants the table, to give empty pages back; size: ",
            asked,
            StringComparison.Ordinal);
        Assert.EndsWith($"on target \"{Target.Name}: public.error_logs\".", asked, StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_of_other_cmdlets_are_taken_from_the_pipeline()
    {
        Assert.Equal("error_logs", Assert.Single(Actions("Invoke-DbVacuum -Target $target -Table error_logs -All | Invoke-DbVacuum -Target $target -All -NoAnalyze")).Name);
        Assert.StartsWith("TargetNotFound,", Assert.Single(Run("Invoke-DbVacuum -Target $target -Table error_logs -All | Invoke-DbVacuum").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_is_taken_from_the_pipeline_and_a_table_by_its_OID()
    {
        var oid = Assert.Single(Actions("$target | Invoke-DbVacuum -Table error_logs -All")).Oid;
        Assert.Equal("error_logs", Assert.Single(Actions($"$target | Invoke-DbVacuum {oid} -All")).Name);
    }

    [Fact]
    public void What_failed_is_an_object_and_an_error_and_the_rest_is_done()
    {
        var result = Run("Invoke-DbVacuum -Target $target -Table nowhere, error_logs -All");
        Assert.Equal([("nowhere", StepState.Failed), ("error_logs", StepState.Done)], result.Output.Select(output => (DbAction)output.BaseObject).Select(action => (action.Name, action.State)));
        Assert.StartsWith("ObjectNotFound,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_put_off_and_comes_next()
    {
        const string late = "Invoke-DbVacuum -Target $target -Table error_logs -All -Deadline ([DateTimeOffset]::UtcNow.AddSeconds(-1))";
        const string resume = "Invoke-DbVacuum -Target $target -Resume";
        Assert.Equal(StepState.Deferred, Assert.Single(Actions($"{late} -WhatIf")).State);
        Assert.Empty(Actions(resume));
        Assert.Equal(StepState.Deferred, Assert.Single(Actions(late)).State);
        Assert.Equal(StepState.Done, Assert.Single(Actions(resume)).State);
        Assert.Empty(Actions(resume));
    }

    [Fact]
    public void The_views_show_actions_of_every_kind()
    {
        var views = XDocument.Load(Path.Combine(ModuleRunspace.ModuleFolder, "Maintenance.Format.ps1xml"))
            .Descendants("View").Where(view => view.Descendants("TypeName").Any(name => name.Value == typeof(DbAction).FullName)).ToList();
        Assert.Equal(3, views.Count);
        Assert.All(views.Descendants("PropertyName"), name => Assert.NotNull(typeof(DbAction).GetProperty(name.Value)));
        foreach (var action in Run("Invoke-DbVacuum -Target $target -Table nowhere, error_logs -All").Output)
        {
            var texts = views.Descendants("ScriptBlock").Select(script => Assert.Single(_runspace.Invoke($"[string](,$action | ForEach-Object {{ {script.Value} }})", ("action", action)))?.ToString() ?? "").ToList();
            Assert.Contains(texts, text => text is "nowhere" or "public.error_logs");
        }
    }

    [Theory]
    [InlineData("Invoke-DbVacuum -Target $target -Analyze -NoAnalyze", "InvalidArgument,")]
    [InlineData("Invoke-DbVacuum -Target $target -Table a.b.c", "ParameterArgumentTransformationError,")]
    [InlineData("Invoke-DbVacuum -Target $target -Parallel 0", "ParameterArgumentValidationError,")]
    public void What_cannot_be_meant_is_refused(string script, string expected)
    {
        var result = Run(script);
        var id = result.Errors.Count > 0 ? result.Errors[0].FullyQualifiedErrorId : ((RuntimeException)result.Terminating!).ErrorRecord.FullyQualifiedErrorId;
        Assert.StartsWith(expected, id, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
