using System.Management.Automation;

namespace Maintenance.ModuleTests.Configuration;

[Collection(EnvironmentCollection.Name)]
public sealed class ConfigurationCommandTests(SandboxFixture fixture) : IDisposable
{
    private readonly ConfigurationFolder _folder = new();
    private readonly ModuleRunspace _runspace = new();

    [Fact]
    public void The_starter_passes_the_test_and_its_schema_lies_beside_it()
    {
        var file = (FileInfo)_runspace.Invoke($"{_folder.At()}; New-MaintenanceConfiguration").Single().BaseObject;
        Assert.Equal(_folder.File, file.FullName);
        // As Get-Item gives it: with what PowerShell's own view of files shows.
        Assert.Equal(["True"], _runspace.Invoke($"(New-MaintenanceConfiguration '{_folder.File}' -Force).PSParentPath -eq (Get-Item '{_folder.File}').PSParentPath").Select(item => item.ToString()));
        Assert.True(File.Exists(Path.Combine(_folder.Path, "maintenance.schema.json")));
        Assert.Equal(_folder.File, ((FileInfo)_runspace.Invoke($"Set-Location Env:; New-MaintenanceConfiguration '{_folder.File}' -Force; {_folder.At()}").Single().BaseObject).FullName);
        var result = Test($"New-MaintenanceConfiguration '{_folder.File}' -Force | Test-MaintenanceConfiguration");
        Assert.True(result.IsValid);
        Assert.Empty(result.Problems);
        Assert.Equal(["production"], result.Targets);
    }

    [Fact]
    public void A_folder_that_takes_no_file_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only there is a folder in which even an administrator can make no file.");
        var result = _runspace.Run("New-MaintenanceConfiguration /proc/maintenance.json");
        var error = result.Errors.Count > 0 ? result.Errors[0] : ((RuntimeException)result.Terminating!).ErrorRecord;
        Assert.StartsWith("FileUnavailable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("/proc/maintenance.json cannot be written: this account can make no file in the folder /proc.", error.ToString());
    }

