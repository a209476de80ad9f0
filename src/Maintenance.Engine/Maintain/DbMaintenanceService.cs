using System.Runtime.CompilerServices;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Maintain;

/// <summary>Database maintenance as a whole: what it would do, and doing it with answers from whoever asks.</summary>
public sealed class DbMaintenanceService
{
    private static readonly TimeSpan PlanningTimeout = TimeSpan.FromMinutes(5);

    private readonly DbMaintenanceParts _parts;
    private readonly TaskService _tasks;
    private readonly TimeProvider _time;

    internal DbMaintenanceService(DbMaintenanceParts parts, TaskService tasks, TimeProvider time)
    {
        _parts = parts;
        _tasks = tasks;
        _time = time;
    }

    /// <summary>What would be done now, part by part. Changes nothing, and takes no lock.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">What to do, and within which limits.</param>
    /// <param name="call">What the call brings along; its timeout is the time that the plan must fit.</param>
    /// <param name="cancellationToken">Ends the planning.</param>
    /// <exception cref="MaintenanceException">What the server reports.</exception>
    public async IAsyncEnumerable<DbAction> PreviewAsync(
        MaintenanceTarget target, DbMaintenanceOptions options, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var task = new DbMaintenanceTask(DbMaintenanceTask.Alone, _parts, options);
        using var deadline = new Deadline(call.Timeout ?? task.DefaultTimeout, _time, cancellationToken);
        using var planning = new Deadline(PlanningTimeout, _time, deadline.Token);
        await foreach (var action in planning.WatchAsync(task.PreviewAsync(new TaskContext(target, call, deadline, _time)), "Planning"))
        {
            yield return action;
        }
    }

    /// <summary>Does it, as a run that is logged and recorded. People are not told: whoever asks for it by name is there.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">What to do, and within which limits.</param>
    /// <param name="confirm">Asks whether an action is to be done.</param>
    /// <param name="call">What the call brings along; its timeout is that of the whole run, 2 h if it has none.</param>
    /// <param name="cancellationToken">Ends the work on the server too; what was done is recorded.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, OutsideWindow, NotConfigured.</exception>
    public Task<MaintenanceRun> RunAsync(
        MaintenanceTarget target, DbMaintenanceOptions options, Func<DbAction, Task<bool>> confirm, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _tasks.RunAsync(target, new DbMaintenanceTask(DbMaintenanceTask.Alone, _parts, options, confirm, announce: false), new TaskRequest { Force = options.Force }, call, cancellationToken);
    }
}
