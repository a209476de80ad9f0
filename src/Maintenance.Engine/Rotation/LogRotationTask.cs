using Maintenance.Engine.Inspect;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Rotation;

/// <summary>The hourly rotation of a target's logs (guide S3): a step for each rule. It touches no database and runs without one.</summary>
/// <param name="rotation">What does it.</param>
internal sealed class LogRotationTask(LogRotationService rotation) : IMaintenanceTask
{
    public string Name => "LogRotation";

    public string Description => "Compresses, moves and deletes logs and published logs as they grow old; tells people only of trouble.";

    // Logs are no part of the system that windows protect, and each folder has a lock of its own.
    public bool ChangesSystem => false;

    public bool Checks => false;

    public string? LockName => null;

    public bool AnnouncesTroubleAlone => true;

    public string LogFolder => "rotation-logs";

    // Guide S3: less than two minutes.
    public TimeSpan DefaultTimeout => TimeSpan.FromMinutes(2);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) =>
        [.. Named(target).Select(rule => new PlannedStep(rule.Name, LogRotationRules.Describe(rule.Rule)))];

    // Every hour of every day: what went as planned is in the history for whoever asks.
    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run)
    {
        var issues = run.Steps.Where(step => step.Status != HealthStatus.Ok).OrderByDescending(step => step.Status).ToList();
        return issues.Count == 0
            ? []
            : [new NotificationMessage { Severity = run.Status, Title = RunTitle.Of(run, issues), Text = RunTitle.Lines(issues), Source = run.Task }];
    }

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var total = new Tally();
        foreach (var (name, rule) in Named(context.Target))
        {
            context.Call.Sink.Progress(new ProgressUpdate($"{Name} on {context.Target.Name}", name));
            var tally = new Tally();
            context.Report(await TryAsync(name, rule, tally, context));
            total.Add(tally);
        }

        return new TaskOutcome(context.Finished, total.Metrics(context.Target, context.Time.GetUtcNow()), []);
    }

    // Two rules for one place are told apart by a number.
    private static List<(string Name, LogRotationRule Rule)> Named(MaintenanceTarget target)
    {
        var named = new List<(string Name, LogRotationRule Rule)>();
        foreach (var rule in LogRotationRules.For(target))
        {
            var name = RunLog.OneLine(LogRotationRules.Name(rule));
            var same = named.Count(other => LogRotationRules.Name(other.Rule) == LogRotationRules.Name(rule));
            named.Add((same == 0 ? name : Say.Text($"{name} #{same + 1}"), rule));
        }

        return named;
    }

    private async Task<MaintenanceStep> TryAsync(string name, LogRotationRule rule, Tally tally, TaskContext context)
    {
        var startedAt = context.Time.GetUtcNow();
        MaintenanceStep Step(StepState state, HealthStatus status, string message, MaintenanceException? problem = null) => new()
        {
            Name = name,
            State = state,
            Status = status,
            Message = RunLog.OneLine(message),
            Error = problem?.Code,
            Recommendation = problem?.Recommendation,
            StartedAt = startedAt,
            Duration = context.Time.GetUtcNow() - startedAt,
        };

        try
        {
            var pass = await context.Deadline.RunAsync(name, _ => rotation.BeginAsync(context.Target, rule, context.Call, context.Deadline));
            using var alone = rotation.LockFor(context.Target, rule);
            await foreach (var record in context.Deadline.WatchAsync(pass.RunAsync(_ => Task.FromResult(true), context.Deadline.Token), name))
            {
                tally.Add(record);
            }

            var trouble = tally.Trouble ?? pass.Shortfall;
            return Step(
                StepState.Done,
                trouble is null ? HealthStatus.Ok : HealthStatus.Warning,
                $"{pass.Missing ?? tally.Describe(pass.Seen)}{(trouble is null ? "" : $" {trouble}")}",
                tally.FirstProblem);
        }
        catch (MaintenanceException problem) when (problem.Code == MaintenanceErrorCode.AlreadyRunning)
        {
            return Step(StepState.Skipped, HealthStatus.Ok, problem.Message, problem);
        }
        catch (MaintenanceException problem) when (problem.Code == MaintenanceErrorCode.DeadlineExceeded)
        {
            // The oldest came first; the next hour goes on from here.
            return Step(StepState.Deferred, HealthStatus.Warning, $"{problem.Message} {tally.Describe(null)} The rest comes first next time.", problem);
        }
        catch (MaintenanceException problem)
        {
            return Step(StepState.Failed, HealthStatus.Unknown, tally.Count == 0 ? problem.Message : $"{problem.Message} Before that: {tally.Describe(null)}", problem);
        }
    }

    /// <summary>What was done, in figures.</summary>
    private sealed class Tally
    {
        private int _compressed;
        private int _moved;
        private int _deleted;
        private int _leftAlone;
        private int _failed;
        private long _freed;
        private LogRotation? _firstFailure;

        public int Count => _compressed + _moved + _deleted + _leftAlone + _failed;

        public MaintenanceException? FirstProblem => _firstFailure is { Error: { } error } ? new MaintenanceException(error, _firstFailure.Message, _firstFailure.Recommendation ?? "") : null;

        public string? Trouble => _firstFailure is null ? null : $"{Say.Count(_failed, "file", "files")} could not be rotated, first {_firstFailure.Name}: {_firstFailure.Message}";

        public void Add(LogRotation record)
        {
            switch (record.State, record.Action)
            {
                case (StepState.Failed or StepState.Deferred, _):
                    _failed++;
                    _firstFailure ??= record;
                    break;
                case (StepState.Done, LogRotationAction.Compress):
                    _compressed++;
                    break;
                case (StepState.Done, LogRotationAction.Tier):
                    _moved++;
                    break;
                case (StepState.Done, _):
                    _deleted++;
                    break;
                default:
                    _leftAlone++;
                    break;
            }

            _freed += record.Reclaimed ?? 0;
        }

        public void Add(Tally other)
        {
            _compressed += other._compressed;
            _moved += other._moved;
            _deleted += other._deleted;
            _leftAlone += other._leftAlone;
            _failed += other._failed;
            _freed += other._freed;
        }

        public string Describe(int? seen)
        {
            string?[] parts =
            [
                _compressed > 0 ? $"{_compressed} compressed" : null,
                _moved > 0 ? $"{_moved} moved" : null,
                _deleted > 0 ? $"{_deleted} deleted" : null,
                _leftAlone > 0 ? $"{_leftAlone} left alone" : null,
            ];
            var done = string.Join(", ", parts.OfType<string>());
            var all = seen is { } count ? $"{Say.Count(count, "file", "files")}: " : "";
            return done.Length == 0 ? $"{all}nothing {(_failed > 0 ? "else " : "")}was due." : $"{all}{done}, {Say.Size(_freed)} freed.";
        }

        public IReadOnlyList<Metric> Metrics(MaintenanceTarget target, DateTimeOffset now)
        {
            Metric Of(string name, double value, MetricUnit unit = MetricUnit.Count) => new() { Name = name, Value = value, Unit = unit, ObservedAt = now, Target = target.Name };
            return
            [
                Of("logs_compressed", _compressed),
                Of("logs_moved", _moved),
                Of("logs_deleted", _deleted),
                Of("logs_failed", _failed),
                Of("logs_freed_bytes", _freed, MetricUnit.Bytes),
            ];
        }
    }
}