    [Fact]
    public void The_starter_is_for_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("On Windows the folder's own access rules hold.");
            return;
        }

        _runspace.Invoke($"New-MaintenanceConfiguration '{_folder.File}'");
        _folder.Write(File.ReadAllText(_folder.File));
        File.SetUnixFileMode(_folder.File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        _runspace.Invoke($"New-MaintenanceConfiguration '{_folder.File}' -Force");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File));
    }

    [Fact]
    public void A_file_that_exists_is_replaced_by_force_alone()
    {
        _folder.Write("mine");
        var result = _runspace.Run($"New-MaintenanceConfiguration '{_folder.File}'");
        TargetCommandTests.AssertError(result, "FileExists", ErrorCategory.ResourceBusy);
        Assert.Equal("mine", File.ReadAllText(_folder.File));
        _runspace.Invoke($"New-MaintenanceConfiguration '{_folder.File}' -Force");
        Assert.NotEqual("mine", File.ReadAllText(_folder.File));
    }

    [Fact]
    public void A_name_of_the_file_cannot_forge_a_line()
    {
        _folder.Write("{ \"targets\": { \"a\\nnothing is wrong\\u2028##vso[x]\": {} } }");
        var problem = Assert.Single(Test($"Test-MaintenanceConfiguration '{_folder.File}'").Problems);
        Assert.DoesNotMatch(@"[\n\u2028]", problem.ToString());
        Assert.Contains("a\uFFFDnothing is wrong\uFFFD", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"by\": \"Ada\", \"reason\": \"CHG-1182: nightly\"", true)]
    [InlineData("\"by\": \"   \"", false)]
    [InlineData("\"by\": \"\"", false)]
    [InlineData("\"by\": \"Ada\\n##vso[task.complete result=Succeeded;]\"", false)]
    [InlineData("\"by\": \"Ada ##[error]\"", false)]
    [InlineData("\"by\": \"::error::Ada\"", false)]
    [InlineData("\"by\": \"Ada\", \"reason\": \"a\\u2028b\"", false)]
    [InlineData("\"by\": \"Ada\", \"reason\": \"ok\\n\"", false)]
    public void An_approval_names_somebody_in_a_line_that_is_no_command(string approval, bool passes)
    {
        _folder.Write($$"""{ "targets": { "a": { "database": { "host": "h" }, "schedule": { "tasks": { "DatabaseOptimization": { "approval": { {{approval}} } } } } } } }""");
        Assert.Equal(passes ? [] : ["approval"], Test($"Test-MaintenanceConfiguration '{_folder.File}'").Problems.Where(problem => !problem.IsWarning).Select(problem => problem.JsonPath.Split('.')[^2]));
    }

    [Fact]
    public void What_if_writes_nothing()
    {
        Assert.Empty(_runspace.Invoke($"New-MaintenanceConfiguration '{_folder.File}' -WhatIf"));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_an_error()
    {
        _folder.Write("a file");
        TargetCommandTests.AssertError(
            _runspace.Run($"New-MaintenanceConfiguration '{_folder.File}/below/maintenance.json'"), "FileUnavailable", ErrorCategory.ResourceUnavailable);
    }

    [Fact]
    public void Problems_are_listed_with_their_place_and_quiet_is_one_answer()
    {
        _folder.Write("""{ "targets": { "a": { "databse": {} }, "b": { "database": { "port": 6543 } } } }""");
        var result = Test($"Test-MaintenanceConfiguration '{_folder.File}'");
        Assert.False(result.IsValid);
        // What a schema cannot say is told with what does not fit it.
        Assert.Equal([("$.targets.a.databse", false), ("$.targets.b.database.port", true)], result.Problems.Select(problem => (problem.JsonPath, problem.IsWarning)));
        Assert.Equal(false, _runspace.Invoke($"Test-MaintenanceConfiguration '{_folder.File}' -Quiet").Single().BaseObject);
        _folder.Write("""{ "targets": { "b": { "database": { "port": 6543 } } } }""");
        Assert.Equal(true, _runspace.Invoke($"Test-MaintenanceConfiguration '{_folder.File}' -Quiet").Single().BaseObject);
        Assert.True(Test($"Test-MaintenanceConfiguration '{_folder.File}'").Problems.Single().IsWarning);
    }

    [Fact]
    public void One_target_may_be_tested_alone()
    {
        _folder.Write("""
            { "targets": { "a": { "thresholds": { "unheard_of": { "warning": 1 } } }, "b": {} } }
            """);
        Assert.True(Test($"Test-MaintenanceConfiguration '{_folder.File}' -Name b").IsValid);
        Assert.False(Test($"Test-MaintenanceConfiguration '{_folder.File}' -Name a").IsValid);
    }

    [Fact]
    public void A_file_that_is_missing_is_an_error() =>
        TargetCommandTests.AssertError(_runspace.Run($"Test-MaintenanceConfiguration '{_folder.File}'"), "ConfigurationNotFound", ErrorCategory.ObjectNotFound);

    [Fact]
    public void Connect_reaches_the_server_and_tells_what_is_missing()
    {
        var sandbox = fixture.Sandbox;
        Environment.SetEnvironmentVariable("MAINTENANCE_TEST_SECRET", fixture.Password);
        _folder.Write($$"""
            { "targets": { "t": { "database": { "host": "{{sandbox.Host}}", "port": {{sandbox.Port}}, "database": "{{sandbox.Database}}",
              "username": "{{sandbox.MonitorUsername}}", "password": "env:MAINTENANCE_TEST_SECRET" }, "history": { "kind": "Postgres" } } } }
            """);
        var result = Test($"Test-MaintenanceConfiguration '{_folder.File}' -Connect");
        Assert.True(result.IsValid);
        Assert.Contains(result.MissingPrivileges, missing => missing.Grant.StartsWith("GRANT CREATE ON DATABASE", StringComparison.Ordinal));
        Assert.Contains(result.MissingPrivileges, missing => missing is { Cmdlet: "Get-ErrorAnalytics" } && missing.Grant.StartsWith("GRANT SELECT ON public.error_logs", StringComparison.Ordinal));

        Environment.SetEnvironmentVariable("MAINTENANCE_TEST_SECRET", "wrong");
        result = Test($"Test-MaintenanceConfiguration '{_folder.File}' -Connect");
        Assert.False(result.IsValid);
        Assert.Equal("$.targets.t.database", Assert.Single(result.Problems).JsonPath);
    }

    public void Dispose()
    {
        _runspace.Dispose();
        _folder.Dispose();
    }

    private ConfigurationTestResult Test(string script) => (ConfigurationTestResult)_runspace.Invoke(script).Single().BaseObject;
}
