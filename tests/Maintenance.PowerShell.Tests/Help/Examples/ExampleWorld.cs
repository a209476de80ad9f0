using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Security;
using Maintenance.TestSupport;
using PS = System.Management.Automation.PowerShell;

namespace Maintenance.ModuleTests.Help.Examples;

/// <summary>
/// What examples take for granted: a configuration with the targets production (a sandbox with half a year behind it and something to do) and staging and
/// operations (empty databases), their stores, channels and functions, an Azure subscription, and a working folder with the files that they name.
/// </summary>
internal sealed class ExampleWorld : IDisposable
{
    /// <summary>Targets beside production, each with an empty database of its name.</summary>
    private static readonly string[] Others = ["staging", "operations"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, string?> _before = Environment();
    private readonly ModuleRunspace _keeper;
    private readonly AzureStandIn _azure;
    private readonly MaintenanceSandbox _sandbox;
    private readonly string _root;
    private readonly Dictionary<string, string?> _own;
    private string _home = "";

    private string Folder => Path.Combine(_home, "work");

    private string Targets => Path.Combine(_home, "targets.json");

    public ExampleWorld()
    {
        (_keeper, _sandbox) = SandboxFixture.Start("-Name production -Scale 0.1 -History 180d -Workload");
        _root = Directory.CreateTempSubdirectory("maintenance-examples-").FullName;
        _azure = new AzureStandIn().WithHardened();
        using (var connection = ServerConnection.Open(_sandbox))
        {
            foreach (var other in Others)
            {
                connection.Execute($"CREATE DATABASE {other}");
            }

            connection.Execute("CREATE TABLE public.error_logs_march (LIKE public.error_logs INCLUDING ALL)");
            connection.Execute($"CREATE ROLE monitor LOGIN PASSWORD '{Plain(_sandbox.Password)}' IN ROLE pg_monitor");
        }

        _azure.Answers.Insert(0, ("/msi/token", _ => AzureStandIn.Json($$"""{ "access_token": "{{AzureStandIn.Token}}", "expires_on": "4102444800", "resource": "{{_azure.Address}}", "token_type": "Bearer" }""")));

        Set("PGPORT", $"{_sandbox.Port}");
        Set("PGPASSWORD", Plain(_sandbox.Password));
        Set("SUPABASE_SERVICE_ROLE_KEY", Plain(_sandbox.Target.Functions!.BearerToken!.ToSecureString()));
        foreach (var (channel, variable) in new[] { ("Default", "SLACK_WEBHOOK_URL"), ("Emergency", "SLACK_EMERGENCY_WEBHOOK"), ("Security", "SECURITY_SLACK_WEBHOOK") })
        {
            Set(variable, Plain(_sandbox.Target.Channels[channel].Webhook.ToSecureString()));
        }

        Set("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
        Set("IDENTITY_ENDPOINT", $"{_azure.Address}msi/token");
        Set("IDENTITY_HEADER", "header-of-the-stand-in");
        Set("XDG_STATE_HOME", _before.GetValueOrDefault("XDG_STATE_HOME") ?? Path.Join(_before.GetValueOrDefault("HOME"), ".local", "state"));
        _own = Environment();
    }

    /// <summary>Makes a home and a working folder in it for the examples of one cmdlet or topic; they go with what is given back, and so does what was done to the environment.</summary>
    public IDisposable Furnish(string name)
    {
        _home = Path.Combine(_root, name);
        Set("HOME", _home);
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Targets, ExampleConfiguration.Write(_sandbox, Folder, _azure.Address, Others));
        if (name != "New-MaintenanceConfiguration")
        {
            Copy(Targets, "maintenance.json");
        }

        Write("app/index.js", "console.log('hello');");
        Write("repositories/web/readme.md", "Nothing secret.");
        Write("web/readme.md", "Nothing to depend on.");
        Write("api/readme.md", "Nothing to depend on.");
        Write("rules.yml", "rules: []");
        Write("gitleaks-report.json", "[]");
        Write("codeql.sarif", EmptySarif);
        Write("results/semgrep.sarif", EmptySarif);
        Write("traces/trace.log", "old");
        Write("logs/app.log", "old");
        foreach (var file in Directory.GetFiles(_sandbox.Target.BackupStore!.Path!))
        {
            Copy(file, Path.Combine("backups", Path.GetFileName(file)));
        }

        Copy(Directory.GetFiles(_sandbox.Target.BackupStore!.Path!).First(), "app.dump");
        Copy(_sandbox.Target.History.Path!, "collected/server7.db");
        return new Furniture(this);
    }

    /// <summary>Runs an example in a session of its own, with the targets connected.</summary>
    /// <param name="code">The example.</param>
    /// <param name="endless">Whether it goes on until somebody ends it: then that is done as soon as it has begun.</param>
    /// <returns>What went wrong, or null.</returns>
    public string? Run(string code, bool endless)
    {
        using var session = new ModuleRunspace(host: new AnsweringHost("monitor", _sandbox.Password));
        if (code.Contains("-Replica reporting", StringComparison.Ordinal))
        {
            // The same server stands for its replica. It is in no file, for -All would maintain one database twice at once.
            session.Invoke(
                $"Connect-MaintenanceTarget -Name reporting -HostName {_sandbox.Host} -Port {_sandbox.Port} -Database {_sandbox.Database} -Credential $credential -SkipTest",
                ("credential", new PSCredential(_sandbox.Username, _sandbox.Password)));
        }

        session.Invoke($"Connect-MaintenanceTarget -Path '{Targets}' -Name {string.Join(", ", Connected(code))} -SkipTest; {Preparation}");
        // What the environment says counts where there is no file.
        session.Invoke($"Set-Location '{(code.Contains("$env:PGHOST", StringComparison.Ordinal) ? _home : Folder)}'");
        using var shell = session.Create(code);
        var began = shell.BeginInvoke();
        if (endless)
        {
            SpinWait.SpinUntil(() => began.IsCompleted || HasBegun(shell), Patience);
            shell.Stop();
        }
        else if (!began.AsyncWaitHandle.WaitOne(Patience))
        {
            shell.Stop();
            return $"It is not over after {Patience}.";
        }

        try
        {
            shell.EndInvoke(began);
        }
        catch (PipelineStoppedException) when (endless)
        {
            if (!HasBegun(shell))
            {
                return $"It did not begin within {Patience}.";
            }
        }
        catch (RuntimeException exception)
        {
            return $"{exception.ErrorRecord.FullyQualifiedErrorId}: {exception.Message}";
        }

        return shell.Streams.Error.Count == 0
            ? null
            : string.Join(System.Environment.NewLine, shell.Streams.Error.Select(error => $"{error.FullyQualifiedErrorId}: {error} {error.ErrorDetails?.RecommendedAction}"));
    }

    // A fleet of two, and whom the example names; the one connected last is the one that examples without a name are about.
    private static IEnumerable<string> Connected(string code) => [.. Others.Where(name => name == "staging" || code.Contains(name, StringComparison.Ordinal)), "production"];

    // What the agent says when its scheduler runs.
    private static bool HasBegun(PS shell) => shell.Streams.Verbose.Any(record => record.Message.StartsWith("Its log is ", StringComparison.Ordinal));

    public void Dispose()
    {
        Restore(_before);
        _keeper.Invoke("$sandbox | Stop-MaintenanceSandbox -Confirm:$false", ("sandbox", _sandbox));
        _keeper.Dispose();
        _azure.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_root, recursive: true);
    }

