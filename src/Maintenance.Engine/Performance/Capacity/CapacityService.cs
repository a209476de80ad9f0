using System.Globalization;
using System.Text;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Reporting;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>When what a target uses runs out.</summary>
public sealed class CapacityService
{
    /// <summary>The guide's folder of reports (B5).</summary>
    private const string Container = "performance-reports";

    /// <summary>So many sequences and keys are told where nobody says how many.</summary>
    public const int DefaultKeys = 10;

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);
    private static readonly (ReportFormat Format, string Extension)[] Forms = [(ReportFormat.Markdown, "md"), (ReportFormat.Html, "html"), (ReportFormat.Json, "json")];
    private static readonly TimeSpan Past = TimeSpan.FromDays(400);

    private readonly DatabaseConnector _connector;
    private readonly FunctionService _functions;
    private readonly HistoryService _history;
    private readonly NotificationService _notifications;
    private readonly ArtifactService _artifacts;
    private readonly ReportService _reports;
    private readonly TimeProvider _time;

    internal CapacityService(
        DatabaseConnector connector, FunctionService functions, HistoryService history, NotificationService notifications, ArtifactService artifacts, ReportService reports, TimeProvider time) =>
        (_connector, _functions, _history, _notifications, _artifacts, _reports, _time) = (connector, functions, history, notifications, artifacts, reports, time);

    /// <summary>What a forecast says, in words, for those who show it.</summary>
    /// <param name="forecast">The forecast.</param>
    public static CapacityWords Words(CapacityForecast forecast) => new()
    {
        Growth = CapacityText.Growth(forecast),
        GrowthRange = CapacityText.GrowthRange(forecast),
        Expected = CapacityText.Briefly(forecast),
        Projected = CapacityText.Projected(forecast),
        Peak = CapacityText.Peak(forecast),
        Reached = CapacityText.Reached(forecast),
        Between = CapacityText.Between(forecast),
    };

    /// <summary>The verdict in a word; <c>no limit</c> where there is nothing to hold it against.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Verdict(CapacityForecast forecast) => CapacityText.IsJudged(forecast) ? forecast.Status.ToString() : "no limit";

    /// <summary>A measured figure in its unit: <c>12.3 GB</c>, <c>2,147,483,647</c>.</summary>
    /// <param name="value">The figure; null for one that is not known.</param>
    /// <param name="unit">Its unit.</param>
    public static string Figure(double? value, MetricUnit unit) => CapacityText.Value(value, unit);

    /// <summary>The growth of a table a day.</summary>
    /// <param name="table">The table.</param>
    public static string Growth(TableGrowth table) => CapacityText.Expected(table.BytesPerDay, 0, MetricUnit.Bytes);

    /// <summary>Forecasts a target's resources: the past from its history, the present from its database, and what its function says beside them. Default timeout 60 s.</summary>
    /// <param name="target">The target.</param>
    /// <param name="resources">Which resources; null for all.</param>
    /// <param name="projection">How far ahead; null for the target's (capacity.projection).</param>
    /// <param name="keys">How many sequences and keys, those nearest to their end.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">InvalidArgument, DeadlineExceeded. What else fails is a reason in the forecasts.</exception>
    public async Task<IReadOnlyList<CapacityForecast>> ForecastAsync(
        MaintenanceTarget target, IReadOnlyCollection<CapacityResource>? resources, TimeSpan? projection, int keys, CallContext call, CancellationToken cancellationToken)
    {
        var ahead = projection ?? target.Capacity.Projection;
        if (ahead < TimeSpan.FromDays(1) || ahead > TimeSpan.FromDays(365))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, Say.Text($"A projection of {Ahead(ahead)} cannot be made."), "Look at least one day and at most 365 days ahead, written as 1d to 365d.");
        }

        bool Wants(params CapacityResource[] any) => resources is null || any.Any(resources.Contains);
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await deadline.RunAsync<IReadOnlyList<CapacityForecast>>($"Forecasting '{target.Name}'", async token =>
        {
            var wantsKeys = Wants(CapacityResource.Sequence, CapacityResource.IntegerKey);
            var facts = new CapacityFacts { Target = target, Now = _time.GetUtcNow(), Projection = ahead };
            facts = await WithPresentAsync(facts, wantsKeys, call, deadline, token);
            facts = await WithHistoryAsync(facts, Wants(CapacityResource.Storage), wantsKeys, call, token);
            if (target.Functions is not null && Wants(CapacityResource.Storage, CapacityResource.Connections, CapacityResource.Bandwidth))
            {
                facts = await WithReportedAsync(facts, call, deadline, token);
            }

            Func<IEnumerable<CapacityForecast>>[] parts =
            [
                () => Wants(CapacityResource.Storage) ? StorageForecasts.Of(facts) : [],
                () => Wants(CapacityResource.Connections) ? UsageForecasts.OfConnections(facts) : [],
                () => Wants(CapacityResource.Bandwidth) ? [UsageForecasts.OfBandwidth(facts)] : [],
                () => wantsKeys ? KeyForecasts.Of(facts, keys).Where(forecast => Wants(forecast.Resource)) : [],
                () => Wants(CapacityResource.TransactionIds) ? [TransactionIdForecasts.Of(facts)] : [],
            ];
            IReadOnlyList<CapacityForecast> forecasts = [.. parts.AsParallel().AsOrdered().WithCancellation(token).SelectMany(part => part().ToList())];
            return [.. forecasts.Select(forecast => CapacityOrigin.Of(facts, forecast) is { } origin ? forecast with { Origin = origin, Message = $"{forecast.Message} {origin}", Tables = [.. forecast.Tables.Select(table => table with { Origin = origin })] } : forecast)];
        });
    }

    /// <summary>What would be told of forecasts: the guide's scaling alert (C2); null where no storage is expected to outgrow its limit.</summary>
    /// <param name="forecasts">The forecasts of a target.</param>
    public static NotificationMessage? MessageOf(IReadOnlyList<CapacityForecast> forecasts) => ScalingAlert.Of(forecasts);

    /// <summary>Tells the scaling alert on the channel Default.</summary>
    /// <param name="target">The target.</param>
    /// <param name="message">What <see cref="MessageOf"/> made.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="MaintenanceException">ChannelNotFound.</exception>
    public Task<NotificationResult> NotifyAsync(MaintenanceTarget target, NotificationMessage message, CallContext call, CancellationToken cancellationToken) =>
        _notifications.SendAsync(target, message, call, cancellationToken);

    /// <summary>The name of a report in the artefact store: one a day for that of everything, and a name of its own for any other, which must not take its place.</summary>
    /// <param name="target">The target.</param>
    /// <param name="forecasts">Its forecasts; at least one.</param>
    /// <param name="resources">Which resources were asked for; null for all.</param>
    /// <param name="keys">How many sequences and keys were asked for.</param>
    /// <param name="extension">What the name ends with.</param>
    public static string NameOf(MaintenanceTarget target, IReadOnlyList<CapacityForecast> forecasts, IReadOnlyCollection<CapacityResource>? resources, int keys, string extension = "md")
    {
        var ahead = forecasts[0].Projection;
        IEnumerable<string> parts =
        [
            Say.Text($"capacity/capacity-{forecasts[0].CollectedAt.UtcDateTime:yyyyMMdd}"),
            .. IsEverything(resources) ? [] : resources!.Distinct().Order().Select(resource => resource.ToString().ToLowerInvariant()),
            .. ahead == target.Capacity.Projection ? Array.Empty<string>() : [ahead.Ticks % TimeSpan.TicksPerDay == 0 ? Say.Text($"{Say.Count((int)ahead.TotalDays, "day", "days").Replace(' ', '-')}-ahead") : Say.Text($"{ahead.TotalHours:0}-hours-ahead")],
            .. keys == DefaultKeys ? Array.Empty<string>() : [Say.Text($"first-{keys}")],
        ];
        return $"{string.Join('-', parts)}.{extension}";
    }

    /// <summary>Publishes the report of forecasts, as Markdown where the guide wants it, as a page and for programs beside it. One of the same day and the same question is replaced.</summary>
    /// <param name="target">The target.</param>
    /// <param name="forecasts">Its forecasts; at least one.</param>
    /// <param name="resources">Which resources were asked for; null for all.</param>
    /// <param name="keys">How many sequences and keys were asked for.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the upload.</param>
    /// <returns>The forecasts, each with what was published.</returns>
    /// <exception cref="MaintenanceException">NotConfigured, Artifact…, Store….</exception>
    public async Task<IReadOnlyList<CapacityForecast>> PublishAsync(
        MaintenanceTarget target, IReadOnlyList<CapacityForecast> forecasts, IReadOnlyCollection<CapacityResource>? resources, int keys, CallContext call, CancellationToken cancellationToken)
    {
        var published = new List<PublishedArtifact>();
        foreach (var (format, extension) in Forms)
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(_reports.Render([.. forecasts], format)));
            var options = new ArtifactOptions
            {
                Name = NameOf(target, forecasts, resources, keys, extension),
                Container = Container,
                Metadata = new Dictionary<string, string>
                {
                    ["status"] = forecasts.Max(forecast => forecast.Status).ToString(),
                    ["days"] = forecasts[0].Projection.TotalDays.ToString("0.##", CultureInfo.InvariantCulture),
                    ["collectedAt"] = forecasts[0].CollectedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                },
            };
            published.Add(await _artifacts.PublishOwnAsync(target, content, options, call, cancellationToken));
        }

        return [.. forecasts.Select(forecast => forecast with { Published = published })];
    }

    private static bool IsEverything(IReadOnlyCollection<CapacityResource>? resources) => resources is null || Enum.GetValues<CapacityResource>().All(resources.Contains);

    private static string Ahead(TimeSpan ahead) => ahead.TotalDays is var days && Math.Abs(days) >= 1 ? Say.Text($"{days:0.##} days") : Say.Text($"{ahead.TotalHours:0.##} hours");

    private async Task<CapacityFacts> WithPresentAsync(CapacityFacts facts, bool withKeys, CallContext call, Deadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            // The history may tell enough where the database is silent: half of the time is left for it.
            using var limit = new Deadline(deadline.Remaining / 2, _time, cancellationToken);
            return facts with
            {
                Present = await limit.RunAsync("Reading the present", async token =>
                {
                    await using var session = await _connector.OpenAsync(facts.Target, new SessionOptions("Get-CapacityForecast", limit.Remaining), call, token);
                    return await PresentReader.ReadAsync(session, withKeys, token);
                }),
            };
        }
        catch (MaintenanceException exception)
        {
            return facts with { PresentTrouble = exception.Message, PresentRemedy = exception.Recommendation };
        }
    }

    private async Task<CapacityFacts> WithHistoryAsync(CapacityFacts facts, bool withTables, bool withKeys, CallContext call, CancellationToken cancellationToken)
    {
        if (_history.StoreOf(facts.Target, call) is not { } store)
        {
            return facts with { HistoryTrouble = "The target keeps no history (history.kind is None), and without one there is no past to draw out.", HistoryRemedy = CapacityAdvice.Keep };
        }

        try
        {
            var reader = new SampleReader(store);
            // The end is excluded, and a clock may have run ahead: what lies in the future is told of.
            var (since, until) = (facts.Now - Past, facts.Now + Past);
            var metrics = await reader.ReadAsync(facts.Target.Name, SampleKinds.Metrics, since, until, cancellationToken);
            return facts with
            {
                Metrics = metrics,
                Tables = withTables ? await reader.ReadAsync(facts.Target.Name, SampleKinds.Tables, since, until, cancellationToken) : facts.Tables,
                Keys = withKeys ? await reader.ReadAsync(facts.Target.Name, SampleKinds.Keys, since, until, cancellationToken) : facts.Keys,
                HistoryTrouble = metrics.Count == 0 ? "The history has no samples yet: Invoke-MaintenanceTask PerformanceMetrics takes them, every five minutes." : null,
            };
        }
        catch (MaintenanceException exception)
        {
            return facts with { HistoryTrouble = $"The history cannot be read: {exception.Message}", HistoryRemedy = exception.Recommendation };
        }
    }

    private async Task<CapacityFacts> WithReportedAsync(CapacityFacts facts, CallContext call, Deadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            var arguments = new Dictionary<string, object?> { ["projection_days"] = (int)Math.Ceiling(facts.Projection.TotalDays) };
            return facts with
            {
                Reported = await _functions.CallAsync(facts.Target, FunctionCatalogue.CapacityAnalysis, arguments, call with { Timeout = deadline.Remaining / 2 }, cancellationToken),
            };
        }
        catch (MaintenanceException exception)
        {
            return facts with { ReportedTrouble = exception.Message };
        }
    }
}
