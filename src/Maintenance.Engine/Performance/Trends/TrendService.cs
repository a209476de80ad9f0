using System.Globalization;
using System.Text;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.History;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Reporting;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>Makes reports of performance over time out of the samples that the history keeps.</summary>
public sealed class TrendService
{
    /// <summary>Where reports are published (guide B5): a container of their own, or a folder beside the others.</summary>
    public const string Container = "performance-reports";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    // Since when a week is as it is, is often told by the weeks before it.
    private static readonly TimeSpan Earlier = TimeSpan.FromDays(30);

    // What these do weighs on a system while they run. So does every run that acted on the database.
    private static readonly HashSet<string> Heavy = new([DbMaintenanceTask.Weekly, DbMaintenanceTask.Alone, "DisasterRecoveryTest", "BackupVerification"], StringComparer.OrdinalIgnoreCase);

    private static readonly (ReportFormat Format, string Extension)[] Forms = [(ReportFormat.Markdown, "md"), (ReportFormat.Html, "html"), (ReportFormat.Json, "json")];

    private readonly HistoryService _history;
    private readonly ArtifactService _artifacts;
    private readonly NotificationService _notifications;
    private readonly ReportService _reports;
    private readonly TimeProvider _time;

    internal TrendService(HistoryService history, ArtifactService artifacts, NotificationService notifications, ReportService reports, TimeProvider time) =>
        (_history, _artifacts, _notifications, _reports, _time) = (history, artifacts, notifications, reports, time);

    /// <summary>Makes the report of the time up to now. Default timeout 5 minutes.</summary>
    /// <param name="target">The target.</param>
    /// <param name="window">How long a time; as long a time before is compared with.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">NotConfigured, History….</exception>
    public async Task<PerformanceTrendReport> ReportAsync(MaintenanceTarget target, TimeSpan window, CallContext call, CancellationToken cancellationToken)
    {
        var (now, started) = (_time.GetUtcNow(), _time.GetTimestamp());
        var store = _history.StoreOf(target, call) ?? throw new MaintenanceException(
            MaintenanceErrorCode.NotConfigured,
            $"The target '{target.Name}' keeps no history (history.kind is None), and trends are made of it.",
            "Set history.kind to Sqlite or Postgres in maintenance.json, and run Invoke-MaintenanceTask PerformanceMetrics every five minutes.");
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        var (series, baselines, runs) = await deadline.RunAsync("Reading the history", async token =>
        {
            var read = await new SampleReader(store) { Latest = now }.ReadAsync(target.Name, SampleKinds.Metrics, now - window - (window > Earlier ? window : Earlier), now, token);
            var usual = await store.ReadBaselinesAsync(target.Name, now - window - TimeSpan.FromDays(90), token);
            var maintenance = new List<BaselineExclusion>();
            // A run that began a little earlier may reach into the time.
            await foreach (var run in store.ReadAsync(new HistoryQuery { Targets = [target.Name], Since = now - window - TimeSpan.FromDays(1), Until = now }, token))
            {
                if ((Heavy.Contains(run.Task) || run.Actions.Count > 0) && run.StartedAt + run.Duration > now - window)
                {
                    maintenance.Add(new BaselineExclusion { From = run.StartedAt, To = run.StartedAt + run.Duration, Reason = run.Task });
                }
            }

            maintenance.Reverse();
            return (read, usual, maintenance);
        });

        var asked = Asked(series, now - window, now);
        var sampled = new Sampled(asked.Count > 0, target.Functions is not null);
        var trends = TrendMetrics.All.Select(metric => (metric, trend: TrendJudge.Of(
            metric, series.GetValueOrDefault(metric.Metric.Name, []), now - window, now, UsualBand.Choose(baselines, metric.Metric, now - window, now), target.Name, now, sampled))).ToList();
        var findings = trends.Select(pair => TrendJudge.FindingOf(pair.metric, pair.trend, window)).OfType<Finding>().OrderByDescending(finding => finding.Severity).ToList();
        var origin = MadeUp.Say(series.Values);
        var gaps = TrendCourse.GapsOf(asked, now - window, now);
        var missing = TrendCourse.Missing(asked, gaps, now - window, now);
        return new PerformanceTrendReport
        {
            Target = target.Name,
            From = now - window,
            To = now,
            Status = TrendVerdict.StatusOf([.. trends.Select(pair => pair.trend)], findings),
            Message = string.Join(' ', new[] { TrendVerdict.Message([.. trends.Select(pair => pair.trend)], findings, gaps, missing, now - window, now), origin }.OfType<string>()),
            Origin = origin,
            MissingPercent = missing,
            Gaps = gaps,
            Trends = [.. trends.Select(pair => pair.trend)],
            Findings = findings,
            Maintenance = runs,
            CollectedAt = now,
            Duration = _time.GetElapsedTime(started),
        };
    }

