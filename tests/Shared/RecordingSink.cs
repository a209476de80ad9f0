using System.Collections.Concurrent;

namespace Maintenance.TestSupport;

/// <summary>Keeps what the engine tells.</summary>
public sealed class RecordingSink : IMaintenanceSink
{
    public ConcurrentQueue<string> VerboseMessages { get; } = new();

    public ConcurrentQueue<string> Warnings { get; } = new();

    public ConcurrentQueue<ProgressUpdate> ProgressUpdates { get; } = new();

    public void Verbose(string message) => VerboseMessages.Enqueue(message);

    public void Warning(string message) => Warnings.Enqueue(message);

    public void Progress(ProgressUpdate progress) => ProgressUpdates.Enqueue(progress);
}