    private const string EmptySarif = """{ "version": "2.1.0", "runs": [ { "tool": { "driver": { "name": "scanner" } }, "results": [] } ] }""";

    // npm asks a service for what it knows: its report is at hand instead. The agent says what it does only where it is asked to.
    private const string Preparation = """
        function npm { '{ "auditReportVersion": 2, "vulnerabilities": {}, "metadata": { "vulnerabilities": { "total": 0 }, "dependencies": { "total": 1 } } }' }
        $PSDefaultParameterValues['Start-MaintenanceAgent:Verbose'] = $true
        """;

    private void Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private void Copy(string file, string name)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(file, path);
    }

    private static string Plain(SecureString secret) => new NetworkCredential("", secret).Password;

    private static void Set(string name, string? value) => System.Environment.SetEnvironmentVariable(name, value);

    private static Dictionary<string, string?> Environment() =>
        System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value);

    private static void Restore(Dictionary<string, string?> variables)
    {
        foreach (var name in Environment().Keys.Union(variables.Keys))
        {
            Set(name, variables.GetValueOrDefault(name));
        }
    }

    private sealed class Furniture(ExampleWorld world) : IDisposable
    {
        public void Dispose()
        {
            Restore(world._own);
            Directory.Delete(world._home, recursive: true);
        }
    }
}