    /// <summary>Publishes a report: as Markdown where the guide wants it, as a page and for programs beside it. The target's own of the same day and length is replaced.</summary>
    /// <param name="target">The target.</param>
    /// <param name="report">The report.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">NotConfigured, Artifact…, Store….</exception>
    public async Task<PerformanceTrendReport> PublishAsync(MaintenanceTarget target, PerformanceTrendReport report, CallContext call, CancellationToken cancellationToken)
    {
        var published = new List<PublishedArtifact>();
        foreach (var (format, extension) in Forms)
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(_reports.Render([report], format)));
            var options = new ArtifactOptions
            {
                Name = NameOf(report, extension),
                Container = Container,
                Metadata = new Dictionary<string, string>
                {
                    ["status"] = report.Status.ToString(),
                    ["days"] = (report.To - report.From).TotalDays.ToString("0.##", CultureInfo.InvariantCulture),
                    ["collectedAt"] = report.CollectedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                },
            };
            published.Add(await _artifacts.PublishOwnAsync(target, content, options, call, cancellationToken));
        }

        return report with { Published = published };
    }

    /// <summary>Tells the verdict and what to do on the channel Default.</summary>
    /// <param name="target">The target.</param>
    /// <param name="report">The report.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">ChannelNotFound.</exception>
    public async Task<PerformanceTrendReport> NotifyAsync(MaintenanceTarget target, PerformanceTrendReport report, CallContext call, CancellationToken cancellationToken)
    {
        var message = new NotificationMessage
        {
            Severity = report.Status,
            Title = $"Performance of {report.Target}: {report.Status}",
            Text = string.Join('\n', [report.Message, .. report.Findings.Take(5).Select(finding => $"{finding.Message} {finding.Recommendation}".TrimEnd()), .. report.Published.Take(1).Select(artifact => $"Report: {artifact.Location}")]),
            Source = "PerformanceTrends",
        };
        return report with { Notification = await _notifications.SendAsync(target, message, call, cancellationToken) };
    }

    /// <summary>Where <see cref="PublishAsync"/> puts a report of today; for the question before.</summary>
    /// <param name="target">The target.</param>
    /// <param name="report">The report.</param>
    public static string PlaceOf(MaintenanceTarget target, PerformanceTrendReport report) => $"{target.ArtifactStore?.ToString() ?? "nowhere"}: {Container}/{NameOf(report, "md")}";

    private static string NameOf(PerformanceTrendReport report, string extension) =>
        string.Create(CultureInfo.InvariantCulture, $"{Period(report.To - report.From)}-trends/trends-{report.CollectedAt.UtcDateTime:yyyyMMdd}.{extension}");

    // The guide's are of a week; others must not take their place, nor each other's: the name has their length to the second.
    private static string Period(TimeSpan window) =>
        window == TimeSpan.FromDays(7) ? "weekly" : window == TimeSpan.FromDays(30) ? "monthly" : window == TimeSpan.FromDays(365) ? "yearly"
            : string.Join('-', new[] { Part(window.Days, "day"), Part(window.Hours, "hour"), Part(window.Minutes, "minute"), Part(window.Seconds, "second") }.OfType<string>());

    private static string? Part(int count, string name) => count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{count}-{name}{(count == 1 ? "" : "s")}");

    // One sample holds all figures that could be measured: without any, nothing was asked. The fullest is of a figure that could be.
    private static IReadOnlyList<SeriesPoint> Asked(IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> series, DateTimeOffset from, DateTimeOffset to) =>
    [
        .. TrendMetrics.All.SelectMany(metric => series.GetValueOrDefault(metric.Metric.Name, [])).Where(point => point.At >= from && point.At < to && double.IsFinite(point.Value.Mean))
            .GroupBy(point => (point.From, point.To)).Select(group => group.MaxBy(point => point.Value.Count)).OrderBy(point => point.To),
    ];
}
