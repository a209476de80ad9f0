using Maintenance.Engine.Database;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>What the server has counted of a statement, all roles together.</summary>
/// <param name="Calls">Executions.</param>
/// <param name="Milliseconds">Their time.</param>
internal sealed record StatementCounter(double Calls, double Milliseconds)
{
    public static StatementCounter None { get; } = new(0, 0);

    /// <summary>What was counted since an earlier reading. A counter that has fallen was set back, and has counted anew since.</summary>
    public StatementCounter Since(StatementCounter earlier) =>
        // Sums of fractions differ in their last digits.
        Calls < earlier.Calls || Milliseconds < earlier.Milliseconds - 1
            ? this
            : new StatementCounter(Calls - earlier.Calls, Math.Max(0, Milliseconds - earlier.Milliseconds));

    /// <summary>Reads them. What the server does not count any more, or never has, is not in the result.</summary>
    /// <param name="session">A session of the database, with the extension on its search path.</param>
    /// <param name="statements">Ids of the statements.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public static async Task<IReadOnlyDictionary<long, StatementCounter>> ReadAsync(DatabaseSession session, IEnumerable<long> statements, CancellationToken cancellationToken) =>
        (await session.QueryAsync(
            "Performance/Optimize/Sql/StatementCounters.sql",
            row => (Id: row.GetInt64(0), Counter: new StatementCounter(row.GetDouble(1), row.GetDouble(2))),
            cancellationToken,
            statements.Distinct().ToArray())).ToDictionary(row => row.Id, row => row.Counter);
}
