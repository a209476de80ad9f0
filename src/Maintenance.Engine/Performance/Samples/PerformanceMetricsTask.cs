using Maintenance.Engine.Health;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Reporting.Plots;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>The five-minute sample (guide S2): measures, keeps, judges. Its runs are told and recorded where something changed, else once a day.</summary>
/// <param name="samples">What takes the samples.</param>
internal sealed class PerformanceMetricsTask(SampleService samples) : IMaintenanceTask
{
    private const string HistoryPart = "Samples";
    private const string DatabasePart = "Database";
    private const string DuePart = "Sampling";

    public string Name => "PerformanceMetrics";

    public string Description => "Samples sizes, sessions, throughput, query and response times into the history, for trends and baselines; tells people only of changes for the worse.";

    public bool ChangesSystem => false;

    public string LockName => Name;

    public bool AnnouncesTroubleAlone => true;

    public string Announcement => "Tell on Default what is wrong, once it begins or changes, and once a day while it lasts";

    public string LogFolder => "performance-logs";

    // Guide S2: less than thirty seconds.
    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(30);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) =>
    [
        new(MetricSampler.SizePart, "Sizes of the databases, ages of transaction ids"),
        new(MetricSampler.SessionPart, "Connections and what they do, who waits, the oldest transaction"),
        new(MetricSampler.ThroughputPart, "Transactions, cache, deadlocks, temporary files and write-ahead log since the sample before"),
        new(MetricSampler.StatementPart, "Query times since the sample before, from pg_stat_statements"),
        new(RequestSampler.RequestPart, target.Functions is null ? "Response times from the log of requests, if there is one" : "Ask production-monitoring for response times, and where it does not answer read the log of requests"),
        new(RequestSampler.BandwidthPart, target.Functions is null ? "Nothing: no function is configured that could tell" : "Hourly: ask database-scalability for the bandwidth"),
        new(TableSampler.PartName, "Hourly: sizes of tables"),
        new(KeySampler.PartName, "Hourly: how far sequences and integer keys have come"),
        new(SampleService.ThinPart, $"Hourly: samples older than {Say.Duration(target.Performance.KeepRawSamples)} become hours, after {Say.Duration(target.Performance.KeepHourlySamples)}, days; after {Say.Duration(target.Performance.KeepDailySamples)} they are forgotten"),
    ];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var startedAt = context.Time.GetUtcNow();
        if (context.Target.Database is null)
        {
            throw new MaintenanceException(MaintenanceErrorCode.NotConfigured, $"The target '{context.Target.Name}' has no database to sample.", "Configure database in maintenance.json.");
        }

        if (samples.StoreOf(context.Target, context.Call) is not { } store)
        {
            return Alone(context, Failed(context, HistoryPart, startedAt, new MaintenanceException(
                MaintenanceErrorCode.NotConfigured,
                $"The target '{context.Target.Name}' keeps no history (history.kind is None), so there is nowhere to keep samples.",
                "Set history.kind to Sqlite or Postgres in maintenance.json.")));
        }

        SampleState state;
        try
        {
            state = await context.Deadline.RunAsync("Reading the history", token => SampleState.ReadAsync(store, context.Target.Name, token));
        }
        catch (MaintenanceException exception)
        {
            return Alone(context, Failed(context, HistoryPart, startedAt, exception));
        }

        var lastSample = state.Taken.TryGetValue(SampleKinds.Metrics, out var last) ? last : (DateTimeOffset?)null;
        var factory = new MetricFactory(context.Target, startedAt);
        var metrics = new List<Metric>();
        var steps = new List<MaintenanceStep>();
        await TryAsync(DatabasePart, async token =>
        {
            var isDue = state.IsDue(SampleKinds.Metrics, SampleService.Spacing, startedAt);
            var parts = await samples.TakeAsync(context.Target, store, state, context.Call, token);
            if (!isDue)
            {
                // The figures were not looked at, so nothing is known to be well, whatever else was tried again. It is no news either.
                Add(Step(context, DuePart, startedAt, HealthStatus.Unknown, NotDue(state, startedAt)) with { State = StepState.Skipped });
            }

            foreach (var part in parts)
            {
                var judged = part.Figures.Select(figure => factory.Create(figure.Key.Name, figure.Value, unit: figure.Key.Unit)).ToList();
                metrics.AddRange(judged);
                Add(Judge(context, part, judged, startedAt));
            }
        });
        await TryAsync(SampleService.ThinPart, async token =>
        {
            if (await samples.ThinAsync(context.Target, store, state, lastSample, token) is { } part)
            {
                Add(Judge(context, part, [], startedAt));
            }
        });

        var told = steps.Exists(step => step.Name == DuePart) ? null : RunNews.Of(state.Told, steps, startedAt);
        var isNews = told is not null;
        state.Told = told ?? state.Told;
        await TryAsync(HistoryPart, async token => await state.WriteAsync(store, context.Target.Name, token));
        return new TaskOutcome(steps, metrics, []) { IsNews = isNews || steps.Exists(step => step.Name == HistoryPart), Summary = Summary(steps, metrics) };

        void Add(MaintenanceStep step)
        {
            steps.Add(step);
            context.Report(step);
        }

        async Task TryAsync(string part, Func<CancellationToken, Task> work)
        {
            try
            {
                await context.Deadline.RunAsync($"Sampling ({part})", async token =>
                {
                    await work(token);
                    return true;
                });
            }
            catch (MaintenanceException exception)
            {
                Add(Failed(context, part, startedAt, exception));
            }
        }
    }

    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run)
    {
        var issues = run.Steps.Where(step => step.Status != HealthStatus.Ok).OrderByDescending(step => step.Status).ToList();
        return issues.Count == 0
            ? []
            : [new NotificationMessage { Severity = run.Status, Title = RunTitle.Of(run, issues), Text = RunTitle.Lines(issues), Source = run.Task }];
    }

    private static string NotDue(SampleState state, DateTimeOffset now)
    {
        var (last, due) = (state.Taken.GetValueOrDefault(SampleKinds.Metrics, now), state.DueAt(SampleKinds.Metrics, SampleService.Spacing) ?? now);
        return Say.Text($"No figure was taken: the last sample is of {last.UtcDateTime:HH:mm:ss} UTC, {Say.Duration(now - last)} ago, and the next is not due before {due.UtcDateTime:HH:mm:ss} UTC.");
    }

    /// <summary>What came of a run in which nothing is wrong: how many figures there are, and which parts have none, and why.</summary>
    private static string Summary(List<MaintenanceStep> steps, List<Metric> metrics)
    {
        var without = steps.Where(step => step.State == StepState.Skipped).GroupBy(step => step.Message).Select(group => $"{string.Join(", ", group.Select(step => step.Name))}: {group.Key}");
        return string.Join(' ', without.Prepend(metrics.Count == 0
            ? $"no figure was taken; {Say.Count(steps.Count(step => step.State == StepState.Done), "other part was", "other parts were")} done."
            : $"{Say.Count(metrics.Count, "figure", "figures")} stored, none past its limit."));
    }

    // Without a memory the log of an hour ago is all that keeps people from being told every five minutes.
    private TaskOutcome Alone(TaskContext context, MaintenanceStep step)
    {
        context.Report(step);
        return new TaskOutcome([step], [], []) { IsNews = !RunLogPath.HasRecent(context.Target, Name, context.Time.GetUtcNow() - RunNews.AtMostEvery) };
    }

    private static MaintenanceStep Judge(TaskContext context, SamplePart part, List<Metric> metrics, DateTimeOffset startedAt)
    {
        var worst = metrics.Where(metric => metric.Status != HealthStatus.Ok).OrderByDescending(metric => metric.Status).ToList();
        string?[] sentences =
        [
            .. worst.Select(metric => Say.Text($"{Title(metric.Name)}: {Value(metric)}.")),
            part.Problem?.Message,
            part.Absent,
            part.Later,
            part.Note,
        ];
        var said = sentences.OfType<string>().ToList();
        if (metrics.Count > 0 && worst.Count == 0 && part.Problem is null)
        {
            said.Insert(0, string.Join(", ", metrics.Take(4).Select(metric => $"{Title(metric.Name)} {Value(metric)}")) + ".");
        }

        // Part of it is missing: Warning while others were measured, Unknown where nothing was, though it comes with the next run.
        var status = metrics.Select(metric => metric.Status).DefaultIfEmpty(HealthStatus.Ok).Max();
        var problem = part.Problem is null && part.Later is null ? HealthStatus.Ok : metrics.Count > 0 || part.Note is not null ? HealthStatus.Warning : HealthStatus.Unknown;
        return Step(context, part.Name, startedAt, status > problem ? status : problem, said.Count > 0 ? string.Join(' ', said) : "Nothing happened that could be measured, so there is no figure.") with
        {
            // What took no figure and did nothing else was skipped, whatever the reason.
            State = part.Problem is null or { Code: MaintenanceErrorCode.NotConfigured } && metrics.Count == 0 && part.Note is null ? StepState.Skipped : problem == HealthStatus.Unknown ? StepState.Failed : StepState.Done,
            Error = part.Problem?.Code,
            Recommendation = part.Problem?.Recommendation,
        };
    }

    private static string Title(string name) => SampledMetrics.All.FirstOrDefault(metric => metric.Name == name)?.Title ?? name;

    // As the reports write it: of a few requests an hour none a second would be left.
    private static string Value(Metric metric) => metric.Unit == MetricUnit.Seconds ? Say.Duration(TimeSpan.FromSeconds(metric.Value!.Value)) : FigureScale.Text(metric.Unit, metric.Value);

    private static MaintenanceStep Failed(TaskContext context, string name, DateTimeOffset startedAt, MaintenanceException problem) =>
        Step(context, name, startedAt, HealthStatus.Unknown, problem.Message) with { State = StepState.Failed, Error = problem.Code, Recommendation = problem.Recommendation };

    private static MaintenanceStep Step(TaskContext context, string name, DateTimeOffset startedAt, HealthStatus status, string message) => new()
    {
        Name = name,
        State = StepState.Done,
        Status = status,
        Message = RunLog.OneLine(message),
        StartedAt = startedAt,
        Duration = context.Time.GetUtcNow() - startedAt,
    };
}
