using System.Data.Common;
using System.Management.Automation;
using System.Xml.Linq;

namespace Maintenance.ModuleTests.Maintain;

/// <summary>Get-DbSession and Stop-DbSession, as people use them. They run alone: whoever reads all tables of the shared sandbox waits for the one that they lock.</summary>
[Collection(nameof(SessionCmdletTests))]
[CollectionDefinition(nameof(SessionCmdletTests), DisableParallelization = true)]
public sealed class SessionCmdletTests : IDisposable
{
    private readonly ModuleRunspace _session = new();
    private readonly SandboxFixture _fixture;
    private readonly string _role = $"role_{Guid.NewGuid():N}";
    private readonly List<DbConnection> _connections = [];
    private readonly List<Task> _statements = [];
    private readonly DbConnection _administrator;

    public SessionCmdletTests(SandboxFixture fixture)
    {
        _fixture = fixture;
        _session.Invoke("Get-DbHealth -Target $target", ("target", fixture.Sandbox.Target));
        _administrator = ServerConnection.Open(fixture);
        _administrator.Execute($"CREATE ROLE {_role} LOGIN PASSWORD '{fixture.Password}'; CREATE TABLE {_role} (id int); ALTER TABLE {_role} OWNER TO {_role}");
    }

    private DbConnection Open()
    {
        var connection = ServerConnection.Open(_fixture, _role, "scene");
        _connections.Add(connection);
        return connection;
    }

    private static int Process(DbConnection connection) => connection.Scalar<int>("SELECT pg_backend_pid()");

    /// <summary>A root that is idle in a transaction, and one that waits for it.</summary>
    private (int Root, int Victim, Task Statement) Block()
    {
        var (root, victim) = (Open(), Open());
        var (rootProcess, victimProcess) = (Process(root), Process(victim));
        root.Execute($"BEGIN; LOCK TABLE {_role}");
        var statement = Task.Run(() => victim.Execute($"SELECT * FROM {_role}"));
        _statements.Add(statement);
        while (_administrator.Scalar<long>($"SELECT count(*) FROM pg_locks WHERE pid = {victimProcess} AND NOT granted") == 0)
        {
            Assert.False(statement.IsCompleted);
        }

        return (rootProcess, victimProcess, statement);
    }

    private void Connect() => _session.Invoke(
        "Connect-MaintenanceTarget -Name here -HostName $t.Database.Host -Port $t.Database.Port -Database $t.Database.Database -Credential $credential",
        ("t", _fixture.Sandbox.Target), ("credential", new PSCredential(_fixture.Sandbox.Username, _fixture.Sandbox.Password)));

    private bool IsThere(int process) => _administrator.Scalar<long>($"SELECT count(*) FROM pg_stat_activity WHERE pid = {process}") == 1;

    private ScriptResult Run(string script) => _session.Run(script, ("target", _fixture.Sandbox.Target), ("role", _role));

    [Fact]
    public async Task Piping_the_tree_stops_the_root_and_lets_the_victim_go_on()
    {
        var (root, victim, statement) = Block();
        Connect();
        var result = Run("Get-DbSession -Blocking -Role $role | Stop-DbSession -Confirm:$false");
        Assert.Empty(result.Errors);
        Assert.Equal(
            [(root, DbSessionStopOutcome.Terminated), (victim, DbSessionStopOutcome.Skipped)],
            result.Output.Select(item => (DbSessionStop)item.BaseObject).Select(stop => (stop.ProcessId, stop.Outcome)));
        await statement;
        Assert.False(IsThere(root));
        Assert.True(IsThere(victim));
    }

    [Fact]
    public void What_if_says_whom_it_would_hit_and_hits_nobody()
    {
        var (root, victim, statement) = Block();
        var result = Run($"Stop-DbSession {root}, {victim} -Target $target -WhatIf");
        Assert.Empty(result.Output);
        Assert.Empty(result.Errors);
        Assert.True(IsThere(root));
        Assert.False(statement.IsCompleted);
    }

