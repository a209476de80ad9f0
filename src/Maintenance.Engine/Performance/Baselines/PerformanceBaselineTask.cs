using Maintenance.Engine.Health;
using Maintenance.Engine.Reporting;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>The monthly baselines (guide S8): measured from every source, kept, told to the function, and compared with those before.</summary>
internal sealed class PerformanceBaselineTask(PerformanceBaselineService service) : IMaintenanceTask
{
    private const string Measure = "Measure";
    private const string Store = "Store";
    private const string Push = "Push";
    private const string Compare = "Compare";

    public string Name => "PerformanceBaseline";

    public string Description => "Measures what is usual, keeps it, and compares it with the baseline before.";

    // It writes nothing but this module's own records.
    public bool ChangesSystem => false;

    public string LockName => Name;

    public string Announcement => "Tell on Default what has become slower or faster, and what could not be determined";

    public string LogFolder => "performance-logs";

    // Guide S8: two to four hours. Reading a log of millions of requests takes minutes.
    public TimeSpan DefaultTimeout => TimeSpan.FromHours(4);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) =>
    [
        new PlannedStep(Measure, $"Measure what was usual in the last {Inspect.Say.Duration(target.Performance.BaselineWindow)}, without the times of maintenance"),
        new PlannedStep(Store, $"{(target.History.Kind == HistoryKind.None ? "Nothing in a history: none is kept" : $"Keep it in the {target.History.Kind} history")}; insert into {BaselineTable.Name} where that table exists"),
        .. target.Functions is null ? Array.Empty<PlannedStep>() : [new PlannedStep(Push, "Tell the function production-monitoring by update_baselines")],
        new PlannedStep(Compare, target.History.Kind == HistoryKind.None ? "Nothing: no earlier baseline is kept" : "Compare it with the baseline before"),
    ];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var (target, call) = (context.Target, context.Call with { Timeout = context.Deadline.Remaining });
        IReadOnlyList<PerformanceBaseline> before = [];
        MaintenanceException? unread = null;
        try
        {
            // One that was made within the window would be compared with itself, and a slow drift never be seen.
            before = await service.NewestAsync(target, context.Time.GetUtcNow() - target.Performance.BaselineWindow, null, call, cancellationToken);
        }
        catch (MaintenanceException exception)
        {
            unread = exception;
        }

        BaselineUpdate? update = null;
        IReadOnlyList<BaselineDrift> drifts = [];
        await TryAsync(context, Measure, async () =>
        {
            update = await service.MeasureAsync(target, new BaselineQuery(), call, cancellationToken);
            return update switch
            {
                { Baselines.Count: 0 } => (StepState.Done, HealthStatus.Unknown, $"Nothing could be measured. {string.Join(" ", update.Gaps.Select(gap => gap.Message))}"),
                { Gaps.Count: > 0 } => (StepState.Done, HealthStatus.Unknown, string.Join(" ", update.Gaps.Select(gap => gap.Message).Prepend(BaselineSteps.Say(update)))),
                _ => (StepState.Done, HealthStatus.Ok, BaselineSteps.Say(update)),
            };
        });
        var measured = update?.Baselines ?? [];
        await TryAsync(context, Store, async () => measured.Count == 0
            ? (StepState.Skipped, HealthStatus.Ok, "Nothing was measured, so nothing was stored.")
            : (StepState.Done, HealthStatus.Ok, string.Join(" ", await BaselineSteps.StoreAsync(service, target, update!, call, cancellationToken))));
        if (target.Functions is not null)
        {
            await TryAsync(context, Push, async () =>
            {
                if (!context.Approval.Counts)
                {
                    return (StepState.Deferred, HealthStatus.Ok, "The function is told once somebody has reviewed the baselines.");
                }

                await service.PushAsync(target, measured, call, cancellationToken);
                return (StepState.Done, HealthStatus.Ok, "The function has stored the baselines of the whole.");
            });
        }

        await TryAsync(context, Compare, () =>
        {
            if (unread is not null)
            {
                return unread.Code == MaintenanceErrorCode.NotConfigured
                    ? Task.FromResult((StepState.Skipped, HealthStatus.Unknown, "No history is kept (history.kind is None), so there is no earlier baseline, and whether anything has changed is not known."))
                    : throw unread;
            }

            if (before.Count == 0 || measured.Count == 0)
            {
                return Task.FromResult((StepState.Skipped, HealthStatus.Unknown, before.Count == 0
                    ? Inspect.Say.Text($"There is no baseline from before this window to compare with, so whether anything has changed is not known. This one can be compared with in {Inspect.Say.Duration(target.Performance.BaselineWindow)}.")
                    : "Nothing was measured, so whether anything has changed is not known."));
            }

            drifts = BaselineComparer.Compare(before, measured, new BaselineComparisonQuery().MinimumChangePercent, context.Time.GetUtcNow(), PerformanceBaselineService.MissingIn(update!));
            return Task.FromResult((StepState.Done, BaselineReport.StatusOf(drifts), BaselineReport.Say(drifts)));
        });

        var report = update is null ? null : BaselineReport.Of(update, drifts);
        var now = context.Time.GetUtcNow();
        return new TaskOutcome(context.Finished, Metrics(target, measured, now), [.. Gaps(update, target, now), .. BaselineReport.Findings(drifts)])
        {
            Documents = report is null ? [] :
            [
                new TaskDocument("BaselineReport", "performance-reports/baselines", "baseline", "html", HtmlReportWriter.Write([report], now)),
                new TaskDocument("BaselineReport", "performance-reports/baselines", "baseline", "md", MarkdownReportWriter.Write(report)),
            ],
        };
    }

    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run)
    {
        var issues = run.Steps.Where(step => step.Status != HealthStatus.Ok).OrderByDescending(step => step.Status).ToList();
        var compared = run.Steps.FirstOrDefault(step => step.Name == Compare && step.Status == HealthStatus.Ok);
        return
        [
            new NotificationMessage
            {
                Severity = run.Status,
                Title = RunTitle.Of(run, issues),
                Text = string.Join('\n', new[] { RunTitle.Lines(issues), compared?.Message }.Where(line => !string.IsNullOrEmpty(line))),
                Source = run.Task,
            },
        ];
    }

    // The whole, in the words of the thresholds where they have limits for it; operations are text from users and stay in the report.
    private static List<Metric> Metrics(MaintenanceTarget target, IReadOnlyList<PerformanceBaseline> baselines, DateTimeOffset now)
    {
        var factory = new MetricFactory(target, now);
        return
        [
            .. baselines.Where(baseline => baseline.Subject is null).Select(baseline => factory.Create($"baseline_{baseline.Metric}", baseline.Mean, unit: baseline.Unit) with
            {
                Labels = new Dictionary<string, string> { ["source"] = baseline.Source.ToString() },
            }),
        ];
    }

    private static IEnumerable<Finding> Gaps(BaselineUpdate? update, MaintenanceTarget target, DateTimeOffset now) => (update?.Gaps ?? []).Select(gap => new Finding
    {
        Id = "PERFORMANCE-BASELINE-MISSING",
        Area = "Performance",
        Severity = FindingSeverity.Low,
        Outcome = gap.Error == MaintenanceErrorCode.PermissionDenied ? FindingOutcome.NotPermitted : FindingOutcome.Unknown,
        Subject = gap.Source.ToString(),
        Message = gap.Message,
        Recommendation = gap.Recommendation,
        Evidence = new Dictionary<string, object?> { ["Error"] = gap.Error.ToString() },
        Target = target.Name,
        CollectedAt = now,
    });

    private static async Task TryAsync(TaskContext context, string name, Func<Task<(StepState State, HealthStatus Status, string Message)>> work)
    {
        var startedAt = context.Time.GetUtcNow();
        MaintenanceStep step;
        try
        {
            var (state, status, message) = await context.Deadline.RunAsync($"The step {name}", _ => work());
            step = new MaintenanceStep { Name = name, State = state, Status = status, Message = message, StartedAt = startedAt };
        }
        catch (MaintenanceException exception)
        {
            step = new MaintenanceStep
            {
                Name = name, State = StepState.Failed, Status = HealthStatus.Unknown, Message = exception.Message, Error = exception.Code, Recommendation = exception.Recommendation, StartedAt = startedAt,
            };
        }

        context.Report(step with { Duration = context.Time.GetUtcNow() - startedAt });
    }
}
