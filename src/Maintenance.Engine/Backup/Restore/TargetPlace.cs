using Maintenance.Engine.Database;
using Maintenance.Engine.Programs;
using Npgsql;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>A new database on somebody's server. It is dropped at the end, and by a watcher where this process does not live to do it.</summary>
internal sealed class TargetPlace : RestorePlace
{
    private readonly MaintenanceTarget _target;
    private readonly string _connection;
    private readonly RestoredDatabase _server;
    private readonly IMaintenanceSink _sink;
    private NpgsqlConnection? _keeper;
    private DatabaseWatcher? _watcher;
    private int _major;
    private bool _isHeld;

    private TargetPlace(MaintenanceTarget target, string connection, IMaintenanceSink sink)
    {
        (_target, _connection, _sink) = (target, connection, sink);
        _server = new RestoredDatabase(connection);
    }

    public override bool IsOurs => false;

    public override int Major => _major;

    public override string Name => $"'{_target.Name}' (PostgreSQL {_major})";

    protected override string ServerConnection => _connection;

    /// <summary>Looks whether a database may be made there, and clears away what tests have left that were killed.</summary>
    /// <exception cref="MaintenanceException">NotConfigured, PermissionDenied, DatabaseUnreachable, ...</exception>
    public static async Task<TargetPlace> OpenAsync(MaintenanceTarget target, string? postgresPath, CallContext call, CancellationToken cancellationToken)
    {
        var settings = target.Database ?? throw new MaintenanceException(
            MaintenanceErrorCode.NotConfigured, $"The target '{target.Name}' has no database to restore on.", "Give one that has with -ScratchTarget, or leave it out.");
        var place = new TargetPlace(target, await ConnectionStrings.BuildAsync(settings, call.Secrets, cancellationToken), call.Sink);
        try
        {
            await place.PrepareAsync(postgresPath, cancellationToken);
            return place;
        }
        catch
        {
            await place.DisposeAsync();
            throw;
        }
    }

    public override ProgramCall Call(string program, IReadOnlyList<string> arguments, string workingDirectory, bool asServer) =>
        new(program, arguments, workingDirectory) { Environment = Environment() };

    // Not cancellable: whoever gives up here leaves a database behind.
    public override async ValueTask DisposeAsync()
    {
        try
        {
            // Where it did not come so far that one could be made, there is none to drop, nor perhaps a server to ask.
            if (_isHeld)
            {
                await _server.ExecuteGivenAsync("Backup/Restore/Sql/DropDatabase.sql", CancellationToken.None, Database);
            }

            if (_watcher is not null)
            {
                await _watcher.LetGoAsync();
            }
        }
        catch (MaintenanceException exception)
        {
            _sink.Warning($"The database {Database} on '{_target.Name}' could not be dropped: {exception.Message} The next test there tries again.");
            if (_watcher is not null)
            {
                await _watcher.EndAsync();
            }
        }

        if (_keeper is not null)
        {
            await _keeper.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    private async Task PrepareAsync(string? postgresPath, CancellationToken cancellationToken)
    {
        var (allowed, role, isSuperuser, version) = (await _server.QueryAsync(
            "Backup/Restore/Sql/Privileges.sql", reader => (reader.GetBoolean(0), reader.GetString(1), reader.GetBoolean(2), reader.GetInt32(3)), cancellationToken)).Single();
        if (!allowed)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied,
                $"The role '{role}' may make no databases on '{_target.Name}'.",
                $"Let it: ALTER ROLE \"{role.Replace("\"", "\"\"", StringComparison.Ordinal)}\" CREATEDB. Or leave -ScratchTarget out, for a scratch server on this machine.");
        }

        if (isSuperuser)
        {
            _sink.Warning($"The role '{role}' is a superuser on '{_target.Name}': code in the backup runs there with its rights. A role that has CREATEDB and nothing else will do.");
        }

        _major = version / 10000;
        // Connections of a pool are not reset: one of our own, so that its lock goes with it.
        _keeper = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_connection) { Pooling = false }.ConnectionString);
        await RestoredDatabase.RunAsync(
            async () =>
            {
                await _keeper.OpenAsync(cancellationToken);
                await using var hold = new NpgsqlCommand(SqlText.ReadMarked("Backup/Restore/Sql/Hold.sql"), _keeper);
                hold.Parameters.Add(new() { Value = Database });
                return await hold.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken);
        _isHeld = true;
        await ClearLeftoversAsync(cancellationToken);
        _watcher = await DatabaseWatcher.StartAsync(Database, Environment(), postgresPath, _sink, cancellationToken);
    }

    private async Task ClearLeftoversAsync(CancellationToken cancellationToken)
    {
        await using var connection = new RestoredDatabase(new NpgsqlConnectionStringBuilder(_connection) { Pooling = false }.ConnectionString);
        foreach (var leftover in await connection.QueryAsync("Backup/Restore/Sql/Leftovers.sql", reader => reader.GetString(0), cancellationToken))
        {
            _sink.Verbose($"Dropping {leftover} on '{_target.Name}', which a test has left that was killed.");
            await _server.ExecuteGivenAsync("Backup/Restore/Sql/DropDatabase.sql", cancellationToken, leftover);
        }
    }
}
