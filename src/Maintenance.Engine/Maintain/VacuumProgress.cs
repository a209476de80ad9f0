using System.Collections.Concurrent;
using Maintenance.Engine.Database;

namespace Maintenance.Engine.Maintain;

/// <summary>Tells how far a run is: by bytes over all tables, and the phase of each that is being worked on.</summary>
/// <param name="activity">What is being done.</param>
/// <param name="totalBytes">Size of all tables of the run.</param>
/// <param name="sink">Where to tell.</param>
internal sealed class VacuumProgress(string activity, long totalBytes, IMaintenanceSink sink)
{
    private readonly ConcurrentDictionary<int, DbAction> _running = new();
    private long _doneBytes;

    public void Begin(int processId, DbAction action)
    {
        _running[processId] = action;
        Tell(action, "starting", _doneBytes);
    }

    public void End(int processId, DbAction action)
    {
        _running.TryRemove(processId, out _);
        Interlocked.Add(ref _doneBytes, action.SizeBytes ?? 0);
    }

    public void Complete() => sink.Progress(new ProgressUpdate(activity, "Done", 100, Completed: true));

    /// <summary>Reads the server's own progress views, on the watchdog's connection.</summary>
    public async Task SampleAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync(
            session.MajorVersion >= 17 ? "Maintain/Sql/VacuumProgress.17.sql" : "Maintain/Sql/VacuumProgress.13.sql",
            row => (
                ProcessId: row.GetInt32(0),
                Phase: row.IsDBNull(1) ? "" : row.GetString(1),
                Total: row.IsDBNull(2) ? 0 : row.GetInt64(2),
                Done: row.IsDBNull(3) ? 0 : row.GetInt64(3),
                Indexes: row.IsDBNull(4) ? 0 : row.GetInt64(4),
                IndexesDone: row.IsDBNull(5) ? 0 : row.GetInt64(5)),
            cancellationToken,
            _running.Keys.ToArray());
        var done = (double)_doneBytes + rows.Sum(row => row.Total > 0 && _running.TryGetValue(row.ProcessId, out var action) ? (action.SizeBytes ?? 0) * Share(row.Done, row.Total) : 0);
        foreach (var row in rows)
        {
            if (_running.TryGetValue(row.ProcessId, out var action))
            {
                var indexes = row.Indexes > 0 ? FormattableString.Invariant($", index {Math.Min(row.IndexesDone + 1, row.Indexes)} of {row.Indexes}") : "";
                Tell(action, row.Total > 0 ? FormattableString.Invariant($"{row.Phase} {100 * Share(row.Done, row.Total):0} %{indexes}") : $"{row.Phase}{indexes}", done);
            }
        }
    }

    private void Tell(DbAction action, string phase, double done) =>
        sink.Progress(new ProgressUpdate(activity, $"{action.Schema}.{action.Name}: {phase}", (int)(100 * Share(done, totalBytes))));

    private static double Share(double part, double whole) => whole <= 0 ? 0 : Math.Clamp(part / whole, 0, 1);
}
