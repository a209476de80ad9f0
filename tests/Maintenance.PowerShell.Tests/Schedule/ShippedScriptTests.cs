using System.Diagnostics;
using System.Globalization;
using System.Management.Automation.Language;
using System.Text.Json;
using System.Text.RegularExpressions;
using Maintenance.ModuleTests.Host;

namespace Maintenance.ModuleTests.Schedule;

/// <summary>The runbooks and pipelines that come with the module, in a process of their own as their users run them.</summary>
public sealed partial class ShippedScriptTests(SandboxFixture sandbox)
{
    private const string Settings = "{ \"targets\": { \"production\": { \"database\": { \"host\": \"127.0.0.1\" }, \"history\": { \"kind\": \"None\" } } } }";

    private static string Runbooks => Path.Combine(ModuleRunspace.ModuleFolder, "runbooks");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Runbooks, "*.ps1").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_task_has_its_runbook()
    {
        using var runspace = new ModuleRunspace();
        var tasks = runspace.Invoke("[Management.Automation.CommandCompletion]::CompleteInput('Invoke-MaintenanceTask ', 23, $null).CompletionMatches").Select(match => (string)match.Properties["CompletionText"].Value);
        Assert.Equal(tasks.Order(StringComparer.Ordinal), Directory.GetFiles(Runbooks, "*.ps1").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_runbook_is_a_script_that_runs_its_own_task(string name)
    {
        var script = Parser.ParseFile(Path.Combine(Runbooks, $"{name}.ps1"), out _, out var errors);
        Assert.Empty(errors);
        Assert.Contains(script.FindAll(ast => ast is CommandAst { CommandElements: [StringConstantExpressionAst { Value: "Invoke-MaintenanceTask" }, StringConstantExpressionAst { Value: var task }, ..] } && task == name, true), _ => true);
        Assert.NotNull(script.GetHelpContent()?.Synopsis);
    }

    [Theory]
    [InlineData("HealthMonitoring")]
    [InlineData("PerformanceMetrics")]
    [InlineData("LogRotation")]
    [InlineData("DatabaseOptimization")]
    [InlineData("IndexOptimization")]
    [InlineData("BackupVerification")]
    [InlineData("Daily")]
    public async Task A_runbook_runs_and_ends_with_the_code_of_its_run(string name)
    {
        var result = await RunAsync($"& '{Path.Combine(Runbooks, name)}.ps1' -Target box; exit $LASTEXITCODE");
        var verdict = Verdict().Match(result.Output);
        Assert.True(verdict.Success && verdict.Groups[1].Value == name, result.Output + result.Error);
        Assert.Equal(int.Parse(verdict.Groups[2].Value, CultureInfo.InvariantCulture), result.ExitCode);
    }

    [Fact]
    public async Task What_waits_for_approval_is_a_warning_and_in_Azure_DevOps_a_success_with_issues()
    {
        var script = $"& '{Path.Combine(Runbooks, "DisasterRecoveryTest.ps1")}'; exit $LASTEXITCODE";
        Assert.Equal(1, (await RunAsync(script)).ExitCode);
        var inAzure = await RunAsync($"$env:TF_BUILD = 'True'; {script}");
        Assert.Equal(0, inAzure.ExitCode);
        Assert.Contains(inAzure.Lines, line => line.StartsWith("##vso[task.complete result=SucceededWithIssues;]", StringComparison.Ordinal));
        Assert.Contains(inAzure.Lines, line => line.StartsWith("##vso[task.logissue type=warning;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_run_a_runbook_could_not_determine_anything()
    {
        var result = await RunAsync($"& '{Path.Combine(Runbooks, "Daily.ps1")}' -Target nowhere; exit $LASTEXITCODE");
        Assert.Equal(3, result.ExitCode);
        // The message, and what to do about it: where nobody watches, somebody reads it later.
        Assert.Matches(@"no target 'nowhere'\. .*box", result.Error);
    }

    [Fact]
    public async Task A_target_that_is_down_does_not_keep_the_documented_script_from_the_others()
    {
        var documented = DocumentedScript().Match(await File.ReadAllTextAsync(Path.Combine(RepositoryFolder(), "docs", "pipelines.md"), TestContext.Current.CancellationToken));
        Assert.True(documented.Success);
        using var settings = new ScriptFile("""
            { "targets": {
                "production": { "database": { "host": "127.0.0.1", "port": 1 }, "history": { "kind": "None" } },
                "reporting": { "history": { "kind": "None" }, "backupStore": { "path": "backups" } } } }
            """);
        using var file = new ScriptFile($"$env:MAINTENANCE_CONFIG = '{settings.Path}'; $env:TF_BUILD = ''; $env:GITHUB_ACTIONS = ''\n{documented.Groups[1].Value}\n{documented.Groups[2].Value}\n{Watched(documented, "LogRotation")}");
        var result = await HostProcess.RunAsync("-NonInteractive", "-File", file.Path);
        Assert.Contains("ran on production", result.Error, StringComparison.Ordinal);
        Assert.Contains("ran on reporting", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_cannot_be_connected_is_an_issue_of_the_build()
    {
        var result = await RunAsync("$env:TF_BUILD = 'True'; Connect-MaintenanceTarget nowhere");
        Assert.Contains(result.Lines, line => line.StartsWith("##vso[task.logissue type=error;", StringComparison.Ordinal) && line.Contains("nowhere", StringComparison.Ordinal));
        Assert.Contains(result.Lines, line => line.StartsWith("##vso[task.complete result=Failed;]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Connect-MaintenanceTarget one -SkipTest", "LogRotation", 0)]
    [InlineData("Connect-MaintenanceTarget empty -SkipTest", "DisasterRecoveryTest", 1)]
    [InlineData("Connect-MaintenanceTarget one -SkipTest", "DisasterRecoveryTest", 3)]
    [InlineData("Connect-MaintenanceTarget closed -SkipTest", "DatabaseOptimization -Approve", 3)]
    [InlineData("Connect-MaintenanceTarget one", "LogRotation", 3)]
    [InlineData("Connect-MaintenanceTarget nowhere -SkipTest", "LogRotation", 3)]
    [InlineData("", "LogRotation", 3)]
    [InlineData("Connect-MaintenanceTarget one -SkipTest", "LogRotatoin", 3)]
    [InlineData("Connect-MaintenanceTarget one, closed -SkipTest", "LogRotation", 0)]
    [InlineData("Connect-MaintenanceTarget gone -SkipTest", "BackupVerification", 3)]
    [InlineData("Connect-MaintenanceTarget empty, gone -SkipTest", "BackupVerification", 2)]
    [InlineData("Connect-MaintenanceTarget one, closed -SkipTest", "DatabaseOptimization -Approve -TimeoutSeconds 10", 3)]
    public async Task A_script_with_the_documented_head_and_last_lines_ends_with_the_worst_of_its_runs_and_with_3_without_any(string connect, string task, int expected)
    {
        var documented = DocumentedScript().Match(await File.ReadAllTextAsync(Path.Combine(RepositoryFolder(), "docs", "pipelines.md"), TestContext.Current.CancellationToken));
        Assert.True(documented.Success);
        var backups = Directory.CreateTempSubdirectory("backups");
        var anotherDay = TimeProvider.System.GetUtcNow().AddDays(3).DayOfWeek;
        using var settings = new ScriptFile($$"""
            { "targets": {
                "one": { "database": { "host": "127.0.0.1", "port": 1 }, "history": { "kind": "None" } },
                "empty": { "backupStore": { "path": "{{backups.FullName}}" }, "history": { "kind": "None" } },
                "gone": { "backupStore": { "path": "{{backups.FullName}}/gone" }, "history": { "kind": "None" } },
                "closed": { "database": { "host": "127.0.0.1", "port": 1 }, "history": { "kind": "None" }, "windows": [{ "days": ["{{anotherDay}}"], "start": "02:00", "duration": "1h", "timeZone": "UTC" }] } } }
            """);
        using var file = new ScriptFile($"""
            $env:MAINTENANCE_CONFIG = '{settings.Path}'; $env:TF_BUILD = ''; $env:GITHUB_ACTIONS = ''
            {documented.Groups[1].Value}
            {(connect.Length > 0 ? $"{connect} | Out-Null" : "")}
            {Watched(documented, task)}
            """);
        var result = await HostProcess.RunAsync("-NonInteractive", "-File", file.Path);
        backups.Delete();
        Assert.True(expected == result.ExitCode, $"{result.ExitCode}: {result.Output}{result.Error}");
        // What goes wrong with one target does not end the run of another.
        Assert.True(!connect.Contains("one, closed", StringComparison.Ordinal) || result.Error.Contains("ran on one", StringComparison.Ordinal), result.Output + result.Error);
    }

    [Fact]
    public async Task What_is_exported_runs()
    {
        var result = await RunAsync(
            """
            $null = Connect-MaintenanceTarget box
            $text = [string]::Concat((Get-MaintenanceSchedule PerformanceMetrics | Export-MaintenanceSchedule Systemd))
            & ([scriptblock]::Create([regex]::Match($text, "-Command '([^']*)'").Groups[1].Value.Replace('$$', '$')))
            """);
        Assert.True(Verdict().IsMatch(result.Output), result.Output + result.Error);
        Assert.Equal(int.Parse(Verdict().Match(result.Output).Groups[2].Value, CultureInfo.InvariantCulture), result.ExitCode);
    }

    [Fact]
    public async Task A_line_of_a_crontab_prints_nothing_where_all_is_well()
    {
        var result = await RunAsync(
            """
            $null = Connect-MaintenanceTarget box
            $text = Get-MaintenanceSchedule LogRotation | Export-MaintenanceSchedule Cron
            & ([scriptblock]::Create([regex]::Match($text, "-Command '([^']*)'").Groups[1].Value))
            """);
        Assert.Equal(("", "", 0), (result.Output, result.Error, result.ExitCode));
    }

    [Fact]
    public async Task The_unit_of_the_agent_finds_the_module_in_its_version_folder()
    {
        var command = UnitCommand().Match(await File.ReadAllTextAsync(Path.Combine(ModuleRunspace.ModuleFolder, "agent", "maintenance-agent@.service"), TestContext.Current.CancellationToken)).Groups[1].Value
            .Replace("$$", "$", StringComparison.Ordinal).Replace("%i", "9469", StringComparison.Ordinal);
        var modules = Directory.CreateTempSubdirectory("modules");
        try
        {
            using var runspace = new ModuleRunspace();
            var version = runspace.Invoke("(Get-Module Maintenance).Version.ToString()").Single().BaseObject;
            Directory.CreateSymbolicLink(Path.Combine(modules.CreateSubdirectory("Maintenance").FullName, $"{version}"), ModuleRunspace.ModuleFolder);
            using var file = new ScriptFile($"$env:PSModulePath = '{modules.FullName}'; $env:MAINTENANCE_CONFIG = '{modules.FullName}/nothing.json'\n{command}");
            var result = await HostProcess.RunAsync("-NonInteractive", "-File", file.Path);
            Assert.Contains($"There is no configuration file {modules.FullName}/nothing.json.", result.Error, StringComparison.Ordinal);
            Assert.Equal(1, result.ExitCode);
        }
        finally
        {
            modules.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Systemd_finds_nothing_wrong_with_the_unit_of_the_agent()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "There is no systemd-analyze.");
        var folder = Directory.CreateTempSubdirectory("units");
        try
        {
            // The program is another one, that is there.
            var unit = await File.ReadAllTextAsync(Path.Combine(ModuleRunspace.ModuleFolder, "agent", "maintenance-agent@.service"), TestContext.Current.CancellationToken);
            var instance = Path.Combine(folder.FullName, "maintenance-agent@9469.service");
            await File.WriteAllTextAsync(instance, unit.Replace("ExecStart=pwsh", "ExecStart=/bin/sh", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            using var process = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", instance]) { RedirectStandardError = true })!;
            Assert.DoesNotContain("maintenance-agent", await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("azure-pipelines.yml", "AzurePipelines")]
    [InlineData("maintenance.yml", "GitHubActions")]
    [InlineData("maintenance.cron", "Cron")]
    [InlineData("maintenance-cronjobs.yml", "KubernetesCronJob")]
    public void The_examples_are_what_would_be_exported_today(string file, string format)
    {
        using var runspace = new ModuleRunspace();
        var path = Path.Combine(ModuleRunspace.ModuleFolder, "pipelines", file);
        var settings = Path.Combine(ModuleRunspace.ModuleFolder, "pipelines", "maintenance.json");
        var text = (string)runspace.Invoke("$null = Connect-MaintenanceTarget -Path $settings -SkipTest; Export-MaintenanceSchedule $format -TimeoutSeconds 5 -WarningAction Ignore", ("settings", settings), ("format", format)).Single().BaseObject;
        if (Environment.GetEnvironmentVariable("MAINTENANCE_WRITE_EXAMPLES") is { Length: > 0 } here)
        {
            File.WriteAllText(Path.Combine(here, file), text);
        }

        Assert.Equal(File.ReadAllText(path), text);
    }

    [Fact]
    public void Files_are_written_into_a_folder_and_not_replaced_unasked()
    {
        using var runspace = new ModuleRunspace();
        using var settings = new ScriptFile(Settings);
        var folder = Directory.CreateTempSubdirectory("export");
        try
        {
            runspace.Invoke("$null = Connect-MaintenanceTarget -Path $settings -SkipTest", ("settings", settings.Path));
            runspace.Invoke("Export-MaintenanceSchedule Systemd $folder -WhatIf", ("folder", folder.FullName));
            Assert.Empty(folder.GetFiles());
            Assert.Equal(20, runspace.Invoke("Export-MaintenanceSchedule Systemd $folder -PassThru").Count);
            var again = runspace.Run("Get-MaintenanceSchedule Daily*, Security* | Export-MaintenanceSchedule Systemd $folder");
            Assert.StartsWith("FileExists", Assert.Single(again.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
            runspace.Invoke("Get-MaintenanceTarget | Export-MaintenanceSchedule Systemd $folder -Force");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("Systemd", "units", "units/maintenance-production-Daily.timer")]
    [InlineData("GitHubActions", ".github/workflows/maintenance.yml", ".github/workflows/maintenance.yml")]
    [InlineData("Cron", "new/", "new/maintenance.cron")]
    public void A_folder_that_is_not_there_is_made(string format, string path, string expected)
    {
        using var runspace = new ModuleRunspace();
        using var settings = new ScriptFile(Settings.Replace("\"history\"", "\"schedule\": { \"tasks\": { \"Daily\": { \"cron\": \"0 4 * * *\" } } }, \"history\"", StringComparison.Ordinal));
        var folder = Directory.CreateTempSubdirectory("export");
        try
        {
            runspace.Invoke("$null = Connect-MaintenanceTarget -Path $settings -SkipTest", ("settings", settings.Path));
            runspace.Invoke("Get-MaintenanceSchedule Daily | Export-MaintenanceSchedule $format $path -WhatIf", ("format", format), ("path", $"{folder.FullName}/{path}"));
            Assert.Empty(folder.GetFileSystemInfos());
            runspace.Invoke("Get-MaintenanceSchedule Daily | Export-MaintenanceSchedule $format $path");
            Assert.True(File.Exists(Path.Combine(folder.FullName, expected)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_target_of_parameters_is_told_to_be_in_no_file()
    {
        using var runspace = new ModuleRunspace();
        runspace.Invoke("$null = Connect-MaintenanceTarget -HostName 127.0.0.1 -Port 1 -SkipTest");
        var result = runspace.Run("Export-MaintenanceSchedule Cron -TimeoutSeconds 2");
        Assert.Contains("'default' came from parameters", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    private static string RepositoryFolder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Maintenance.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    // A process of its own: its environment names the configuration, as that of a scheduler does.
    private async Task<HostResult> RunAsync(string script)
    {
        var database = sandbox.Sandbox.Target.Database!;
        var folder = Directory.CreateTempSubdirectory("runbook");
        try
        {
            var settings = JsonSerializer.Serialize(new
            {
                targets = new
                {
                    box = new
                    {
                        database = new { host = database.Host, port = database.Port, database = database.Database, username = database.Username, password = "env:SANDBOX_PASSWORD" },
                        history = new { kind = "Sqlite", path = Path.Combine(folder.FullName, "history.db") },
                        backupStore = new { path = Directory.CreateDirectory(Path.Combine(folder.FullName, "backups")).FullName },
                        artifactStore = new { path = Directory.CreateDirectory(Path.Combine(folder.FullName, "artifacts")).FullName },
                    },
                },
            });
            var path = Path.Combine(folder.FullName, "maintenance.json");
            await File.WriteAllTextAsync(path, settings);
            using var file = new ScriptFile($"$env:MAINTENANCE_CONFIG = '{path}'; $env:SANDBOX_PASSWORD = '{sandbox.Password}'; $env:TF_BUILD = ''; $env:GITHUB_ACTIONS = ''\n{script}");
            return await HostProcess.RunAsync("-NonInteractive", "-File", file.Path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The rest of the documented script with another task, telling on which targets it ran.
    private static string Watched(Match documented, string task) =>
        documented.Groups[3].Value.Replace("Task Daily", $"Task {task} | ForEach-Object {{ [Console]::Error.WriteLine(\"ran on $($_.Target)\"); $_ }}", StringComparison.Ordinal);

    // The head, the line that connects, and the rest.
    [GeneratedRegex(@"```powershell\n(\$ErrorActionPreference = .*)\n(Connect-MaintenanceTarget .*)\n([\s\S]*?)\n```")]
    private static partial Regex DocumentedScript();

    [GeneratedRegex("^ExecStart=pwsh .* -Command '([^']*)'$", RegexOptions.Multiline)]
    private static partial Regex UnitCommand();

    [GeneratedRegex(@"^(\w+) on box: \w+ \(exit code (\d)\)", RegexOptions.Multiline)]
    private static partial Regex Verdict();
}
