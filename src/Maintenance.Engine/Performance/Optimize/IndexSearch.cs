using Maintenance.Engine.Database;
using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>Looks for indexes that a workload lacks.</summary>
/// <param name="session">A session of the database.</param>
/// <param name="workload">The statements.</param>
/// <param name="allMilliseconds">Time of all statements of the database, which what is saved is a share of.</param>
/// <param name="call">What the call brings along.</param>
/// <param name="cancellationToken">Ends the search.</param>
/// <returns>The most useful first.</returns>
internal delegate Task<MissingIndexSearch> IndexSearch(
    DatabaseSession session, IReadOnlyList<WorkloadStatement> workload, double allMilliseconds, CallContext call, CancellationToken cancellationToken);
