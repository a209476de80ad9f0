using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>A statement that is to be helped, with what is known of it.</summary>
/// <param name="Statement">As indexes are looked for.</param>
/// <param name="User">The role that runs it; null for one that is gone, or several.</param>
/// <param name="TemporaryBytes">Bytes of temporary files that one execution writes.</param>
internal sealed record WorkloadItem(WorkloadStatement Statement, string? User, double TemporaryBytes);

/// <summary>The statements that are to be helped.</summary>
/// <param name="Items">The statements, the most time first.</param>
/// <param name="TotalMilliseconds">Time of all statements of the database, those that are left out too.</param>
/// <param name="Unknowns">What could not be found out, a sentence each.</param>
internal sealed record Workload(IReadOnlyList<WorkloadItem> Items, double TotalMilliseconds, IReadOnlyList<string> Unknowns);
