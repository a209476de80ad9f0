using Microsoft.Extensions.Logging;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>What the scheduler says of itself, into the agent's log; what is wrong with it also into the agent's health.</summary>
internal sealed class SchedulerLog(AgentLog log, IMaintenanceSink sink) : ILoggerFactory, ILogger
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider)
    {
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            var text = formatter(state, exception);
            log.Write("scheduler", null, null, [("level", logLevel), ("message", text), ("error", exception?.Message)]);
            sink.Verbose($"Scheduler: {text}");
        }
    }

    public void Dispose()
    {
    }
}
