using System.Management.Automation;

namespace Maintenance.ModuleTests.Configuration;

[Collection(EnvironmentCollection.Name)]
public sealed class TargetCommandTests(SandboxFixture fixture) : IDisposable
{
    private readonly ConfigurationFolder _folder = new();
    private readonly ModuleRunspace _runspace = new();

    private const string TwoTargets = """
        { "defaultTarget": "staging", "targets": {
            "production": { "database": { "host": "prod.example", "port": 5433, "username": "keeper" }, "backupStore": { "path": "backups" } },
            "staging": { "database": { "host": "staging.example" } }
        } }
        """;

    [Fact]
    public void A_database_is_connected_by_parameters_and_proved()
    {
        var sandbox = fixture.Sandbox;
        var target = Single<MaintenanceTarget>(
            "Connect-MaintenanceTarget -Name mine -HostName $s.Host -Port $s.Port -Database $s.Database -Credential ([pscredential]::new($s.Username, $s.Password))",
            ("s", sandbox));
        Assert.Equal(("mine", "parameters", sandbox.Port), (target.Name, target.Origin, target.Database!.Port));
        Assert.Same(target, Single<MaintenanceTarget>("Get-MaintenanceTarget"));
    }

    [Fact]
    public void Verbose_says_which_server_answered()
    {
        var result = _runspace.Run(
            "Connect-MaintenanceTarget -HostName $s.Host -Port $s.Port -Credential ([pscredential]::new($s.Username, $s.Password)) -Verbose", ("s", fixture.Sandbox));
        Assert.Contains(result.Verbose, line => line.Contains("is PostgreSQL 15.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_wrong_password_is_an_error_and_nothing_is_connected()
    {
        var result = _runspace.Run(
            "Connect-MaintenanceTarget -HostName $s.Host -Port $s.Port -Credential ([pscredential]::new($s.Username, $wrong))",
            ("s", fixture.Sandbox), ("wrong", SecretTests.Secure("wrong")));
        AssertError(result, "AuthenticationFailed", ErrorCategory.AuthenticationError);
        Assert.Empty(_runspace.Invoke("Get-MaintenanceTarget"));
    }

    [Fact]
    public void A_closed_port_is_an_error_unless_the_test_is_skipped()
    {
        AssertError(_runspace.Run("Connect-MaintenanceTarget -HostName 127.0.0.1 -Port 1"), "DatabaseUnreachable", ErrorCategory.ConnectionError);
        Assert.Equal(1, Single<MaintenanceTarget>("Connect-MaintenanceTarget -HostName 127.0.0.1 -Port 1 -SkipTest").Database!.Port);
    }

    [Fact]
    public void A_server_without_a_connection_left_is_connected_with_a_warning_so_that_somebody_can_tell_of_it()
    {
        var sandbox = fixture.Sandbox;
        var role = $"crowded_{Guid.NewGuid():N}";
        using var admin = ServerConnection.Open(fixture);
        admin.Execute($"CREATE ROLE {role} LOGIN PASSWORD '{fixture.Password}' CONNECTION LIMIT 0");
        try
        {
            var result = _runspace.Run(
                $"Connect-MaintenanceTarget -Name crowded -HostName {sandbox.Host} -Port {sandbox.Port} -Database {sandbox.Database} -Credential ([pscredential]::new('{role}', $password))",
                ("password", sandbox.Password));
            Assert.Equal("crowded", Assert.IsType<MaintenanceTarget>(Assert.Single(result.Output).BaseObject).Name);
            Assert.Contains(result.Warnings, warning => warning.Contains("no connection left", StringComparison.Ordinal) && warning.Contains("connected all the same", StringComparison.Ordinal));
        }
        finally
        {
            admin.Execute($"DROP ROLE {role}");
        }
    }

    [Fact]
    public void The_default_target_of_the_file_in_the_current_folder_is_taken()
    {
        _folder.Write(TwoTargets);
        var result = _runspace.Run($"{_folder.At()}; Connect-MaintenanceTarget -SkipTest -Verbose");
        Assert.Equal("staging", ((MaintenanceTarget)result.Output.Single().BaseObject).Name);
        Assert.Contains(result.Verbose, line => line.Contains(_folder.File, StringComparison.Ordinal) && line.Contains("current folder", StringComparison.Ordinal));
    }

    [Fact]
    public void The_users_own_file_is_found_from_everywhere()
    {
        var own = Path.Combine(_folder.Path, ".config", "maintenance");
        Directory.CreateDirectory(own);
        File.WriteAllText(Path.Combine(own, "maintenance.json"), TwoTargets);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "elsewhere"));
        Assert.Equal("staging", Single<MaintenanceTarget>($"{_folder.At("elsewhere")}; Connect-MaintenanceTarget -SkipTest").Name);
    }

    [Fact]
    public void The_variable_names_a_file()
    {
        _folder.Write(TwoTargets);
        Environment.SetEnvironmentVariable("MAINTENANCE_CONFIG", _folder.File);
        Assert.Equal("production", Single<MaintenanceTarget>("Connect-MaintenanceTarget PRODUCTION -SkipTest").Name);
        Environment.SetEnvironmentVariable("MAINTENANCE_CONFIG", _folder.File + ".missing");
        AssertError(_runspace.Run("Connect-MaintenanceTarget -SkipTest"), "ConfigurationNotFound", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public void Parameters_count_more_than_the_file_and_the_file_more_than_the_environment()
    {
        _folder.Write(TwoTargets);
        Environment.SetEnvironmentVariable("PGHOST", "env.example");
        Environment.SetEnvironmentVariable("PGUSER", "env-user");
        Environment.SetEnvironmentVariable("PGDATABASE", "env-db");
        var target = Single<MaintenanceTarget>($"Connect-MaintenanceTarget production -Path '{_folder.File}' -HostName param.example -SkipTest");
        Assert.Equal("keeper@param.example:5433/env-db", target.Database!.ToString());
        Assert.Equal(Path.Combine(_folder.Path, "backups"), target.BackupStore!.Path);
    }

    [Fact]
    public void Without_a_file_the_environment_is_taken()
    {
        Environment.SetEnvironmentVariable("PGHOST", "env.example");
        Environment.SetEnvironmentVariable("AZURE_STORAGE_ACCOUNT", "acc");
        Environment.SetEnvironmentVariable("SLACK_EMERGENCY_WEBHOOK", "https://hooks.example/x");
        var target = Single<MaintenanceTarget>($"{_folder.At()}; Connect-MaintenanceTarget -SkipTest");
        Assert.Equal(("default", "environment", "postgres@env.example:5432/postgres"), (target.Name, target.Origin, target.Database!.ToString()));
        Assert.Equal("acc/disaster-recovery/database-backups", target.BackupStore!.ToString());
        Assert.Equal("env:SLACK_EMERGENCY_WEBHOOK", target.Channels["Emergency"].Webhook.ToString());
    }

    [Fact]
    public void Nothing_at_all_is_an_error_that_says_what_to_do()
    {
        var error = AssertError(_runspace.Run($"{_folder.At()}; Connect-MaintenanceTarget"), "ConfigurationNotFound", ErrorCategory.ObjectNotFound);
        Assert.Contains("New-MaintenanceConfiguration", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_does_not_keep_the_others_from_connecting()
    {
        _folder.Write(TwoTargets);
        var result = _runspace.Run($"Connect-MaintenanceTarget production, nowhere, staging -Path '{_folder.File}' -SkipTest");
        Assert.Equal(["production", "staging"], result.Output.Select(target => target.ToString()));
        Assert.Equal("nowhere", AssertError(result, "TargetNotFound", ErrorCategory.ObjectNotFound).TargetObject);
    }

    [Fact]
    public void A_malformed_file_is_an_error_with_line_and_path()
    {
        _folder.Write("{\n  \"targets\": {\n    \"a\": { \"database\": { \"port\": \"x\" } }\n  }\n}");
        var error = AssertError(_runspace.Run($"Connect-MaintenanceTarget -Path '{_folder.File}'"), "ConfigurationInvalid", ErrorCategory.InvalidData);
        Assert.Contains("line 3, $.targets.a.database.port:", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_place_of_the_file_is_an_error() =>
        AssertError(_runspace.Run($"Connect-MaintenanceTarget -Path '{_folder.Path}'"), "FileUnavailable", ErrorCategory.ResourceUnavailable);

    [Fact]
    public void All_connects_every_target_and_get_lists_them_by_name_and_wildcard()
    {
        _folder.Write(TwoTargets);
        Assert.Equal(2, _runspace.Invoke($"Connect-MaintenanceTarget -All -Path '{_folder.File}' -SkipTest").Count);
        Assert.Equal(["production", "staging"], _runspace.Invoke("Get-MaintenanceTarget").Select(target => target.ToString()));
        Assert.Equal("production", Single<MaintenanceTarget>("Get-MaintenanceTarget PROD*").Name);
        Assert.Empty(_runspace.Invoke("Get-MaintenanceTarget nowhere*"));
        AssertError(_runspace.Run("Get-MaintenanceTarget nowhere"), "TargetNotFound", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public void List_available_shows_the_file_and_connects_nothing()
    {
        _folder.Write(TwoTargets);
        Assert.Equal(2, _runspace.Invoke($"Get-MaintenanceTarget -ListAvailable -Path '{_folder.File}'").Count);
        Assert.Empty(_runspace.Invoke("Get-MaintenanceTarget"));
    }

    [Fact]
    public void Disconnect_forgets_the_current_the_named_or_all()
    {
        _runspace.Invoke("'a', 'b', 'c', 'd' | ForEach-Object { Connect-MaintenanceTarget -Name $_ -HostName h -SkipTest }");
        _runspace.Invoke("Disconnect-MaintenanceTarget");
        Assert.Equal(["a", "b", "c"], _runspace.Invoke("Get-MaintenanceTarget").Select(target => target.ToString()));
        _runspace.Invoke("Get-MaintenanceTarget b | Disconnect-MaintenanceTarget");
        Assert.Equal(["a", "c"], _runspace.Invoke("Get-MaintenanceTarget").Select(target => target.ToString()));
        AssertError(_runspace.Run("Disconnect-MaintenanceTarget nowhere"), "TargetNotFound", ErrorCategory.ObjectNotFound);
        _runspace.Invoke("Disconnect-MaintenanceTarget -All");
        Assert.Empty(_runspace.Invoke("Get-MaintenanceTarget; Disconnect-MaintenanceTarget -All; Disconnect-MaintenanceTarget"));
    }

    [Fact]
    public void Names_complete_from_the_file_and_a_broken_file_completes_nothing()
    {
        _folder.Write(TwoTargets);
        Assert.Equal(["production", "staging"], Complete("Connect-MaintenanceTarget -Name "));
        Assert.Equal(["production"], Complete("Connect-MaintenanceTarget pr"));
        Assert.Equal(["staging"], Complete($"Get-MaintenanceTarget -ListAvailable -Path {_folder.File} -Name s"));
        _folder.Write("{");
        Assert.Empty(Complete("Connect-MaintenanceTarget -Name "));
    }

    public void Dispose()
    {
        _runspace.Dispose();
        _folder.Dispose();
    }

    internal static ErrorRecord AssertError(ScriptResult result, string code, ErrorCategory category)
    {
        var error = (result.Terminating as RuntimeException)?.ErrorRecord ?? Assert.Single(result.Errors);
        Assert.Equal(code, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(category, error.CategoryInfo.Category);
        return error;
    }

    private IEnumerable<string> Complete(string line) => _runspace
        .Invoke($"{_folder.At()}; (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches", ("line", line))
        .Select(match => (CompletionResult)match.BaseObject)
        .Where(match => match.ResultType == CompletionResultType.ParameterValue)
        .Select(match => match.CompletionText);

    private T Single<T>(string script, params (string, object?)[] variables) => (T)_runspace.Invoke(script, variables).Single().BaseObject;
}
