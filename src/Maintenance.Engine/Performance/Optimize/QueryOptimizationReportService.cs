using System.Globalization;
using System.Text;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Reporting;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>Finds the statements that take long in a target.</summary>
internal delegate Task<IReadOnlyList<SlowQuery>> SlowQuerySource(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken);

/// <summary>Makes the report of slow statements and what would help, and publishes it (guide Q4).</summary>
public sealed class QueryOptimizationReportService
{
    private const string Container = "performance-reports";
    private const string Name = "query-optimization";

    private readonly OptimizationService _optimization;
    private readonly SlowQuerySource _slow;
    private readonly ArtifactService _artifacts;
    private readonly NotificationService _notifications;
    private readonly ReportService _reports;
    private readonly TimeProvider _time;

    internal QueryOptimizationReportService(
        OptimizationService optimization, SlowQuerySource slow, ArtifactService artifacts, NotificationService notifications, TimeProvider time)
    {
        (_optimization, _slow, _artifacts, _notifications, _time) = (optimization, slow, artifacts, notifications, time);
        _reports = new ReportService(time);
    }

    /// <summary>Makes the report. What cannot be found out is in it. Default timeout 2 minutes.</summary>
    /// <param name="target">The target.</param>
    /// <param name="recommendations">What would help, if that is known already, such as after it was applied; null to find it out.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<QueryOptimizationReport> MakeAsync(
        MaintenanceTarget target, IReadOnlyList<QueryRecommendation>? recommendations, CallContext call, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var unknowns = new List<string>();
        IReadOnlyList<SlowQuery>? slow = null;
        // Since when the figures are is told as a warning; whoever reads the report later has not seen it.
        var heard = new HearingSink(call.Sink);
        try
        {
            slow = [.. (await _slow(target, call with { Sink = heard }, cancellationToken)).OrderByDescending(query => query.TotalTime)];
        }
        catch (MaintenanceException exception)
        {
            unknowns.Add($"Which statements take long is not known: {exception.Message} {exception.Recommendation}");
        }

        var (advice, plan) = (recommendations, recommendations is null ? null : _optimization.PlanOf(target, recommendations));
        if (recommendations is null)
        {
            try
            {
                // What takes the most time need not be slow each time, so all of it is looked at.
                plan = await _optimization.AdviseAsync(target, new OptimizationOptions(), call, cancellationToken);
                advice = plan.Recommendations;
            }
            catch (MaintenanceException exception)
            {
                unknowns.Add($"What would help is not known: {exception.Message} {exception.Recommendation}");
            }
        }
        else if (plan is null)
        {
            unknowns.Add("What could not be found out when these recommendations were made is not known: they do not come from the last Optimize-DbQuery of this session.");
        }

