using System.Diagnostics;

namespace Maintenance.ModuleTests.Boundary;

/// <summary>Which copy of a dependency is used, and by whom, in processes of their own: what is loaded once stays loaded.</summary>
public sealed class IsolationTests
{
    private const string LoadEverything = """
        Connect-MaintenanceTarget -Name x -HostName 127.0.0.1 -Port 1 -SkipTest | Out-Null
        Get-DbHealth -ErrorAction SilentlyContinue | Out-Null
        Get-DatabaseBackup -Target (Connect-MaintenanceTarget -Name y -BackupAccountName devstoreaccount1 -BackupContainer c -SkipTest) -TimeoutSeconds 2 -ErrorAction SilentlyContinue | Out-Null
        $history = [System.IO.Path]::GetTempFileName()
        Get-MaintenanceHistory -Path $history
        [System.IO.File]::Delete($history)
        """;

    private const string ListContexts = """
        foreach ($context in [System.Runtime.Loader.AssemblyLoadContext]::All) {
            foreach ($assembly in $context.Assemblies) {
                if (-not $assembly.IsDynamic) { "$($context.Name)|$($assembly.GetName().Name)|$($assembly.GetName().Version)" }
            }
        }
        """;

    /// <summary>What the engine brings, by the names of its files; the platform's own assemblies are no concern of this. Azure.Identity only points to Azure.Core.</summary>
    private static readonly string[] Dependencies =
    [
        "Npgsql", "Azure.Core", "Azure.Storage.Blobs", "Polly.Core", "Microsoft.Data.Sqlite", "SQLitePCLRaw.core",
        "SQLitePCLRaw.batteries_v2", "SQLitePCLRaw.provider.e_sqlite3", "Maintenance.Engine",
    ];

    [Fact]
    public async Task Every_dependency_is_in_the_private_context_and_none_in_the_default_one()
    {
        var loaded = await RunAsync(LoadEverything + "\n" + ListContexts);
        foreach (var dependency in Dependencies)
        {
            Assert.Equal(["Maintenance"], ContextsOf(loaded, dependency));
        }

        Assert.Equal(["Default"], ContextsOf(loaded, "Maintenance.Contracts"));
        Assert.Equal(["Default"], ContextsOf(loaded, "Maintenance.PowerShell"));
    }

    [Fact]
    public async Task The_import_loads_no_dependency()
    {
        var loaded = await RunAsync(ListContexts);
        var ours = Directory.EnumerateFiles(Path.Combine(ModuleRunspace.ModuleFolder, "lib"), "*.dll").Select(Path.GetFileNameWithoutExtension);
        Assert.DoesNotContain(loaded, line => line.StartsWith("Maintenance|", StringComparison.Ordinal));
        Assert.DoesNotContain(ours, name => ContextsOf(loaded, name!).Length > 0 && !IsOfTheHost(name!));
    }