    [Fact]
    public void A_session_of_a_target_that_is_not_connected_is_an_error_that_says_so()
    {
        var (root, _, _) = Block();
        var result = Run("Get-DbSession -Blocking -Target $target -Role $role | Stop-DbSession -Confirm:$false");
        Assert.All(result.Errors, error => Assert.StartsWith("TargetNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.NotEmpty(result.Errors);
        Assert.True(IsThere(root));
    }

    [Theory]
    [InlineData("Get-DbSession -Target $target -Burst 0s")]
    [InlineData("Get-DbSession -Target $target -Burst 2h")]
    [InlineData("Stop-DbSession 1 -Target $target -Grace 2h -Confirm:$false")]
    public void Durations_have_limits(string script) =>
        Assert.StartsWith("InvalidArgument,", Assert.Single(Run(script).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);

    [Theory]
    [InlineData("1s")]
    [InlineData("1000ms")]
    [InlineData("00:00:01")]
    [InlineData("([timespan]::FromSeconds(1))")]
    public void A_number_of_seconds_is_not_taken_for_a_short_number(string burst)
    {
        Block();
        var result = Run($"Get-DbSession -Target $target -Role $role -Burst {burst}");
        Assert.All(result.Output, item => Assert.True(((DbSession)item.BaseObject).SampleCount > 1));
        Assert.Equal(2, result.Output.Count);
    }

    [Fact]
    public void Process_numbers_and_roles_complete_from_the_server_and_silently_not_at_all_without_one()
    {
        var (root, _, _) = Block();
        // Nobody listens there.
        _session.Invoke("Connect-MaintenanceTarget -Name nowhere -HostName 127.0.0.1 -Port 1 -SkipTest");
        Assert.DoesNotContain(_session.Complete("Stop-DbSession -ProcessId "), text => text.All(char.IsAsciiDigit));

        Connect();
        _session.Invoke("Get-DbSession");
        // A busy machine may take longer than a completion waits: then there is none, and the key is pressed again.
        void Eventually(string input, string expected)
        {
            var found = _session.Complete(input);
            for (var attempt = 0; attempt < 50 && !found.Contains(expected); attempt++)
            {
                found = _session.Complete(input);
            }

            Assert.Contains(expected, found);
        }

        Eventually("Stop-DbSession -ProcessId ", root.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Eventually("Get-DbSession -Role role_", _role);
    }

    [Theory]
    [InlineData("Get-DbSession -Target $target", typeof(DbSession), 3)]
    [InlineData("Get-DbSession -Target $target -Summary", typeof(DbConnectionHeadroom), 3)]
    [InlineData("Stop-DbSession 2147483647 -Target $target -Confirm:$false", typeof(DbSessionStop), 3)]
    public void Views_show_what_there_is(string script, Type type, int count)
    {
        Block();
        var items = Run(script).Output;
        Assert.NotEmpty(items);
        Assert.All(items, item => Assert.IsType(type, item.BaseObject));
        var views = XDocument.Load(Path.Combine(ModuleRunspace.ModuleFolder, "Maintenance.Format.ps1xml"))
            .Descendants("View").Where(view => view.Descendants("TypeName").Any(name => name.Value == type.FullName)).ToList();
        Assert.Equal(count, views.Count);
        Assert.All(views.Descendants("PropertyName"), name => Assert.NotNull(type.GetProperty(name.Value)));
        foreach (var block in views.Descendants("ScriptBlock"))
        {
            var texts = _session.Invoke($"$items | ForEach-Object {{ [string]$({block.Value}) }}", ("items", items));
            Assert.All(texts, text => Assert.DoesNotContain(text?.ToString() ?? "", char.IsControl));
        }
    }

    public void Dispose()
    {
        _administrator.Execute($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{_role}'");
        foreach (var statement in _statements)
        {
            ((IAsyncResult)statement).AsyncWaitHandle.WaitOne();
        }

        _connections.ForEach(connection => connection.Dispose());
        _administrator.Execute($"DROP OWNED BY {_role}; DROP ROLE {_role}");
        _administrator.Dispose();
        _session.Dispose();
    }
}
