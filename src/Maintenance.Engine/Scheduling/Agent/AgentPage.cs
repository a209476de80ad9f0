using Maintenance.Engine.Database;
using Maintenance.Engine.Reporting;
using Quartz;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>The status page of an agent: what runs, on which agents, what ran, and the schedules of its targets. Names and messages are text, whatever is in them.</summary>
internal sealed class AgentPage(DatabaseConnector connector, ScheduleService schedules, TimeProvider time) : IDisposable
{
    /// <summary>How long a page is good for, at the least and at the most; between them ten times as long as it took. Many who look at it must not make work for the databases.</summary>
    private static readonly (TimeSpan Least, TimeSpan Most) Fresh = (TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));

    /// <summary>How long one target, or the job store, may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How long all targets may take: who looks at the page waits for it.</summary>
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(20);

    /// <summary>How many targets are asked at once.</summary>
    private const int AtOnce = 8;

    private const int Next = 1;

    private readonly SemaphoreSlim _writing = new(1);
    private (string Instance, DateTimeOffset At, TimeSpan Good, string Text)? _last;

    /// <summary>Writes it.</summary>
    public async Task<string> WriteAsync(AgentOptions options, string instance, AgentState state, IScheduler scheduler, CallContext call, CancellationToken cancellationToken)
    {
        _ = scheduler;
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_last is { } last && last.Instance == instance && now - last.At is var age && age >= TimeSpan.Zero && age < last.Good)
            {
                return last.Text;
            }

            var begun = time.GetTimestamp();
            var patient = call with { Timeout = Patience };
            var (tasks, gaps) = await ReadAsync(options, patient, cancellationToken);
            var cluster = await AgentCluster.ReadAsync(connector, options, instance, state, patient, time, cancellationToken);
            now = time.GetUtcNow();
            var text = HtmlReportWriter.Write([AgentReport.Of(options, instance, state, cluster, gaps, now), ScheduleReport.Of(tasks, now)], now);
            var good = 10 * time.GetElapsedTime(begun);
            _last = (instance, now, good < Fresh.Least ? Fresh.Least : good > Fresh.Most ? Fresh.Most : good, text);
            return text;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _writing.Dispose();

    private async Task<(IReadOnlyList<ScheduledTask> Tasks, IReadOnlyList<string> Gaps)> ReadAsync(AgentOptions options, CallContext call, CancellationToken cancellationToken)
    {
        var found = new IReadOnlyList<ScheduledTask>[options.Targets.Count];
        var gaps = new string?[options.Targets.Count];
        using var whole = new CancellationTokenSource(Whole, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(whole.Token, cancellationToken);
        await Parallel.ForEachAsync(Enumerable.Range(0, options.Targets.Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, _) =>
        {
            var target = options.Targets[i];
            try
            {
                either.Token.ThrowIfCancellationRequested();
                var rows = await schedules.ListAsync(target, Next, call, either.Token);
                found[i] = [.. rows.Where(row => options.Tasks.Count == 0 || options.Tasks.Contains(row.Task, StringComparer.OrdinalIgnoreCase))];
            }
            catch (Exception problem) when (problem is MaintenanceException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                (found[i], gaps[i]) = ([], $"The schedule of '{target.Name}' is not known: {(problem is MaintenanceException known && !whole.IsCancellationRequested ? known.Message : "there was no time left to read it.")}");
            }
        });
        return ([.. found.SelectMany(rows => rows)], [.. gaps.OfType<string>()]);
    }
}
