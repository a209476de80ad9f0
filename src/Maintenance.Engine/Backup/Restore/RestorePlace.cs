using System.Security.Cryptography;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>The server that is restored into, and the database on it. Disposing leaves nothing of either that was not there before.</summary>
internal abstract class RestorePlace : IAsyncDisposable
{
    /// <summary>Name of the database: random, and harmless wherever it is written.</summary>
    public string Database { get; } = $"maintenance_restore_{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    /// <summary>True for a server of our own, where roles may be made and everything is allowed.</summary>
    public abstract bool IsOurs { get; }

    /// <summary>Major version of the server.</summary>
    public abstract int Major { get; }

    /// <summary>What it is called in messages.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the server is known to have run out of space.</summary>
    public virtual bool RanOutOfSpace => false;

    /// <summary>Connects to the database that is there before.</summary>
    public RestoredDatabase ConnectToServer() => new(ServerConnection);

    /// <summary>Connects to the database that is restored.</summary>
    public RestoredDatabase Connect() => new(new Npgsql.NpgsqlConnectionStringBuilder(ServerConnection) { Database = Database }.ConnectionString);

    /// <summary>A call of a client program that connects to the restored database: how, its environment alone tells.</summary>
    public abstract ProgramCall Call(string program, IReadOnlyList<string> arguments, string workingDirectory, bool asServer);

    public abstract ValueTask DisposeAsync();

    /// <summary>How to reach the server; a secret.</summary>
    protected abstract string ServerConnection { get; }

    /// <summary>The connection's variables for PostgreSQL's programs.</summary>
    protected Dictionary<string, string> Environment() => ToolConnection.EnvironmentOf(ServerConnection, Database);
}

/// <summary>A scratch server. It goes as a whole, so the database needs no dropping.</summary>
/// <param name="scratch">The server, which somebody else disposes.</param>
internal sealed class ScratchPlace(ScratchServer scratch) : RestorePlace
{
    public override bool IsOurs => true;

    public override int Major => scratch.Installation!.Major;

    public override string Name => $"the scratch server (PostgreSQL {scratch.Installation!.Version})";

    public override bool RanOutOfSpace => scratch.RanOutOfSpace;

    protected override string ServerConnection => scratch.ConnectionString(PostgresServer.Database);

    /// <inheritdoc/>
    /// <remarks>Whoever wrote the dump gets no further than the server's account, even should he trick the program that reads it.</remarks>
    public override ProgramCall Call(string program, IReadOnlyList<string> arguments, string workingDirectory, bool asServer) =>
        (asServer ? scratch.Account : ServerAccount.Self).Call(program, arguments, workingDirectory) with { Environment = Environment() };

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
