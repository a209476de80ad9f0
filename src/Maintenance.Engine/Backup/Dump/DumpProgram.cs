using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>One run of pg_dump. Nothing on its command line tells which database it is, or how to reach it.</summary>
/// <param name="tool">The program.</param>
/// <param name="connection">How the database is reached.</param>
/// <param name="facts">What is known of it.</param>
internal sealed class DumpProgram(PostgresTool tool, DumpConnection connection, DumpFacts facts)
{
    /// <summary>How long pg_dump may wait for the lock of a table. It asks for ACCESS SHARE, behind which only ACCESS EXCLUSIVE waits.</summary>
    public static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(5);

    private const int BufferBytes = 256 * 1024;
    private static readonly TimeSpan EndingPatience = TimeSpan.FromSeconds(5);

    // No other session has this name, so that what a killed pg_dump leaves can be ended.
    private readonly string _applicationName = $"Maintenance/New-DatabaseBackup {Guid.NewGuid():N}"[..47];

    /// <summary>Dumps a snapshot to a stream.</summary>
    /// <param name="kind">Custom, Plain or PlainCompressed.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="onBytes">Told of each number of bytes.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="MaintenanceException">ProgramFailed, PermissionDenied, LockTimeout, AuthenticationFailed.</exception>
    public Task StreamAsync(BackupKind kind, string snapshot, Stream destination, Action<int> onBytes, CancellationToken cancellationToken) => RunAsync(
        Call(snapshot, kind switch
        {
            BackupKind.Custom => ["--format=custom"],
            BackupKind.Plain => ["--format=plain"],
            // What pg_dump calls compressed SQL is gzip.
            _ => ["--format=plain", "--compress=6"],
        }),
        destination,
        onBytes,
        _ => Task.CompletedTask,
        cancellationToken);

    /// <summary>Dumps a snapshot into a folder, several tables at once.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="folder">A folder that is not there yet.</param>
    /// <param name="jobs">How many tables at once.</param>
    /// <param name="onStart">Told the number of the process.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public Task IntoFolderAsync(string snapshot, string folder, int jobs, Func<int, Task> onStart, CancellationToken cancellationToken) => RunAsync(
        Call(snapshot, ["--format=directory", string.Create(CultureInfo.InvariantCulture, $"--jobs={jobs}"), $"--file={folder}"]), Stream.Null, _ => { }, onStart, cancellationToken);

    /// <summary>Ends what is left of it on the server: a session that works notices only when it next writes that nobody listens.</summary>
    public async Task EndSessionsAsync(DatabaseConnector connector, CallContext call)
    {
        using var patience = new CancellationTokenSource(EndingPatience);
        try
        {
            await using var session = await connector.OpenAsync(connection.Target, new SessionOptions(DumpService.Task, EndingPatience), call, patience.Token);
            await session.ExecuteAsync("Backup/Dump/Sql/EndSessions.sql", patience.Token, _applicationName);
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            call.Sink.Verbose($"Whether pg_dump's sessions on '{facts.Target}' have ended is not known: {exception.Message}");
        }
    }

    private ProgramCall Call(string snapshot, string[] arguments)
    {
        var environment = ToolConnection.EnvironmentOf(connection.ConnectionString, facts.Database);
        environment["PGAPPNAME"] = _applicationName;
        // The database's own encoding: another one could not say everything that a database without an encoding holds.
        environment.Remove("PGCLIENTENCODING");
        return new ProgramCall(
            tool.Path,
            ["--no-password", $"--snapshot={snapshot}", string.Create(CultureInfo.InvariantCulture, $"--lock-wait-timeout={LockPatience.TotalMilliseconds:0}"), .. arguments],
            Path.GetTempPath())
        {
            Environment = environment,
        };
    }

    private async Task RunAsync(ProgramCall call, Stream destination, Action<int> onBytes, Func<int, Task> onStart, CancellationToken cancellationToken)
    {
        await using var program = Start(call);
        // A pipe that says nothing cannot be interrupted, but it ends with its program.
        await using var killing = cancellationToken.Register(program.Kill);
        await onStart(program.Id);
        await CopyAsync(program.Output, destination, onBytes, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var result = await program.WaitAsync(cancellationToken);
        if (result.ExitCode != 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw DumpErrors.OfProgram(result, facts);
        }
    }

    // Reads while it writes: two buffers, one on each side.
    private static async Task CopyAsync(Stream source, Stream destination, Action<int> onBytes, CancellationToken cancellationToken)
    {
        var (reading, writing) = (ArrayPool<byte>.Shared.Rent(BufferBytes), ArrayPool<byte>.Shared.Rent(BufferBytes));
        var written = Task.CompletedTask;
        try
        {
            int count;
            while ((count = await source.ReadAsync(reading.AsMemory(0, BufferBytes), CancellationToken.None)) > 0)
            {
                await written;
                written = destination.WriteAsync(reading.AsMemory(0, count), cancellationToken).AsTask();
                (reading, writing) = (writing, reading);
                onBytes(count);
            }

            await written;
        }
        finally
        {
            await written.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(reading);
            ArrayPool<byte>.Shared.Return(writing);
        }
    }

    private RunningProgram Start(ProgramCall call)
    {
        try
        {
            return call.Start();
        }
        catch (Win32Exception exception)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.ProgramFailed, $"{tool.Path} cannot be started: {exception.Message} No backup was made.", "Check that it is made for this machine and may be executed.");
        }
    }
}
