namespace Maintenance.ModuleTests.Completion;

/// <summary>Completion as somebody at the prompt meets it.</summary>
public sealed class NameCompletionTests(SandboxFixture fixture) : IDisposable
{
    private const string Names = "Get-DbBloat -Table ";
    private readonly ModuleRunspace _runspace = new();
    private readonly string _schema = $"hard {Guid.NewGuid():N}";

    public void Dispose()
    {
        if (_runspace.Invoke("Get-MaintenanceTarget").Count > 0)
        {
            using var connection = ServerConnection.Open(fixture);
            connection.Execute($"DROP SCHEMA IF EXISTS \"{_schema}\" CASCADE");
        }

        _runspace.Dispose();
    }

    [Fact]
    public void Without_a_target_nothing_is_suggested_and_nothing_is_said()
    {
        foreach (var line in new[] { Names, "Invoke-DbReindex -Index ", "Get-DbBloat -Schema p", "Get-DbSession -ProcessId ", "Get-DbSession -Role ", "Restore-DbArchive -Manifest ", "Invoke-DbRetention -TimeColumn ", "Get-DbBloat -Target nobody -Table ", "Get-DatabaseBackup -Database ", "Test-BackupRestore -InputObject " })
        {
            Assert.Empty(Complete(line));
        }

        SaysNothing();
    }

