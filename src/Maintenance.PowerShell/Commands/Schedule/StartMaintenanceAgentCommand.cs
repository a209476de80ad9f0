using System.Management.Automation;
using System.Runtime.InteropServices;
using Maintenance.Completion;
using Maintenance.Engine.Scheduling;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Runs the maintenance matrix by itself: an agent that starts each task when its time comes, alone or as one of several that share the work.</summary>
/// <remarks>
/// <para>Use it where no other scheduler is: in a terminal, as a systemd unit or as a container (module/agent has both). It runs what Get-MaintenanceSchedule lists, and
/// writes each run as Invoke-MaintenanceTask does, until it is asked to end (Ctrl+C, SIGTERM) or its -Duration is over. Tasks that want a person's approval plan, and
/// tell that they wait, as there. Where nothing is scheduled it does not begin.</para>
/// <para>Without -JobStore it is alone, and what it knows is gone with it. With -JobStore the agents of a cluster share their work in the database of that target (schema
/// maintenance_agent): each run is started by one of them, an agent that dies is noticed within some 20 seconds, and more agents do more work at once. All agents of a cluster
/// need the same targets and configuration. Clusters of different names on one database know nothing of each other.</para>
/// <para>A task never runs twice at once on a target: within the cluster by its job store, beyond it by the lock in the target's database. What changes the system starts inside
/// the target's maintenance windows alone. A run that could not start for 15 minutes, as no agent was there or all were busy, is missed: one that only looks is made up for once,
/// one that changes the system waits for its next time.</para>
/// <para>Asked to end, it takes no more work and lets runs go on for -DrainTimeout; what is not over then is cancelled, and recorded so. After Ctrl+C
/// PowerShell takes no output any more: what ends then is on record and in the log, and a warning where it is not Ok. With -TimeoutSeconds
/// it ends so early that the whole call, with what is left to run, takes no longer: at most a third of that time is kept for the end. A run whose agent died is on record as Unknown, unless its
/// own record shows that it was over; -OnLost says what becomes of it.</para>
/// <para>-Port gives http://127.0.0.1:PORT/healthz, /metrics (Prometheus) and the status page at /, for programs of this machine alone, read-only. Its log is a file of JSON lines
/// for each day, beside the logs of runs; -Verbose names it.</para>
/// <para>Privileges: those of the tasks that it runs; in the job store's database CREATE on the database once, and then the tables of its own schema. It
/// changes nothing itself but its job store; what its tasks change, Invoke-MaintenanceTask says.</para>
/// </remarks>
/// <example>
/// <code>Start-MaintenanceAgent</code>
/// <para>Runs the matrix of the connected target until Ctrl+C.</para>
/// </example>
/// <example>
/// <code>Get-MaintenanceTarget | Start-MaintenanceAgent -JobStore operations -Port 9469</code>
/// <para>Runs as one of several agents for all connected targets; the same command on another machine adds one.</para>
/// </example>
/// <example>
/// <code>Start-MaintenanceAgent -JobStore staging -TimeScale 60 -Duration 2m</code>
/// <para>Tries it out: an hour of the schedule goes by in each minute.</para>
/// </example>
/// <example>
/// <code>Start-MaintenanceAgent -Task HealthMonitoring, PerformanceMetrics -Duration 1h | Where-Object Status -ne Ok</code>
/// <para>Watches for an hour, and shows the runs that found something.</para>
/// </example>
/// <seealso cref="GetMaintenanceScheduleCommand"/>
/// <seealso cref="InvokeMaintenanceTaskCommand"/>
/// <seealso cref="GetMaintenanceHistoryCommand"/>
[Cmdlet(VerbsLifecycle.Start, "MaintenanceAgent", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(MaintenanceRun))]
public sealed class StartMaintenanceAgentCommand : TargetCmdlet
{
    private readonly List<MaintenanceTarget> _targets = [];

    /// <summary>Names of the tasks to run; wildcards are allowed. Default: all that are scheduled.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TaskCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Task { get; set; } = [];

    /// <summary>The target in whose database the agents of a cluster share their work. Default: none, an agent alone.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNull]
    public TargetArgument? JobStore { get; set; }

    /// <summary>Name of the cluster: agents of one name on one database share the work. It needs -JobStore. Default: maintenance.</summary>
    [Parameter]
    [ValidatePattern(@"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\z")]
    public string Cluster { get; set; } = "maintenance";

    /// <summary>Name of this agent, unique in its cluster. Default: made of the machine, the process and a random part.</summary>
    [Parameter]
    [ValidatePattern(@"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\z")]
    public string? Instance { get; set; }

    /// <summary>How many runs at once. Each has a few connections at the most. Default: four for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 4 * Environment.ProcessorCount;

