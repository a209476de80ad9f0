namespace Maintenance.Engine.Tasks;

/// <summary>Tells the log everything that is told to the caller.</summary>
internal sealed class LoggingSink(IMaintenanceSink inner, RunLog log) : IMaintenanceSink
{
    public void Verbose(string message)
    {
        log.Add(message);
        inner.Verbose(message);
    }

    public void Warning(string message)
    {
        log.Add($"WARNING: {message}", "warning");
        inner.Warning(message);
    }

    public void Progress(ProgressUpdate progress) => inner.Progress(progress);
}
