namespace Maintenance.ModuleTests.Maintain;

/// <summary>Invoke-DbRetention as scripts use it, on tables of its own.</summary>
public sealed class RetentionCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;
    private readonly string _table = $"retired_{Guid.NewGuid():N}";

    private string HistoryPath => Path.Combine(_folder, "history.db");

    private MaintenanceTarget Target => fixture.Sandbox.Target with
    {
        History = new HistorySettings { Path = HistoryPath },
        Retention = [new() { Table = $"public.{_table}", TimeColumn = "at", Age = TimeSpan.FromDays(30) }],
    };

    private ScriptResult Run(string script) => _runspace.Run(script, ("target", Target), ("table", _table));

    private RetentionResult[] Results(string script)
    {
        var result = Run(script);
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        return [.. result.Output.Select(output => (RetentionResult)output.BaseObject)];
    }

    private void CreateTable()
    {
        // The driver is there once the module has spoken to a server.
        Run("Get-DbSession -Target $target");
        using var server = ServerConnection.Open(fixture);
        server.Execute($"CREATE TABLE public.{_table} (id int PRIMARY KEY, at timestamptz, who text); CREATE INDEX ON public.{_table} (at); INSERT INTO public.{_table} SELECT n, now() - (n - 0.5) * interval '1 day', 'somebody' FROM generate_series(1, 100) n; CREATE TABLE public.{_table}_archive (LIKE public.{_table});");
    }

    private long Count(string where = "")
    {
        using var server = ServerConnection.Open(fixture);
        return server.Scalar<long>($"SELECT count(*) FROM public.{_table}{where}");
    }

    [Fact]
    public void The_policies_of_the_target_are_shown_with_exact_sql_and_then_carried_out()
    {
        CreateTable();
        var asked = Run("$target | Invoke-DbRetention -WhatIf");
        var plan = (RetentionResult)Assert.Single(asked.Output).BaseObject;
        Assert.Equal((StepState.Planned, 70L), (plan.State, plan.RowsDue));
        Assert.False(File.Exists(HistoryPath));
        Assert.Equal(100, Count());

        var done = Assert.Single(Results("Invoke-DbRetention -Target $target -Confirm:$false"));
        Assert.Equal((StepState.Done, 70L, 0L), (done.State, done.Rows, done.RowsLeft!.Value));
        Assert.Equal(30, Count());
        Assert.True(File.Exists(HistoryPath));
        Assert.Equal(StepState.Skipped, Assert.Single(Results("Invoke-DbRetention -Target $target -Confirm:$false")).State);
    }

    [Fact]
    public void Maintenance_asks_before_rows_leave_and_not_before_it_analyzes()
    {
        CreateTable();
        var asked = Run("Invoke-DbMaintenance Retention -Target $target");
        Assert.Contains("prompt", asked.Terminating?.Message ?? string.Join(" ", asked.Errors), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(100, Count());

        var analyzed = Run("Invoke-DbMaintenance Analyze -Target $target -Verbose");
        Assert.Null(analyzed.Terminating);
        Assert.Empty(analyzed.Errors);
        Assert.Contains(analyzed.Verbose, line => line.StartsWith("Performing the operation \"ANALYZE", StringComparison.Ordinal) && line.Contains(_table, StringComparison.Ordinal));

        Assert.Empty(Run("Invoke-DbMaintenance Retention -Target $target -Confirm:$false").Errors);
        Assert.Equal(30, Count());
    }

    [Fact]
    public void A_policy_may_be_written_in_the_call_or_come_as_a_table_or_an_object()
    {
        CreateTable();
        foreach (var script in new[]
        {
            "Invoke-DbRetention -Target $target -Table $table -TimeColumn at -OlderThan 30d -WhatIf",
            "@{ Table = $table; TimeColumn = 'at'; Age = '30d' } | Invoke-DbRetention -Target $target -WhatIf",
            "[pscustomobject]@{ Table = $table; TimeColumn = 'at'; Age = '30.00:00:00'; Action = ''; Destination = '' } | Invoke-DbRetention -Target $target -WhatIf",
            "[Maintenance.RetentionPolicy]@{ Table = $table; TimeColumn = 'at'; Age = [TimeSpan]::FromDays(30) } | Invoke-DbRetention -Target $target -WhatIf",
            "$target.Retention | Invoke-DbRetention -Target $target -WhatIf",
            "Invoke-DbRetention -Target $target -Policy @{ Table = $table; TimeColumn = 'at'; Age = [TimeSpan]::FromDays(30) } -WhatIf",
            "Invoke-DbRetention -Target $target $table -WhatIf",
        })
        {
            var plan = Assert.Single(Results(script));
            Assert.True(plan is { State: StepState.Planned, RowsDue: 70, Action: RetentionAction.Delete }, $"{script}: {plan.Message}");
        }
    }

    [Fact]
    public void Rows_are_archived_and_anonymised()
    {
        CreateTable();
        var anonymised = Assert.Single(Results("Invoke-DbRetention -Target $target -Table $table -TimeColumn at -OlderThan 50d -Action Anonymise -Anonymise @{ who = 'Redact' } -Confirm:$false"));
        Assert.Equal((StepState.Done, 50L), (anonymised.State, anonymised.Rows));
        Assert.Equal(50, Count(" WHERE who = '[redacted]'"));
        var archived = Assert.Single(Results("@{ Table = $table; TimeColumn = 'at'; Age = '80d'; Action = 'ArchiveToTable'; Destination = \"public.${table}_archive\" } | Invoke-DbRetention -Target $target -Confirm:$false"));
        Assert.Equal((StepState.Done, 20L, $"public.{_table}_archive"), (archived.State, archived.Rows, archived.Destination));
        Assert.Equal(80, Count());
    }

    [Theory]
    [InlineData("@{ Table = 'x'; TimeColumn = 'at'; Age = '30d'; LegalHld = 'true' } | Invoke-DbRetention -Target $target -WhatIf", "no setting 'LegalHld'")]
    [InlineData("@{ Table = 'x'; TimeColumn = 'at' } | Invoke-DbRetention -Target $target -WhatIf", "needs Age")]
    [InlineData("@{ Table = 'x'; TimeColumn = 'at'; Age = 'soon' } | Invoke-DbRetention -Target $target -WhatIf", "is a duration")]
    [InlineData("@{ Table = 'x'; TimeColumn = 'at'; Age = '1d'; Action = 'Burn' } | Invoke-DbRetention -Target $target -WhatIf", "no fit value")]
    [InlineData("Invoke-DbRetention -Target $target -Table a, b -TimeColumn at -OlderThan 1d -WhatIf", "A policy is for one table.")]
    [InlineData("Invoke-DbRetention -Target $target -Table nowhere -TimeColumn at -OlderThan 1d -WhatIf", "There is no table or index nowhere")]
    public void A_policy_that_is_no_policy_is_told(string script, string message)
    {
        var result = Run(script);
        var error = Assert.Single(result.Errors.Select(item => item.ToString()).Concat(result.Terminating is { } terminating ? [terminating.Message] : []));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_policy_is_an_object_and_an_error_that_says_what_to_run()
    {
        CreateTable();
        var result = Run("Invoke-DbRetention -Target $target -Table $table -TimeColumn who -OlderThan 1d -Confirm:$false");
        Assert.Equal(StepState.Failed, ((RetentionResult)Assert.Single(result.Output).BaseObject).State);
        Assert.StartsWith("MappingInvalid,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Run("Get-DbSession -Target $target");
        using (var server = ServerConnection.Open(fixture))
        {
            server.Execute($"DROP TABLE IF EXISTS public.{_table}, public.{_table}_archive");
        }

        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
