using System.Collections.Concurrent;
using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>One run that builds indexes: its connections, its watchdog and its limits.</summary>
internal sealed class BuildRun : IAsyncDisposable
{
    // Younger ones are gone before anybody has read of them.
    private static readonly TimeSpan WorthTelling = TimeSpan.FromSeconds(1);

    private readonly DatabaseConnector _connector;
    private readonly ConcurrentDictionary<int, string> _ours = new();
    private readonly HashSet<int?> _waitedFor = [];
    private string? _waits;
    private readonly IDisposable _sampling;
    private long _table;

    private BuildRun(DatabaseConnector connector, MaintenanceTarget target, OptimizationOptions options, CallContext call, ActionHistory history, Watchdog watchdog, TimeProvider time)
    {
        (_connector, Target, Options, Call, History, Watchdog, Time) = (connector, target, options, call, history, watchdog, time);
        _sampling = watchdog.Sample(SampleAsync);
    }

    public MaintenanceTarget Target { get; }

    public OptimizationOptions Options { get; }

    public CallContext Call { get; }

    public ActionHistory History { get; }

    public Watchdog Watchdog { get; }

    public TimeProvider Time { get; }

    /// <summary>Server processes of ours.</summary>
    public IReadOnlyCollection<int> Ours => [.. _ours.Keys];

    /// <summary>Starts to watch.</summary>
    public static async Task<BuildRun> StartAsync(
        DatabaseConnector connector, MaintenanceTarget target, OptimizationOptions options, CallContext call, ActionHistory history, TimeProvider time, CancellationToken cancellationToken)
    {
        var watchdog = await Watchdog.StartAsync(connector, target, OptimizationService.TaskName, options.MaximumBlock ?? Watchdog.DefaultMaximumBlock, call, time, cancellationToken);
        return new BuildRun(connector, target, options, call, history, watchdog, time);
    }

    /// <summary>Opens a session of ours.</summary>
    public async Task<DatabaseSession> OpenAsync(string what, TimeSpan lockTimeout, CancellationToken cancellationToken)
    {
        var session = await _connector.OpenAsync(Target, new SessionOptions($"{OptimizationService.TaskName}{what}") { LockTimeout = lockTimeout, MayCompile = true }, Call, cancellationToken);
        await session.QueryAsync("Maintain/Sql/LiftLimits.sql", row => row.GetString(0), cancellationToken);
        _ours[session.Connection.ProcessID] = "";
        return session;
    }

    /// <summary>Names what a server process is working on, for those who watch the progress.</summary>
    public void Tell(int processId, string name, long table)
    {
        _table = table;
        _ours[processId] = name;
    }

    public async ValueTask DisposeAsync()
    {
        _sampling.Dispose();
        await Watchdog.DisposeAsync();
        Call.Sink.Progress(new ProgressUpdate(Activity, "Done", 100, Completed: true));
    }

    private string Activity => $"Optimizing {Target.Name}";

    private async Task SampleAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync(
            "Maintain/Sql/ReindexProgress.sql",
            row => (Process: row.GetInt32(0), Phase: row.GetString(1), Percent: row.IsDBNull(2) ? (int?)null : row.GetInt32(2), WaitsFor: row.IsDBNull(3) ? (int?)null : (int)row.GetInt64(3)),
            cancellationToken,
            Ours.ToArray());
        foreach (var (process, phase, percent, waitsFor) in rows)
        {
            var part = percent is { } known ? string.Create(CultureInfo.InvariantCulture, $" {known} %") : "";
            var locker = waitsFor is { } other ? string.Create(CultureInfo.InvariantCulture, $" (session {other})") : "";
            if (_waits is { } waited && !phase.StartsWith("waiting for", StringComparison.Ordinal) && _ours.GetValueOrDefault(process) == waited)
            {
                // What was said would happen has happened.
                _waits = null;
                Call.Sink.Warning($"The transaction that the build of {waited} waited for has ended, and the build goes on.");
            }

            Call.Sink.Progress(new ProgressUpdate(Activity, $"{_ours.GetValueOrDefault(process, "")}: {phase}{part}{locker}", percent));
            if (phase.StartsWith("waiting for", StringComparison.Ordinal) && !_waitedFor.Contains(waitsFor))
            {
                await TellAsync(session, _ours.GetValueOrDefault(process, ""), waitsFor, cancellationToken);
            }
        }
    }

    // A bar names a phase; whoever waits wants to know for whom, and what happens if they do not want to.
    private async Task TellAsync(DatabaseSession session, string name, int? waitsFor, CancellationToken cancellationToken)
    {
        var others = await Obstacles.ReadAsync(session, [_table], Ours, WorthTelling, cancellationToken);
        if (others.FirstOrDefault(other => waitsFor is null ? other.ProcessId is null : other.ProcessId == waitsFor) is { } obstacle)
        {
            _waitedFor.Add(waitsFor);
            _waits = name;
            Call.Sink.Warning(
                $"The build of {name} waits until the transaction of another ends: {obstacle}. Then it goes on by itself. Ctrl+C ends it; as long as that transaction lasts, the unfinished index cannot be dropped either, and is left invalid for the next Optimize-DbQuery -Apply to drop.");
        }
    }
}
