using Maintenance.Engine.Alerts;
using Maintenance.Engine.Health;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Tasks;

/// <summary>
/// The watch over the system (guide S1), every minute or five: measures, evaluates the alert rules, tells people what is new of them, once, and keeps
/// what was measured. Its runs are recorded where something changed, else once a day: what was measured is in the samples.
/// </summary>
internal sealed class HealthMonitoringTask(HealthService health, AlertService alerts, HistoryService history) : IMaintenanceTask
{
    /// <summary>Name of the step that evaluates the rules.</summary>
    public const string RulesStep = "Alert rules";

    /// <summary>Name of the step that tells people.</summary>
    public const string TellStep = "Notifications";

    /// <summary>Name of the step that looks for runs that did not happen.</summary>
    public const string ExpectedStep = "Expected runs";

    private const string SamplesStep = "Samples";

    private static readonly TimeSpan ThinSpacing = TimeSpan.FromHours(1);

    /// <summary>A sample stands for so long at most: what was before that nobody has looked at.</summary>
    private static readonly TimeSpan LongestSpan = TimeSpan.FromHours(1);

    public string Name => "HealthMonitoring";

    public string Description => "Checks every part of the system, evaluates the alert rules and tells people what is new of them, once; keeps what was measured for -Replay.";

    public bool ChangesSystem => false;

    public string LockName => Name;

    public bool AnnouncesTroubleAlone => true;

    public string Announcement => "Tell on Default if the rules could not be evaluated, or runs that are expected did not happen; alerts are told in the step before";

    public string? OverallStep => HealthSteps.OverallStep;