    [Theory]
    [InlineData("OlderAzureCore")]
    [InlineData("NewerAzureCore")]
    public async Task Another_modules_Azure_Core_in_the_default_context_does_not_matter(string other)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "other", other, "Azure.Core.dll");
        Assert.True(File.Exists(path), path);
        var loaded = await RunAsync($"[System.Runtime.Loader.AssemblyLoadContext]::Default.LoadFromAssemblyPath('{path}') | Out-Null\n{LoadEverything}\n{ListContexts}");
        AssertEachHasItsOwn("Azure.Core", loaded);
        Assert.Contains("Maintenance|Azure.Storage.Blobs", string.Join('\n', loaded), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Npgsql8", true)]
    [InlineData("Npgsql9", true)]
    [InlineData("Npgsql8", false)]
    [InlineData("Npgsql9", false)]
    public async Task Another_modules_Npgsql_does_not_matter_whoever_comes_first(string other, bool theirsFirst)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "other", other, "Npgsql.dll");
        Assert.True(File.Exists(path), path);
        // Used, not only loaded: their types, then ours, in one session.
        var theirs = $$"""
            $theirs = [System.Reflection.Assembly]::LoadFrom('{{path}}')
            $builder = [Activator]::CreateInstance($theirs.GetType('Npgsql.NpgsqlConnectionStringBuilder'), 'Host=theirs')
            if ($builder.Host -ne 'theirs') { throw 'Their Npgsql does not work.' }
            """;
        var loaded = await RunAsync(string.Join('\n', theirsFirst ? [theirs, LoadEverything, ListContexts] : [LoadEverything, theirs, ListContexts]));
        AssertEachHasItsOwn("Npgsql", loaded);
    }

    /// <summary>
    /// PowerShell gives whoever asks for it its own copy, so that an older one is there only where a module has loaded it from a file. Both read and write
    /// JSON in one session.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_older_Newtonsoft_Json_of_another_module_does_not_matter_whoever_comes_first(bool theirsFirst)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "other", "OlderNewtonsoft", "Newtonsoft.Json.dll");
        Assert.True(File.Exists(path), path);
        var folder = Directory.CreateTempSubdirectory("isolation-");
        try
        {
            var settings = Path.Combine(folder.FullName, "maintenance.json");
            var theirs = $$"""
                $theirs = [System.Reflection.Assembly]::LoadFile('{{path}}')
                $text = $theirs.GetType('Newtonsoft.Json.Linq.JObject').GetMethod('Parse', [type[]] [string]).Invoke($null, @('{ "a": 1 }')).ToString()
                "theirs|$($text.Contains('"a": 1'))|$($theirs.GetName().Version)"
                """;
            var ours = $$"""
                New-MaintenanceConfiguration -Path '{{settings}}' | Out-Null
                "ours|$($null -ne (Test-MaintenanceConfiguration -Path '{{settings}}'))|1"
                """;
            var loaded = await RunAsync(string.Join('\n', theirsFirst ? [theirs, ours, ListContexts] : [ours, theirs, ListContexts]));
            Assert.Contains("theirs|True|12.0.0.0", loaded);
            Assert.Contains("ours|True|1", loaded);
            Assert.Contains("Maintenance|Newtonsoft.Json|13.0.0.0", loaded);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>PowerShell itself brings the newest Newtonsoft.Json, and any module may change its settings, which are global: ours must not hear of it.</summary>
    [Fact]
    public async Task What_others_set_on_their_Newtonsoft_Json_does_not_reach_ours()
    {
        var folder = Directory.CreateTempSubdirectory("isolation-");
        try
        {
            var settings = Path.Combine(folder.FullName, "maintenance.json");
            var loaded = await RunAsync($$"""
                [Newtonsoft.Json.JsonConvert]::DefaultSettings = [Func[Newtonsoft.Json.JsonSerializerSettings]] { throw 'These settings are not for others.' }
                New-MaintenanceConfiguration -Path '{{settings}}' | Out-Null
                $result = Test-MaintenanceConfiguration -Path '{{settings}}'
                "read|$($null -ne $result)|1"
                {{ListContexts}}
                """);
            Assert.Contains("read|True|1", loaded);
            Assert.Equal(["Default", "Maintenance"], ContextsOf(loaded, "Newtonsoft.Json"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // One is enough for each context, and ours is of another version than theirs.
    private static void AssertEachHasItsOwn(string assembly, string[] loaded)
    {
        var versions = loaded.Where(line => line.Contains($"|{assembly}|", StringComparison.Ordinal)).Order().ToArray();
        Assert.Equal(2, versions.Length);
        Assert.StartsWith($"Default|{assembly}|", versions[0], StringComparison.Ordinal);
        Assert.StartsWith($"Maintenance|{assembly}|", versions[1], StringComparison.Ordinal);
        Assert.NotEqual(versions[0].Split('|')[2], versions[1].Split('|')[2]);
    }

    private static bool IsOfTheHost(string name) => File.Exists(Path.Combine(Path.GetDirectoryName(ModuleRunspace.HostPath)!, name + ".dll"));

    private static string[] ContextsOf(IEnumerable<string> loaded, string assembly) =>
        [.. loaded.Where(line => line.Split('|')[1] == assembly).Select(line => line.Split('|')[0]).Distinct().Order()];

    private static async Task<string[]> RunAsync(string script)
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.ps1");
        await File.WriteAllTextAsync(file, script, TestContext.Current.CancellationToken);
        try
        {
            var start = new ProcessStartInfo("dotnet", [ModuleRunspace.HostPath, "-NonInteractive", "-File", file]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await errors + output);
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line.Count(character => character == '|') == 2)];
        }
        finally
        {
            File.Delete(file);
        }
    }
}
