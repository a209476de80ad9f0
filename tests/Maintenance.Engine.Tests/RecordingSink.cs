using System.Collections.Concurrent;
using System.Security;

namespace Maintenance.Engine.Tests;

/// <summary>Keeps what the engine tells.</summary>
internal sealed class RecordingSink : IMaintenanceSink
{
    public ConcurrentQueue<string> VerboseMessages { get; } = new();

    public ConcurrentQueue<string> Warnings { get; } = new();

    public ConcurrentQueue<ProgressUpdate> ProgressUpdates { get; } = new();

    public void Verbose(string message) => VerboseMessages.Enqueue(message);

    public void Warning(string message) => Warnings.Enqueue(message);

    public void Progress(ProgressUpdate progress) => ProgressUpdates.Enqueue(progress);
}

/// <summary>A session without vaults.</summary>
internal sealed class NoVault : ISecretVault
{
    public Task<SecureString> ReadAsync(string vault, string name, CancellationToken cancellationToken) =>
        throw new MaintenanceException(MaintenanceErrorCode.SecretNotFound, $"There is no vault for {name}.", "None.");
}