        unknowns.AddRange(plan?.Unknowns ?? []);
        // Without slow statements there is no window: then what was done in the last day is what somebody asks about.
        var from = slow is [var first, ..] ? first.From : (DateTimeOffset?)null;
        var past = await _optimization.ReadPastAsync(target, call, cancellationToken);
        var since = from ?? now - TimeSpan.FromDays(1);
        var applied = Kept(past, target, since);
        var report = new QueryOptimizationReport
        {
            Target = target.Name,
            Database = target.Database?.Database ?? "",
            Status = Judge(slow, advice, plan),
            Message = "",
            From = from,
            To = slow is [var last, ..] ? last.To : null,
            Window = heard.Warnings.Count > 0 ? string.Join(' ', heard.Warnings) : null,
            Base = BaseOf(advice),
            Applied = applied,
            Dropped = [.. PastTrial.Find(past, target.Database?.Database ?? "").Where(trial => trial is { Helped: false, IsBuilt: true } && trial.Build.StartedAt >= since).Select(trial => trial.Build)],
            SlowQueries = slow ?? [],
            SlowQueriesUnknown = slow is null ? "they could not be read" : slow.Count == 0 || plan?.Unseen.IsEmpty != true ? plan?.Unseen.OfSlow : null,
            Recommendations = advice ?? [],
            RecommendationsUnknown = advice is null ? "they could not be looked for" : plan is null ? "the recommendations do not come from the last Optimize-DbQuery of this session" : plan.Unseen.OfHelp,
            Unknowns = unknowns.Distinct().ToList(),
            Notes = plan?.Notes ?? [],
            CollectedAt = now,
        };
        return report with { Message = Say(report, target.Performance.SlowQuery) };
    }

    /// <summary>Publishes a report; the target's own of the same day made again replaces it, since it says the same of a later moment.</summary>
    /// <param name="target">The target.</param>
    /// <param name="report">The report.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">NotConfigured, Artifact…, Store….</exception>
    public async Task<QueryOptimizationReport> PublishAsync(MaintenanceTarget target, QueryOptimizationReport report, CallContext call, CancellationToken cancellationToken)
    {
        var published = new List<PublishedArtifact>();
        foreach (var (format, extension) in new[] { (ReportFormat.Markdown, "md"), (ReportFormat.Html, "html") })
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(_reports.Render([report], format)));
            published.Add(await _artifacts.PublishOwnAsync(
                target,
                content,
                new ArtifactOptions
                {
                    Container = Container,
                    Name = ArtifactName.OfDay(Name, Name, report.CollectedAt, extension),
                    Metadata = new Dictionary<string, string>
                    {
                        ["status"] = report.Status.ToString(),
                        ["collectedAt"] = report.CollectedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                    },
                },
                call,
                cancellationToken));
        }

        return report with { Published = published };
    }

    /// <summary>Where a report of today goes.</summary>
    public string PlaceOf(MaintenanceTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return $"{target.ArtifactStore?.ToString() ?? "nowhere"}: {Container}/{ArtifactName.OfDay(Name, Name, _time.GetUtcNow(), "md")}";
    }

    /// <summary>Tells the summary on the channel Default: figures, and no statement.</summary>
    /// <param name="target">The target.</param>
    /// <param name="report">The report.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">ChannelNotFound.</exception>
    public async Task<QueryOptimizationReport> NotifyAsync(MaintenanceTarget target, QueryOptimizationReport report, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        var message = new NotificationMessage
        {
            Severity = report.Status,
            Title = $"Slow statements of {report.Target}",
            Text = report.Published.Count > 0 ? $"{report.Message}\nReport: {report.Published[0].Location}" : report.Message,
            Source = "QueryOptimization",
        };
        return report with { Notification = await _notifications.SendAsync(target, message, call, cancellationToken) };
    }

    private sealed class HearingSink(IMaintenanceSink inner) : IMaintenanceSink
    {
        private readonly List<string> _warnings = [];

        public List<string> Warnings => _warnings;

        public void Verbose(string message) => inner.Verbose(message);

        public void Warning(string message)
        {
            _warnings.Add(message);
            inner.Warning(message);
        }

        public void Progress(ProgressUpdate progress) => inner.Progress(progress);
    }

    private static HealthStatus Judge(IReadOnlyList<SlowQuery>? slow, IReadOnlyList<QueryRecommendation>? advice, OptimizationPlan? plan)
    {
        var known = (slow ?? []).Select(query => query.Status).Concat((advice ?? []).Select(recommendation => recommendation.Status)).DefaultIfEmpty(HealthStatus.Ok).Max();
        // Nothing found among what could be seen is no good news of the rest.
        return (slow is null || advice is null || plan?.Unseen.OfHelp is not null || plan is null) && known < HealthStatus.Warning ? HealthStatus.Unknown : known;
    }

    // Built and not dropped again. Removals of what did not help are noted with the build.
    private static IReadOnlyList<DbAction> Kept(PastActions past, MaintenanceTarget target, DateTimeOffset since)
    {
        var dropped = past.Actions.Where(action => action is { Kind: DbActionKind.DropIndex, State: StepState.Done })
            .GroupBy(action => (action.Database, action.Schema, action.Name))
            .ToDictionary(group => group.Key, group => group.Max(action => action.StartedAt));
        return
        [
            .. past.Actions.Where(action => action.State == StepState.Done && IsOurs(action) && action.StartedAt >= since
                && (target.Database?.Database is not { Length: > 0 } database || action.Database == database)
                && !(action.Kind == DbActionKind.CreateIndex && dropped.TryGetValue((action.Database, action.Schema, action.Name), out var at) && at >= action.StartedAt)),
        ];
    }

    // Statistics are gathered by others too, and only Optimize-DbQuery builds indexes.
    private static bool IsOurs(DbAction action) => action.Kind == DbActionKind.CreateIndex || action.Effect.GetValueOrDefault(Applying.AppliedBy) is OptimizationService.TaskName;

    private static string? BaseOf(IReadOnlyList<QueryRecommendation>? advice)
    {
        var evidence = (advice ?? []).FirstOrDefault(one => one.Evidence.ContainsKey(IndexRecommendation.AllSeconds))?.Evidence;
        return evidence is not null && evidence[IndexRecommendation.AllSeconds] is double seconds && evidence.GetValueOrDefault(IndexRecommendation.PlannedPercent) is double planned
            ? Inspect.Say.Text($"Shares of what would help are of the time of all statements {evidence.GetValueOrDefault(IndexRecommendation.AllOf)}: {seconds:0.#} s. Those that were looked at and could be planned took {planned:0.#} % of it; whether the others could be helped is not known.")
            : null;
    }

    // What is sure comes before what may be.
    private static string Say(QueryOptimizationReport report, TimeSpan limit)
    {
        var milliseconds = limit.TotalMilliseconds;
        var statements = report switch
        {
            { SlowQueriesUnknown: { } why, SlowQueries.Count: 0 } => Inspect.Say.Text($"Whether a statement takes longer than {milliseconds:0.#} ms on average could not be found out: {why}"),
            { SlowQueries.Count: 0 } => Inspect.Say.Text($"No statement takes longer than {milliseconds:0.#} ms on average"),
            _ => Inspect.Say.Text($"{Inspect.Say.Count(report.SlowQueries.Count, "statement takes", "statements take")} longer than {milliseconds:0.#} ms on average{(report.SlowQueriesUnknown is { } part ? $", and {part}" : "")}"),
        };
        var ours = report.Recommendations.Where(recommendation => recommendation.Kind != RecommendationKind.FunctionAdvice).Where(QueryReport.IsOpen).ToList();
        var (sure, maybe) = (ours.Where(QueryReport.IsSure).ToList(), ours.Count(one => !QueryReport.IsSure(one)));
        var untested = report.Recommendations.Count(recommendation => recommendation.Kind == RecommendationKind.FunctionAdvice && QueryReport.IsOpen(recommendation));
        var applied = new QueryChanges(report).Applied;
        var most = sure.Where(recommendation => recommendation.ImpactPercent is not null).MaxBy(recommendation => recommendation.ImpactPercent);
        var may = maybe > 0 ? Inspect.Say.Text($"{Inspect.Say.Count(maybe, "thing", "things")} may help, for a person to try") : null;
        var help = sure.Count > 0
            ? Inspect.Say.Text($"{Inspect.Say.Count(sure.Count, "thing", "things")} would help by estimate{(most is null ? "" : Inspect.Say.Text($", the most useful of them about {most.ImpactPercent:0.#} % of the time of all statements counted"))}{(may is null ? "" : $"; {may}")}.")
            : may is not null ? $"{may}."
            : report.RecommendationsUnknown is { } same && same == report.SlowQueriesUnknown && report.SlowQueries.Count == 0 ? "nor is it known whether anything would help."
            : report.RecommendationsUnknown is { } unknown ? $"whether anything would help could not be found out: {unknown}."
            : applied > 0 ? "nothing else was found that would help." : "nothing was found that would help.";
        var todo = sure.Count > 0 ? " Run Optimize-DbQuery -Apply, which builds, measures, and keeps only what helps." : "";
        var done = applied > 0 ? Inspect.Say.Text($" {Inspect.Say.Count(applied, "recommendation was", "recommendations were")} applied in the window.") : "";
        var more = untested > 0 ? Inspect.Say.Text($" {Inspect.Say.Count(untested, "piece of advice", "pieces of advice")} of the target's function {(untested == 1 ? "is" : "are")} shown too, tested by nobody.") : "";
        var rest = ours.Count > 0 && report.RecommendationsUnknown is { } left ? $" More may help: {left}." : "";
        return $"{statements}; {help}{todo}{done}{more}{rest}";
    }
}
