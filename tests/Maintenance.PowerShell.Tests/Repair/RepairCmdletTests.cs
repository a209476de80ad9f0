namespace Maintenance.ModuleTests.Repair;

/// <summary>Repair-SystemIssue, as people use it.</summary>
public sealed class RepairCmdletTests : IDisposable
{
    private readonly ModuleRunspace _session = new();
    private readonly SandboxFixture _fixture;
    private readonly string _table = $"repair_{Guid.NewGuid():N}";
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-repair-").FullName;

    public RepairCmdletTests(SandboxFixture fixture)
    {
        _fixture = fixture;
        using (var administrator = ServerConnection.Open(fixture))
        {
            administrator.Execute($"CREATE TABLE {_table} (id int); INSERT INTO {_table} VALUES (1), (1)");
            try
            {
                administrator.Execute($"CREATE UNIQUE INDEX CONCURRENTLY {_table}_id ON {_table} (id)");
            }
            catch (System.Data.Common.DbException)
            {
                // That is what leaves the invalid index.
            }
        }

        _session.Invoke(
            "$target = $t",
            ("t", fixture.Sandbox.Target with { History = new HistorySettings { Path = Path.Combine(_folder, "history.db") }, Repair = new RepairPolicy { Settle = TimeSpan.FromMilliseconds(10) } }));
    }

    public void Dispose()
    {
        _session.Dispose();
        using (var administrator = ServerConnection.Open(_fixture))
        {
            administrator.Execute($"DROP TABLE {_table}");
        }

        Directory.Delete(_folder, recursive: true);
    }

    private bool IsThere()
    {
        using var administrator = ServerConnection.Open(_fixture);
        return administrator.Scalar<long>($"SELECT count(*) FROM pg_class WHERE relname = '{_table}_id'") == 1;
    }

    private Finding Issue()
    {
        using var administrator = ServerConnection.Open(_fixture);
        return new Finding
        {
            Id = "TEST-INDEX",
            Area = "Indexes",
            Severity = FindingSeverity.Medium,
            Subject = _table,
            Message = "It is not valid.",
            Target = _fixture.Sandbox.Target.Name,
            Remedy = new Remedy
            {
                Kind = "DropInvalidIndex",
                Command = "Remove-Item -Recurse /",
                Risk = RemedyRisk.Low,
                Parameters = new Dictionary<string, string>
                {
                    ["oid"] = administrator.Scalar<string>($"SELECT '{_table}_id'::regclass::oid::text"),
                    ["schema"] = "public",
                    ["name"] = $"{_table}_id",
                },
            },
        };
    }

    private ScriptResult Run(string script) => _session.Run(script, ("issue", Issue()));

    private static SystemRepair[] Repairs(ScriptResult result)
    {
        Assert.True(result.Terminating is null, result.Terminating?.ToString());
        Assert.Empty(result.Errors);
        return [.. result.Output.Select(item => (SystemRepair)item.BaseObject)];
    }

    [Fact]
    public async Task What_if_says_exactly_what_would_run_and_nothing_does()
    {
        var (settings, issue) = (_fixture.Sandbox.Target.Database!, Issue());
        var script = $$"""
            $password = [securestring]::new(); foreach ($character in '{{_fixture.Password}}'.ToCharArray()) { $password.AppendChar($character) }
            $null = Connect-MaintenanceTarget -Name here -HostName {{settings.Host}} -Port {{settings.Port}} -Database {{settings.Database}} -Credential ([pscredential]::new('{{_fixture.Sandbox.Username}}', $password))
            [pscustomobject]@{ Id = 'TEST-INDEX'; Message = 'm'; Outcome = 'Fail'; Remedy = [pscustomobject]@{ Kind = 'DropInvalidIndex'; Risk = 'Low'; Parameters = @{ oid = '{{issue.Remedy!.Parameters["oid"]}}'; schema = 'public'; name = '{{_table}}_id' } } } |
                Repair-SystemIssue -WhatIf
            """;

        var result = await Host.HostProcess.RunAsync("-NonInteractive", "-Command", script);

        Assert.Contains($"DROP INDEX CONCURRENTLY public.{_table}_id;", result.Output, StringComparison.Ordinal);
        Assert.True(IsThere(), result.Output);
    }

    [Fact]
    public void An_issue_from_the_pipeline_is_repaired_and_measured()
    {
        var repair = Assert.Single(Repairs(Run("$issue | Repair-SystemIssue -Target $target")));

        Assert.True(repair.State == RepairState.Resolved, repair.Message);
        Assert.False(IsThere());
        Assert.DoesNotContain("Remove-Item", repair.Remedy.Command, StringComparison.Ordinal);
    }

