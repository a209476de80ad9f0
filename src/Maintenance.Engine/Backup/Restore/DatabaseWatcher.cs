using System.Diagnostics;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>
/// Drops a database where this process does not live to do it, even by SIGKILL: a small shell waits on a pipe that only this process
/// holds, as the sandbox's does. Without psql, and on Windows, there is none; then the next test on that server clears away.
/// </summary>
internal sealed class DatabaseWatcher
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Process _shell;

    private DatabaseWatcher(Process shell) => _shell = shell;

    /// <summary>Starts to watch.</summary>
    /// <param name="database">Name of the database, one of our own making.</param>
    /// <param name="environment">How to connect.</param>
    /// <param name="postgresPath">Folder of PostgreSQL's programs; null to look for them.</param>
    /// <param name="sink">Told where there can be no watcher.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<DatabaseWatcher?> StartAsync(
        string database, IReadOnlyDictionary<string, string> environment, string? postgresPath, IMaintenanceSink sink, CancellationToken cancellationToken)
    {
        var psql = OperatingSystem.IsWindows() ? null
            : await PostgresTools.TryFindAsync("psql", 0, postgresPath, cancellationToken) ?? await PostgresTools.TryFindAsync("psql", 0, null, cancellationToken);
        if (psql is null)
        {
            sink.Verbose($"Nobody drops {database} should this process be killed; the next test on that server would.");
            return null;
        }

        var start = new ProcessStartInfo("/bin/sh", ["-c", EngineResource.Read("Backup/Restore/Scripts/DropDatabase.sh"), "sh", psql.Path, database])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment.Where(variable => variable.Key != "PGDATABASE"))
        {
            start.Environment[name] = value;
        }

        // A database that can always be connected to; the one that is dropped is not.
        start.Environment["PGDATABASE"] = "postgres";
        return new DatabaseWatcher(Process.Start(start)!);
    }

    /// <summary>The database is gone: nothing is left to do.</summary>
    public async Task LetGoAsync()
    {
        try
        {
            await _shell.StandardInput.WriteLineAsync("done");
        }
        catch (IOException)
        {
            // The shell has ended already.
        }

        await EndAsync();
    }

    /// <summary>Lets it drop the database, and waits for that.</summary>
    public async Task EndAsync()
    {
        try
        {
            _shell.StandardInput.Close();
            using var patience = new CancellationTokenSource(Patience);
            await _shell.WaitForExitAsync(patience.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The shell goes on by itself.
        }

        _shell.Dispose();
    }
}
