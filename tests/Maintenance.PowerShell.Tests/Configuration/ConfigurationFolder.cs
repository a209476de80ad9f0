namespace Maintenance.ModuleTests.Configuration;

/// <summary>
/// Tests that set environment variables or the current folder's files. They run alone: variables belong to the whole process.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EnvironmentCollection
{
    public const string Name = "Environment";
}

/// <summary>A folder of a test's own that is also the user's home, and environment variables that go back to what they were.</summary>
internal sealed class ConfigurationFolder : IDisposable
{
    private static readonly string[] Known =
    [
        "HOME", "XDG_STATE_HOME", "MAINTENANCE_CONFIG", "PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT", "PGCONNECT_TIMEOUT",
        "SUPABASE_URL", "SUPABASE_DB_URL", "SUPABASE_PROJECT_REF", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_ANON_KEY",
        "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN",
        "SLACK_WEBHOOK_URL", "SLACK_EMERGENCY_WEBHOOK", "SECURITY_SLACK_WEBHOOK", "MAINTENANCE_TEST_SECRET",
    ];

    private readonly Dictionary<string, string?> _before = Known.ToDictionary(name => name, Environment.GetEnvironmentVariable);

    public ConfigurationFolder()
    {
        foreach (var name in Known)
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        // The home is another, but the sandbox that other tests share stays registered where it is.
        Environment.SetEnvironmentVariable("HOME", Path);
        Environment.SetEnvironmentVariable("XDG_STATE_HOME", _before["XDG_STATE_HOME"] ?? System.IO.Path.Join(_before["HOME"], ".local", "state"));
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("maintenance-test").FullName;

    public string File => System.IO.Path.Combine(Path, "maintenance.json");

    /// <summary>A statement that goes to this folder. The engine alone has no Set-Location.</summary>
    public string At(string below = "") => $"$null = $ExecutionContext.SessionState.Path.SetLocation('{System.IO.Path.Combine(Path, below)}')";

    public void Write(string text) => System.IO.File.WriteAllText(File, text);

    public void Dispose()
    {
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        Directory.Delete(Path, recursive: true);
    }
}