    /// <summary>How long runs may go on once the agent is asked to end: a TimeSpan, 90s, 5m. Then they are cancelled. Default: 1 minute.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Port on the loopback address for health, metrics and the status page; 0 takes any free one. Default: none.</summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int? Port { get; set; }

    /// <summary>For trying out: divides the time between runs by so much, to a second at the least, and five minutes for PerformanceMetrics. Days and windows do not count then, and every scheduled task comes once as it begins. Default: 1, the schedule as it is.</summary>
    [Parameter]
    public double TimeScale { get; set; } = 1;

    /// <summary>How long to run: a TimeSpan, 10m, 8h. Default: until asked to end.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Duration]
    public TimeSpan? Duration { get; set; }

    /// <summary>
    /// What becomes of a run whose agent died: RunAgainIfHarmless (at once, unless the task changes the system), RunAgain (at once), or Report (when its time comes next).
    /// Default: RunAgainIfHarmless.
    /// </summary>
    [Parameter]
    public LostRunPolicy OnLost { get; set; }

    /// <inheritdoc/>
    protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        // Those who each begin one of a cluster would believe that they share the work, and everything would run twice.
        if (JobStore is null && MyInvocation.BoundParameters.ContainsKey(nameof(Cluster)))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"The cluster '{Cluster}' has no job store: without -JobStore an agent is alone, whatever its cluster is called.",
                "Name with -JobStore the target in whose database the agents of the cluster share their work; for an agent alone, leave -Cluster out.");
        }

        await base.BeginAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        // The same target twice, as 'p', 'p' | names it, is one to maintain.
        if (!_targets.Any(known => ReferenceEquals(known, target)) && await ShouldProcessAsync(target.Name, $"Run the scheduled tasks {(Task.Length == 0 ? "" : $"{string.Join(", ", Task)} ")}when their time comes"))
        {
            _targets.Add(target);
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_targets.Count == 0)
        {
            return;
        }

        var jobStore = JobStore?.Resolve(Session);
        var limits = Within(TimeoutSeconds > 0 ? TimeSpan.FromSeconds(TimeoutSeconds) : null, Duration, DrainTimeout);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            // The runs are let go on first; the process ends when this cmdlet has.
            signal.Cancel = true;
            try
            {
                _ = ending.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It came while the cmdlet was ending already.
            }
        });
        var options = new AgentOptions
        {
            Targets = _targets,
            Tasks = [.. TaskNames()],
            JobStore = jobStore,
            Cluster = Cluster,
            Instance = Instance,
            MaximumConcurrency = ThrottleLimit,
            DrainTimeout = limits.Drain,
            Port = Port,
            TimeScale = TimeScale,
            Duration = limits.Duration,
            OnLost = OnLost,
        };
        // Each run has the limit of its task.
        await Engine.Agents.RunAsync(options, TellAsync, run => WriteObjectAsync(run), Call with { Timeout = null }, ending.Token);
    }

    // How long the agent takes work, and how long runs may go on then: a third of the whole time at the most is for the end.
    private static (TimeSpan? Duration, TimeSpan Drain) Within(TimeSpan? whole, TimeSpan? duration, TimeSpan drain)
    {
        if (whole is not { } limit)
        {
            return (duration, drain);
        }

        var end = drain < limit / 3 ? drain : limit / 3;
        var work = limit - end;
        return (duration is { } asked && asked < work ? asked : work, end);
    }

    // A pattern means what is scheduled; a name also what is not, for it to be told.
    private IEnumerable<string> TaskNames()
    {
        var scheduled = Task.All(Wildcards.IsPlain) ? [] : _targets.SelectMany(ScheduleService.TasksOf).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        foreach (var name in Task)
        {
            if (Wildcards.IsPlain(name))
            {
                yield return name;
                continue;
            }

            var fits = scheduled.Where(Wildcards.Matcher(name)).ToList();
            if (fits.Count == 0)
            {
                throw new MaintenanceException(MaintenanceErrorCode.TaskNotFound, $"No scheduled task has a name like '{name}'.", $"Scheduled are: {string.Join(", ", scheduled)}.");
            }

            foreach (var fit in fits)
            {
                yield return fit;
            }
        }
    }

    private async Task TellAsync(AgentInfo agent)
    {
        var place = agent.Endpoint is { } endpoint ? $" It tells how it is at {endpoint}." : "";
        await WriteInformationAsync($"The agent {agent.Instance} has begun{(agent.Cluster is { } cluster ? $" in the cluster '{cluster}'" : "")}.{place} Ctrl+C ends it.");
        Call.Sink.Verbose($"Its log is {agent.LogPath}.");
    }
}