    [Fact]
    public void A_configuration_that_cannot_be_read_hides_no_target_and_says_nothing()
    {
        Connect();
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "{ \"targets\": ");
            Assert.Equal(["here"], CompleteInTime($"Get-MaintenanceTarget -Path '{file}' -Name "));
        }
        finally
        {
            File.Delete(file);
        }

        SaysNothing();
    }

    [Fact]
    public void Names_that_would_say_something_else_on_the_line_are_quoted_so_that_they_say_just_the_name()
    {
        string[] names =
        [
            "2024", "1kb", "-WhatIf", "it's", "it’s", "two words", "a;b|c", "$(throw 'x')", "`whoami`", "say \"it\"", "a.b", "*", "a?c", "[ab]", "@x", "#x", "{0}", "Ünïcode", " edges ",
        ];
        string[] leftOut = ["two\nlines", "turned \u202Earound", "bell\a"];
        Connect();
        using (var connection = ServerConnection.Open(fixture))
        {
            connection.Execute($"CREATE SCHEMA \"{_schema}\"");
            foreach (var name in names.Concat(leftOut))
            {
                connection.Execute($"CREATE TABLE \"{_schema}\".\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" (id int)");
            }
        }

        foreach (var quote in new[] { "", "'", "\"" })
        {
            // As a pattern, as a reference, and as either: run, not read, so that what would be run is.
            var patterns = CompleteInTime($"{Names}{(quote.Length == 0 ? "'" : quote)}{_schema}.");
            Assert.Equal(names.Length, patterns.Length);
            Assert.Equal(
                names.Select(name => $"{_schema}.{name}").Order(StringComparer.Ordinal),
                patterns.Select(text => Assert.Single(_runspace.Invoke($"Get-DbBloat -MinimumSize 0 -Table {text} | ForEach-Object {{ $_.Schema + '.' + $_.Name }}")).ToString()).Order(StringComparer.Ordinal));

            var references = CompleteInTime($"Invoke-DbVacuum -Table {(quote.Length == 0 ? "'" : quote)}{_schema}.");
            Assert.Equal(
                names.Select(name => (_schema, name)).Order(),
                references.Select(text => (DbObjectReference)_runspace.Invoke($"& {{ param([Maintenance.DbObjectReference[]] $Table) $Table }} -Table {text}").Single().BaseObject)
                    .Select(reference => (reference.Schema!, reference.Name!)).Order());
        }

        Assert.Equal(["'2024'"], CompleteInTime("Invoke-DbVacuum -Table 202"));
        SaysNothing();
    }

    [Fact]
    public void Quotes_that_are_open_and_names_that_are_given_already_stay_as_they_are()
    {
        Connect();
        Assert.Contains("user_consents", CompleteInTime(Names + "user_c"));
        Assert.Contains("'user_consents'", CompleteInTime(Names + "'user_c"));
        Assert.Contains("\"user_consents\"", CompleteInTime(Names + "\"user_c"));
        Assert.Contains("user_consents", CompleteInTime(Names + "error_logs, user_c"));
        Assert.Contains("user_consents", CompleteInTime(Names + "error_logs,user_c"));
        Assert.Contains("public", CompleteInTime("Get-DbBloat -Schema pu"));
        Assert.Contains("timestamp", CompleteInTime("Invoke-DbRetention -Table error_logs -TimeColumn "));
        Assert.DoesNotContain("error_message", CompleteInTime("Invoke-DbRetention -Table error_logs -TimeColumn "));
        SaysNothing();
    }

    [Fact]
    public void Values_are_suggested_as_they_are_taken()
    {
        Assert.Contains("10MB", CompleteInTime("Get-DbBloat -MinimumSize 10"));
        Assert.Contains("24h", CompleteInTime("Test-BackupRecency -MaximumAge 2"));
        Assert.Contains("2h", CompleteInTime("Invoke-DbVacuum -Deadline "));
        Assert.Contains("7d", CompleteInTime("Get-MaintenanceHistory -Since "));
        Assert.Contains("Critical", CompleteInTime("Get-DbSecurityFinding -MinimumSeverity C"));
        Assert.Contains("Europe/Berlin", CompleteInTime("Invoke-DbRetention -TimeZone Europe/B"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_server_that_says_nothing_keeps_nobody_waiting(bool connectedBefore)
    {
        using var line = new SilentLine(fixture.Sandbox);
        Connect(line.Port);
        if (connectedBefore)
        {
            Assert.NotEmpty(CompleteInTime(Names));
        }

        line.FallSilent();
        // The server never answers again: that these come back at all is what is tested.
        foreach (var input in new[] { Names, Names, "Invoke-DbReindex -Index i", "Get-DbSession -ProcessId ", "Get-DbAccessReview -Role ", "Get-DbSecurityFinding -Database ", "Get-DbBloat -Schema ", "Invoke-DbRetention -TimeColumn " })
        {
            Assert.Empty(Complete(input));
        }

        SaysNothing();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_server_that_is_frozen_keeps_nobody_waiting(bool connectedBefore)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Its processes are found in /proc.");
        // Of its own: others go on with the shared one.
        var (keeper, sandbox) = SandboxFixture.Start("-Scale 0 -Name frozen");
        try
        {
            Connect(sandbox.Port, sandbox);
            if (connectedBefore)
            {
                Assert.NotEmpty(CompleteInTime(Names));
            }

            var waited = new List<TimeSpan>();
            using (var frozen = new FrozenServer(sandbox))
            {
                foreach (var input in new[] { Names, "Invoke-DbReindex -Index i", "Get-DbSession -ProcessId ", "Get-DbAccessReview -Role ", "Get-DbSecurityFinding -Database ", "Get-DbBloat -Schema ", Names, "Invoke-DbRetention -TimeColumn " })
                {
                    var began = System.Diagnostics.Stopwatch.GetTimestamp();
                    Assert.Empty(Complete(input));
                    waited.Add(System.Diagnostics.Stopwatch.GetElapsedTime(began));
                }

                Assert.All(frozen.States, state => Assert.Equal('T', state));
            }

            // A machine that is busy may be late now and then; it is not late each time.
            Assert.InRange(waited.Min().TotalMilliseconds, 0, 150);
            SaysNothing();
            Assert.NotEmpty(CompleteInTime("Get-DbBloat -Table user_c"));
        }
        finally
        {
            keeper.Invoke("$sandbox | Stop-MaintenanceSandbox -Confirm:$false", ("sandbox", sandbox));
            keeper.Dispose();
        }
    }

    private void Connect(int? port = null, MaintenanceSandbox? sandbox = null) => _runspace.Invoke(
        "$null = Connect-MaintenanceTarget -Name here -HostName $sandbox.Host -Port $port -Database $sandbox.Database -SslMode Disable -Credential ([pscredential]::new($sandbox.Username, $sandbox.Password)); $Error.Clear()",
        ("sandbox", sandbox ?? fixture.Sandbox),
        ("port", port ?? fixture.Sandbox.Port));

    private string[] Complete(string input) => _runspace.Complete(input);

    private string[] CompleteInTime(string input) => _runspace.CompleteInTime(input);

    private void SaysNothing() => Assert.Empty(_runspace.Invoke("$Error | ForEach-Object { \"$_\" }"));
}
