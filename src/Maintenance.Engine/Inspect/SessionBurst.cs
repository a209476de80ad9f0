namespace Maintenance.Engine.Inspect;

/// <summary>
/// Merges looks taken in quick succession: each session at its worst moment. Trees of different moments are not mixed, since they
/// may contradict each other; each row is true of its own moment.
/// </summary>
internal sealed class SessionBurst
{
    private readonly Dictionary<(int, DateTimeOffset?, string?), (DbSession Worst, int Samples)> _seen = [];
    private int _samples;

    /// <summary>Adds a look.</summary>
    public void Add(IEnumerable<DbSession> sessions)
    {
        _samples++;
        foreach (var session in sessions.Where(session => session.Samples > 0))
        {
            var key = (session.ProcessId, session.BackendStart, session.PreparedTransaction);
            _seen[key] = _seen.TryGetValue(key, out var before)
                ? (IsWorse(session, before.Worst) ? session : before.Worst, before.Samples + 1)
                : (session, 1);
        }
    }

    /// <summary>Whoever blocked or was blocked: those under one root together, the root with the most victims first.</summary>
    public IReadOnlyList<DbSession> Merge() =>
    [
        .. _seen.Values
            .Select(seen => seen.Worst with { Samples = seen.Samples, SampleCount = _samples })
            .GroupBy(session => session.RootBlocker)
            .OrderByDescending(tree => tree.Max(session => session.Victims))
            .SelectMany(tree => tree.OrderBy(session => session.Depth).ThenByDescending(session => session.WaitAge)),
    ];

    private static bool IsWorse(DbSession session, DbSession other) =>
        session.Victims != other.Victims ? session.Victims > other.Victims
        : (session.VictimWait ?? session.WaitAge ?? TimeSpan.Zero) > (other.VictimWait ?? other.WaitAge ?? TimeSpan.Zero);
}