    [Fact]
    public void A_finding_that_was_kept_as_plain_properties_is_repaired_by_kind_and_parameters()
    {
        var repair = Assert.Single(Repairs(Run(
            """
            $kept = [pscustomobject]@{
                Id = $issue.Id; Area = $issue.Area; Severity = [int]$issue.Severity; Outcome = [int]$issue.Outcome; Message = $issue.Message; Target = $issue.Target; Subject = $issue.Subject
                Remedy = [pscustomobject]@{ Kind = 'DropInvalidIndex'; Command = 'Remove-Item -Recurse /'; Risk = 0; Parameters = [pscustomobject]@{ oid = [long]$issue.Remedy.Parameters['oid']; schema = 'public'; name = $issue.Remedy.Parameters['name'] } }
            }
            $kept | Repair-SystemIssue -Target $target
            """)));

        Assert.True(repair.State == RepairState.Resolved, repair.Message);
        Assert.False(IsThere());
    }

    [Fact]
    public void What_is_no_finding_is_an_error()
    {
        var result = Run("[pscustomobject]@{ Id = 'x' } | Repair-SystemIssue -Target $target");

        Assert.Empty(result.Output);
        Assert.True(result.Errors.Count > 0 || result.Terminating is not null);
    }

    [Fact]
    public void Only_so_many_remedies_are_carried_out_in_a_run()
    {
        var repairs = Repairs(Run("$issue, $issue | Repair-SystemIssue -Target $target -MaximumActions 0"));

        Assert.All(repairs, repair => Assert.Equal(RepairState.Refused, repair.State));
        Assert.True(IsThere());
    }

    [Fact]
    public void What_if_shows_no_more_than_a_run_may_carry_out()
    {
        var repair = Assert.Single(Repairs(Run("$issue, $issue, $issue | Repair-SystemIssue -Target $target -WhatIf -MaximumActions 2")));

        Assert.Equal((RepairState.Refused, "A run may carry out no more than 2 remedies, and 2 come before this one."), (repair.State, repair.Message));
        Assert.True(IsThere());
    }

    [Fact]
    public void Findings_that_passed_are_left_out()
    {
        Assert.Empty(Repairs(_session.Run("$issue | Repair-SystemIssue -Target $target", ("issue", Issue() with { Outcome = FindingOutcome.Pass }))));
        Assert.True(IsThere());
    }

    [Fact]
    public void A_script_block_is_a_remedy_that_is_measured_where_that_is_possible()
    {
        var repair = Assert.Single(Repairs(Run("$seen = 'of the session'; $issue | Repair-SystemIssue -Target $target -ScriptBlock { param($Finding) \"$($Finding.Id) $seen\" } -Wait 0s")));

        Assert.Equal(RepairState.Unknown, repair.State);
        Assert.Contains("TEST-INDEX of the session", repair.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("throw 'the disk'", "the disk")]
    [InlineData("Get-Command -Name does-not-exist-at-all -ErrorAction Continue", "does-not-exist-at-all")]
    [InlineData("while ($true) { }", "longer than 1 s")]
    public void A_script_block_that_throws_complains_or_does_not_end_has_failed(string script, string says)
    {
        var repair = Assert.Single(Repairs(Run($"$issue | Repair-SystemIssue -Target $target -ScriptBlock {{ {script} }} -ScriptTimeout 1s -Wait 0s")));

        Assert.Equal(RepairState.Failed, repair.State);
        Assert.Contains(says, repair.Message, StringComparison.Ordinal);
        Assert.Equal(2, _session.Invoke("1 + 1").Single().BaseObject);
    }

    [Theory]
    [InlineData(FindingSeverity.Critical, "", "Default Emergency")]
    [InlineData(FindingSeverity.Medium, "", "Default")]
    [InlineData(FindingSeverity.Critical, "-Channel Emergency", "Emergency")]
    public void What_remains_and_is_critical_is_told_on_the_second_channel_too(FindingSeverity severity, string channel, string expected)
    {
        var result = _session.Run($"$issue | Repair-SystemIssue -Target $target -MaximumActions 0 -Notify {channel}", ("issue", Issue() with { Severity = severity }));

        Assert.Equal(RepairState.Refused, Assert.Single(Repairs(result)).State);
        // The table's name is this test's alone.
        var told = Directory.GetFiles(_fixture.Sandbox.NotificationPath!, "*.json").Where(file => File.ReadAllText(file).Contains(_table, StringComparison.Ordinal));
        Assert.Equal(expected, string.Join(' ', told.Select(file => Path.GetFileNameWithoutExtension(file).Split('-')[1]).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Who_wants_to_be_asked_is_asked_and_nobody_else_about_an_index()
    {
        // Without anybody to ask, asking is an error, and nothing is done.
        Assert.Empty(Run("$issue | Repair-SystemIssue -Target $target -Confirm").Output);
        Assert.Empty(Run("$ConfirmPreference = 'Low'; $issue | Repair-SystemIssue -Target $target").Output);
        Assert.True(IsThere());
        Assert.Equal(RepairState.Resolved, Assert.Single(Repairs(Run("$ConfirmPreference = 'High'; $issue | Repair-SystemIssue -Target $target"))).State);
    }
}
