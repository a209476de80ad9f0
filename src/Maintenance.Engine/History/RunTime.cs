namespace Maintenance.Engine.History;

/// <summary>That a run was, without what it measured and found.</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="StartedAt">When it began (UTC).</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Message">One sentence.</param>
/// <param name="IsWhole">False for one that was stopped, failed in part or only planned: it says nothing of how long the task takes.</param>
internal sealed record RunTime(string Task, DateTimeOffset StartedAt, TimeSpan Duration, HealthStatus Status, string Message, bool IsWhole);