    public string LogFolder => "health-logs";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(60);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) =>
    [
        .. HealthSteps.Plan(health, target),
        new(RulesStep, Say.Text($"Evaluate {Rules(target)}, and remember where they stand")),
        new(TellStep, target.Channels.Count == 0 ? "Nothing: no channel is configured" : "Tell what is new of the alerts, once, each on the channel of its rule"),
        .. target.Alerts.Expected.Count == 0 ? Array.Empty<PlannedStep>() : [new(ExpectedStep, $"See that {string.Join(", ", target.Alerts.Expected.Keys)} ran when expected")],
        new(SamplesStep, target.History.Kind == HistoryKind.None ? "Nothing: no history is kept" : "Keep the values; hourly: make those that are old coarser"),
    ];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        // The rules and the people have their share of the time, however slow the checks are.
        using var checking = new Deadline(context.Deadline.Remaining * 0.6, context.Time, cancellationToken);
        var measured = await health.MeasureNowAsync(context.Target, context.Call, checking, cancellationToken);
        var steps = new List<MaintenanceStep>(HealthSteps.Of(measured));
        foreach (var step in steps)
        {
            context.Report(step);
        }

        var evaluated = await TryAsync(RulesStep, async (startedAt, token) =>
        {
            var rules = AlertService.Rules(context.Target, []);
            var found = await alerts.EvaluateAsync(
                context.Target, rules, measured.System.Metrics, true, context.Call with { Timeout = context.Deadline.Remaining }, token);
            return (AlertSteps.Evaluated(found, AlertService.NotAsked(context.Target, rules, measured.System.Metrics), startedAt, context.Time.GetUtcNow() - startedAt), found);
        });
        var isTold = false;
        if (evaluated is not null)
        {
            var told = await TryAsync(TellStep, async (startedAt, token) =>
            {
                var results = context.Target.Channels.Count == 0 ? [] : await alerts.NotifyAsync(
                    context.Target, evaluated, null, null, context.Call with { Timeout = context.Deadline.Remaining }, token);
                return (AlertSteps.Told(context.Target, evaluated, results, startedAt, context.Time.GetUtcNow() - startedAt), results);
            });
            isTold = told is null or { Count: > 0 };
        }

        var missed = context.Target.Alerts.Expected.Count == 0 ? [] : await TryAsync(ExpectedStep, async (startedAt, token) =>
        {
            var late = await alerts.HeartbeatAsync(context.Target, Name, context.Call with { Timeout = context.Deadline.Remaining }, token);
            return (AlertSteps.Expected(context.Target, late, startedAt, context.Time.GetUtcNow() - startedAt), late);
        }) ?? [];
        var isNews = await KeepAsync(context, measured.System, steps);
        return new TaskOutcome(steps, measured.System.Metrics, [.. measured.System.Findings, .. missed])
        {
            IsNews = isNews || isTold,
            // What is recorded because alerts were told is no news beside them.
            Messages = isNews ? null : [],
        };

        async Task<T?> TryAsync<T>(string name, Func<DateTimeOffset, CancellationToken, Task<(MaintenanceStep Step, T Result)>> work)
            where T : class
        {
            var startedAt = context.Time.GetUtcNow();
            try
            {
                var (step, result) = await context.Deadline.RunAsync(name, token => work(startedAt, token));
                steps.Add(step);
                context.Report(step);
                return result;
            }
            catch (MaintenanceException exception)
            {
                steps.Add(AlertSteps.Failed(name, exception, startedAt, context.Time.GetUtcNow() - startedAt));
                return null;
            }
        }
    }

    // What rules have to say was told already. That they say nothing, and what did not run, is told here.
    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run)
    {
        var blind = run.Steps.Any(step => step is { Name: RulesStep, State: StepState.Failed });
        var steps = run.Steps.Where(step => step is { Name: RulesStep, State: StepState.Failed } || (step.Name == ExpectedStep && step.Status != HealthStatus.Ok)).ToList();
        return steps.Count == 0
            ? []
            :
            [
                new NotificationMessage
                {
                    Severity = steps.Max(step => step.Status),
                    Title = blind ? $"Nobody watches '{run.Target}': the alert rules could not be evaluated" : $"Runs of '{run.Target}' that were expected did not happen",
                    Text = RunTitle.Lines(steps),
                    Source = run.Task,
                },
            ];
    }

    private static string Rules(MaintenanceTarget target)
    {
        try
        {
            return Say.Count(AlertService.Rules(target, []).Count(rule => rule.IsEnabled), "rule", "rules");
        }
        catch (MaintenanceException)
        {
            return "the rules, of which some are wrong";
        }
    }

    /// <summary>Keeps what was measured, and says whether this run is one to record.</summary>
    private async Task<bool> KeepAsync(TaskContext context, SystemHealth system, List<MaintenanceStep> steps)
    {
        var startedAt = context.Time.GetUtcNow();
        if (history.StoreOf(context.Target, context.Call) is not { } store)
        {
            return !RunLogPath.HasRecent(context.Target, Name, startedAt - RunNews.AtMostEvery);
        }

        try
        {
            return await context.Deadline.RunAsync("Keeping what was measured", async token =>
            {
                var state = await SampleState.ReadAsync(store, context.Target.Name, token, SampleState.Health);
                var at = system.CollectedAt;
                var follows = state.Taken.TryGetValue(SampleKinds.Health, out var last) && last < at && at - last <= LongestSpan;
                // Two samples must not begin at once: one would take the place of the other.
                var from = follows ? last : at - SampleService.Spacing;
                await store.RecordAsync(new Sample(context.Target.Name, SampleKinds.Health, SampleResolution.Raw, from, at - from, HealthSamples.Payload(system.Metrics)), token);
                // After a gap of days this clock may be wrong, and all would seem too old: the next run tells.
                if (follows && state.IsDue(SampleService.ThinPart, ThinSpacing, at))
                {
                    await SampleThinner.ThinAsync(store, context.Target.Name, new HealthSamples(), context.Target.Performance, at, token);
                    state.Taken[SampleService.ThinPart] = at;
                }

                var told = RunNews.Of(state.Told, steps, at);
                state.Told = told ?? state.Told;
                state.Taken[SampleKinds.Health] = at;
                await state.WriteAsync(store, context.Target.Name, token, SampleState.Health);
                return told is not null;
            });
        }
        catch (MaintenanceException exception)
        {
            steps.Add(AlertSteps.Failed(SamplesStep, exception, startedAt, context.Time.GetUtcNow() - startedAt) with { Status = HealthStatus.Warning });
            return !RunLogPath.HasRecent(context.Target, Name, startedAt - RunNews.AtMostEvery);
        }
    }
}
