namespace Maintenance.Engine.Database;

/// <summary>What a session is for, and how long it may work and wait.</summary>
/// <param name="Task">Shown to everyone who looks at pg_stat_activity, as <c>Maintenance/TASK</c>.</param>
/// <param name="StatementTimeout">How long one statement may run. Default: unlimited, for work that a watchdog guards.</param>
internal sealed record SessionOptions(string Task, TimeSpan? StatementTimeout = null)
{
    /// <summary>How long one statement may wait for a lock: short, because others queue behind whoever waits.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an open transaction may do nothing before the server ends it.</summary>
    public TimeSpan IdleInTransactionTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Whether the server may compile statements (jit). Ours it need not: questions about the catalogue look expensive to the planner, and compiling
    /// them takes many times what they take themselves. Whoever measures statements of the application leaves it as the application has it.
    /// </summary>
    public bool MayCompile { get; init; }
}
