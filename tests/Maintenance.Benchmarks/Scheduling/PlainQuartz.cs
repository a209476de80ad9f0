using System.Globalization;
using Npgsql;
using Quartz;
using Quartz.Extensibility;

namespace Maintenance.Benchmarks.Scheduling;

/// <summary>The scheduler below the agent by itself, with jobs that do nothing: what the agent costs on top is ours.</summary>
/// <param name="concurrency">How many jobs at once.</param>
internal sealed class PlainQuartz(int concurrency)
{
    /// <summary>Fires each of so many jobs once, and gives the time from the first one's beginning to the last one's end.</summary>
    /// <param name="count">How many jobs.</param>
    /// <param name="connectionString">Database of the job store, in a schema of its own; null for memory.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<TimeSpan> RunAsync(int count, string? connectionString, CancellationToken cancellationToken)
    {
        var counter = new Counter(count);
        var scheduler = await QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = Guid.NewGuid().ToString("n")[..12];
                scheduler.InstanceId = "1";
            });
            quartz.UseDefaultThreadPool(concurrency);
            quartz.UseJobFactory(counter);
            if (connectionString is null)
            {
                quartz.UseInMemoryStore(_ => { });
            }
            else
            {
                quartz.UsePersistentStore(persistent =>
                {
                    persistent.UsePostgres(NpgsqlFactory.Instance, connectionString);
                    persistent.UseSystemTextJsonSerializer(_ => { });
                    persistent.ProvisionSchema();
                    persistent.UseClustering(_ => { });
                });
            }
        }).BuildScheduler(cancellationToken);
        await scheduler.ScheduleJobs(
            Enumerable.Range(1, count).ToDictionary(
                number => JobBuilder.Create<Nothing>().WithIdentity(number.ToString(CultureInfo.InvariantCulture)).DisallowConcurrentExecution().RequestRecovery().Build(),
                number => (IReadOnlyCollection<ITrigger>)[TriggerBuilder.Create().WithIdentity(number.ToString(CultureInfo.InvariantCulture)).StartNow().Build()]),
            ScheduleJobOptions.Replacing,
            cancellationToken);
        await scheduler.Start(cancellationToken);
        await counter.Done.WaitAsync(cancellationToken);
        await scheduler.Shutdown(waitForJobsToComplete: true, cancellationToken);
        return counter.Elapsed;
    }

    private sealed class Nothing(Counter counter) : IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
        {
            counter.Count();
            return default;
        }
    }

    private sealed class Counter(int left) : IJobFactory
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = left;
        private long _first;

        public Task Done => _done.Task;

        public TimeSpan Elapsed { get; private set; }

        public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken = default) => new(new JobScope(new Nothing(this), null));

        public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken = default) => default;

        public void Count()
        {
            _ = Interlocked.CompareExchange(ref _first, TimeProvider.System.GetTimestamp(), 0);
            if (Interlocked.Decrement(ref _left) == 0)
            {
                Elapsed = TimeProvider.System.GetElapsedTime(_first);
                _done.TrySetResult();
            }
        }
    }
}
