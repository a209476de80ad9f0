using System.Globalization;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Sandbox;

/// <summary>Fills an empty database with the sample schema and lived-in data of the module's <c>sandbox</c> folder.</summary>
internal static class SampleDatabase
{
    private const string Activity = "Loading sample data";

    /// <summary>The scripts in their order. The schema comes always, the rest only with data.</summary>
    private static readonly string[] Scripts = [SchemaScript, "data.sql", "lived-in.sql"];

    /// <summary>The same with the slow workload: its rows before what counts statements anew, its statements at the end.</summary>
    private static readonly string[] ScriptsWithWorkload = [SchemaScript, "data.sql", "workload-data.sql", "lived-in.sql", "workload.sql"];

    public const string SchemaScript = "schema.sql";

    /// <summary>Runs the scripts on one session, since its settings reach them as <c>sandbox.*</c>.</summary>
    /// <param name="administrator">An empty database, as its superuser.</param>
    /// <param name="resourcePath">The module's <c>sandbox</c> folder.</param>
    /// <param name="scale">How much data; 0 for the schema alone.</param>
    /// <param name="seed">Which data: the same seed and scale give the same rows.</param>
    /// <param name="workload">Whether the slow workload comes with it.</param>
    /// <param name="sink">Where to tell how far it is.</param>
    /// <param name="cancellationToken">Ends the loading; the database is then of no use.</param>
    /// <exception cref="MaintenanceException">SandboxStartFailed, naming the step.</exception>
    public static async Task LoadAsync(
        NpgsqlDataSource administrator, string resourcePath, double scale, int seed, bool workload, IMaintenanceSink sink, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        var steps = new List<(string Script, SampleStep Step)>();
        foreach (var script in scale == 0 ? Scripts.Take(1) : workload ? ScriptsWithWorkload : Scripts)
        {
            steps.AddRange(SampleScript.Parse(await ReadAsync(resourcePath, script, cancellationToken)).Select(step => (script, step)));
        }

        try
        {
            await using var connection = await administrator.OpenConnectionAsync(cancellationToken);
            await SetParametersAsync(connection, scale, seed, cancellationToken);
            for (var done = 0; done < steps.Count; done++)
            {
                var (script, step) = steps[done];
                sink.Progress(new ProgressUpdate(Activity, step.Title, 100 * done / steps.Count));
                await RunAsync(connection, script, step, cancellationToken);
            }
        }
        finally
        {
            sink.Progress(new ProgressUpdate(Activity, "Done", 100, Completed: true));
        }
    }

    /// <summary>Reads a script of the module's <c>sandbox</c> folder.</summary>
    public static async Task<string> ReadAsync(string resourcePath, string script, CancellationToken cancellationToken)
    {
        var path = Path.Combine(resourcePath, script);
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.SandboxStartFailed,
                $"The sample script '{path}' cannot be read: {exception.Message}",
                "Install the module again; its sandbox folder is not complete.");
        }
    }

    private static async Task SetParametersAsync(NpgsqlConnection connection, double scale, int seed, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Read("Sandbox/Sql/SampleParameters.sql"), connection);
        command.Parameters.Add(new() { Value = scale.ToString("R", CultureInfo.InvariantCulture) });
        command.Parameters.Add(new() { Value = seed.ToString(CultureInfo.InvariantCulture) });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string script, SampleStep step, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand(step.Sql, connection) { CommandTimeout = 0 };
            for (var run = 0; run < step.Repeat; run++)
            {
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        catch (PostgresException exception) when (exception.SqlState == step.ExpectedError)
        {
            return;
        }
        catch (PostgresException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(script, step, $"{exception.MessageText} ({exception.SqlState})");
        }

        if (step.ExpectedError is { } expected)
        {
            throw Failed(script, step, $"it was to fail with {expected} and did not");
        }
    }

    private static MaintenanceException Failed(string script, SampleStep step, string cause) => new(
        MaintenanceErrorCode.SandboxStartFailed,
        $"The sample data could not be loaded: {script}, step '{step.Title}': {cause}.",
        "The sample needs an empty database and its superuser. If they are there, please report this.");
}
