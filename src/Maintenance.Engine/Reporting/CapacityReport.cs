using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Capacity;

namespace Maintenance.Engine.Reporting;

/// <summary>Makes the report of forecasts: first what runs out and when, then a picture of each, then how it was found. Pure.</summary>
internal static class CapacityReport
{
    private const int MostTiles = 4;

    /// <summary>Of what is less used than this, in percent, and cannot be told, a tile says nothing.</summary>
    private const double HardlyUsed = 1;

    /// <summary>More of the past than this makes what is to come too narrow to see.</summary>
    private const int MostPast = 4;

    public static Report Of(IReadOnlyList<CapacityForecast> forecasts)
    {
        // Said once at the top, not of each. What is measured alone does not say it.
        var origin = forecasts.Select(forecast => forecast.Origin).OfType<string>().FirstOrDefault();
        var ordered = forecasts.Select(WithoutOrigin)
            .OrderByDescending(forecast => forecast.Status == HealthStatus.Unknown ? 0.5 : (double)forecast.Status).ThenByDescending(forecast => forecast.Limit is not null)
            .ThenBy(forecast => forecast.ReachedExpected ?? DateTimeOffset.MaxValue).ThenByDescending(forecast => forecast.UsedPercent ?? -1).ToList();
        var storage = ordered.Find(forecast => forecast.Resource == CapacityResource.Storage);
        var pictured = ordered.Where(forecast => forecast.History.Count > 1).ToList();
        return new Report(
            $"Capacity of {forecasts[0].Target}",
            forecasts.Max(forecast => forecast.Status),
            [
                .. Verdict(ordered),
                .. origin is null ? Array.Empty<string>() : [origin],
                Say.Text($"Looked {forecasts[0].Projection.TotalDays:0} days ahead on {forecasts[0].CollectedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC. Dates are those at which a limit is reached if nothing is done; ranges hold four times out of five."),
            ],
            [
                Overview(ordered),
                .. pictured.Count == 0 ? [] : new[] { new ReportSection("What was, and what is to be expected", [], [], "") { Plots = [.. pictured.Select(Picture)] } },
                .. storage is null ? [] : new[] { Tables(storage) },
                Figures(ordered),
                Evidence(ordered),
            ])
        {
            Tiles = [.. ordered.Where(IsTold).Take(MostTiles).Select(Tile)],
        };
    }

    private static bool IsTold(CapacityForecast forecast) => forecast.Current is not null && !(forecast.Status == HealthStatus.Unknown && forecast.UsedPercent < HardlyUsed);

    private static CapacityForecast WithoutOrigin(CapacityForecast forecast) =>
        forecast.Origin is { } origin ? forecast with { Message = forecast.Message.Replace($" {origin}", "", StringComparison.Ordinal) } : forecast;

    private static IEnumerable<string> Verdict(List<CapacityForecast> ordered)
    {
        var judged = ordered.Where(CapacityText.IsJudged).ToList();
        var trouble = judged.Where(forecast => forecast.Status is HealthStatus.Warning or HealthStatus.Critical).ToList();
        var unknown = judged.Count(forecast => forecast.Status == HealthStatus.Unknown);
        var advice = judged.Where(forecast => forecast.Status == HealthStatus.Unknown).Select(forecast => forecast.Recommendation).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var todo = advice is [var one] ? one : "What to do is said of each below.";
        var rest = unknown == 0 ? "" : Say.Text($" {unknown} of {judged.Count} cannot be told yet. {todo}");
        if (trouble is [var first, ..])
        {
            return
            [
                $"{CapacityText.Title(first)} {When(first)}.{Others(trouble.Count - 1)}",
                .. first.Recommendation is { } recommendation ? [$"What to do: {(recommendation.StartsWith("Now: ", StringComparison.Ordinal) ? $"now {recommendation[5..]}" : recommendation)}"] : Array.Empty<string>(),
                $"{CapacityText.Sentence(CapacityText.Now(first))}.{rest}",
            ];
        }

        var days = Say.Text($"within {ordered[0].Projection.TotalDays:0} days");
        return [judged.Count == 0 ? "Nothing that was looked at has a limit: only its growth is told."
            : unknown == judged.Count ? $"Nothing can be told of the future yet. {todo}"
            : unknown > 0 ? Say.Text($"{unknown} of {judged.Count} cannot be told yet. {todo} Of the others none is expected to run out {days}.{Next(judged)}")
            : $"Nothing is expected to run out {days}.{Next(judged)}"];
    }

    private static string When(CapacityForecast forecast) => forecast switch
    {
        { ReachedExpected: { } expected } when expected <= forecast.CurrentAt => "has reached its limit",
        { ReachedExpected: null, ReachedEarliest: null, Projected: null } => "is close to its limit, and how it goes on cannot be told",
        { ReachedExpected: null, ReachedEarliest: null } => "is closer to its limit than can be told apart from it",
        { ReachedExpected: not null } when CapacityText.IsRaised(forecast) && CapacityText.ReachedOnUsualDays(forecast) is null => $"may reach its limit {CapacityText.Dates(forecast)}",
        { ReachedExpected: not null } => $"reaches its limit {CapacityText.Dates(forecast)}",
        _ => $"may reach its limit: {CapacityText.Dates(forecast)}",
    };

    private static string Others(int count) => count switch
    {
        0 => "",
        1 => " One more needs attention; see below.",
        _ => Say.Text($" {count} more need attention; see below."),
    };

    private static string Amount(CapacityForecast forecast) => forecast.Limit is null
        ? CapacityText.Value(forecast.Current, forecast.Unit)
        : $"{CapacityText.Value(forecast.Current, forecast.Unit)} of {CapacityText.Value(forecast.Limit, forecast.Unit)}";

    // Also where all is well one wants to know what comes first.
    private static string Next(List<CapacityForecast> ordered) =>
        ordered.Where(forecast => forecast.ReachedExpected is not null).MinBy(forecast => forecast.ReachedExpected) is { } first
            ? $" The first to reach its limit is {CapacityText.Title(first)}, {CapacityText.Dates(first)}."
            : "";

    private static ReportTile Tile(CapacityForecast forecast)
    {
        var (title, reached) = (CapacityText.Title(forecast), Reached(forecast));
        return forecast switch
        {
            // What was highest some day is not in use now.
            { Resource: CapacityResource.Connections, CurrentAt: { } at, Limit: not null } => new ReportTile(
                $"{title}, at the highest", Amount(forecast), CapacityService.Verdict(forecast),
                $"on {Say.Day(at)}; {(forecast.JustNow is { } now ? $"now {CapacityText.Value(now, forecast.Unit)}; " : "")}{reached}"),
            { UsedPercent: { } used, Limit: not null } => new ReportTile($"{title} in use", Say.Text($"{used:0.#} %"), CapacityService.Verdict(forecast), $"{Amount(forecast)}; {reached}"),
            _ => new ReportTile(title, CapacityText.Value(forecast.Current, forecast.Unit), CapacityText.IsJudged(forecast) ? forecast.Status.ToString() : null, reached),
        };
    }

    private static string Reached(CapacityForecast forecast) => forecast.Current is null ? "not measured" : forecast.Limit is null ? "no limit set" : $"limit reached: {CapacityText.Dates(forecast)}";

    // Cards, not a table: they are read on a narrow screen too, and have room for what to do. What is well stands in the table of figures. What one
    // does about many is said once.
    private static ReportSection Overview(List<CapacityForecast> ordered) => ReportSection.Of(
        "What runs out, and when",
        [
            .. ordered.Where(forecast => forecast.Status != HealthStatus.Ok)
                .GroupBy(forecast => forecast.Status == HealthStatus.Unknown ? $"{forecast.Recommendation}" : CapacityText.Title(forecast), StringComparer.Ordinal)
                .Select(group => group.ToList() is [var single]
                    ? new ReportCard(single.Status.ToString(), CapacityText.Title(single), single.Recommendation, null) { Items = [new ReportItem(null, null, single.Message, null)] }
                    : new ReportCard(group.First().Status.ToString(), Say.Text($"{group.Count()} that cannot be told yet"), group.First().Recommendation, null)
                    {
                        Items = [.. group.Select(forecast => new ReportItem(null, CapacityText.Title(forecast), forecast.Message, null))],
                    }),
        ],
        "Nothing needs attention. What was looked at stands under The figures.");

    private static ReportSection Figures(List<CapacityForecast> ordered) => new(
        "The figures",
        ["Status", "What", "Now", "Limit", "Growth a day", "Expected", "Highest on the way", "Limit reached", "Trust"],
        [
            .. ordered.Select(forecast => new[]
            {
                CapacityService.Verdict(forecast), CapacityText.Title(forecast), CapacityText.Value(forecast.Current, forecast.Unit),
                forecast.Limit is null ? "none set" : CapacityText.Value(forecast.Limit, forecast.Unit), CapacityText.Growth(forecast),
                CapacityText.Projected(forecast), CapacityText.Peak(forecast), CapacityText.Dates(forecast), forecast.Confidence.ToString(),
            }),
        ],
        "Nothing was looked at.");

    private static TimePlot Picture(CapacityForecast forecast)
    {
        // Where only the distant past is long, the picture shows the part near the present.
        var since = forecast.CollectedAt - forecast.Projection * MostPast;
        var past = forecast.History.Where(point => point.At >= since).ToList();
        // The limit is reached by the highest of days. How often such a day comes is not known: the fan is that of usual days.
        var above = forecast.HighestAbove ?? 0;
        IReadOnlyList<PlotLine> expected = forecast.Forecast.Count == 0 ? []
            : above > 0 ? [Line($"expected of {CapacityText.BadDay(forecast)}", above), Line("expected of a usual day", 0)]
            : [Line("expected", 0)];
        PlotLine Line(string name, double more) => new(name, [.. forecast.Forecast.Select(value => new PlotPoint(value.At, value.Expected + more))], IsExpected: true);
        return new TimePlot(CapacityText.Title(forecast), Caption(forecast), forecast.Unit, [new PlotLine(above > 0 ? "measured, the highest of each day" : "measured", WithGaps(past)), .. expected])
        {
            Bands = forecast.Forecast.Count > 0 ? [new PlotBand(above > 0 ? "a usual day, four times out of five" : "four times out of five", [.. forecast.Forecast.Select(value => new PlotEdge(value.At, value.Low, value.High))])] : [],
            // A limit a hundred times off would press the line flat onto the axis; the table has it.
            Limits = forecast is { Limit: { } limit } && IsNear(forecast, limit) ? [new PlotLimit("limit", limit)] : [],
            FromZero = forecast is not { Limit: { } far } || IsNear(forecast, far),
        };
    }

    // What has a card has said the rest there.
    private static string Caption(CapacityForecast forecast) => forecast.Status == HealthStatus.Ok
        ? forecast.Message
        : $"Growth: {CapacityText.GrowthRange(forecast)}. {CapacityText.Sentence(CapacityText.Ahead(forecast))}.";

    private static bool IsNear(CapacityForecast forecast, double limit) => Math.Abs(limit) <= 5 * Math.Abs(Math.Max(forecast.ProjectedHigh ?? 0, forecast.History.Max(point => point.Value)));

    private static List<PlotPoint> WithGaps(List<CapacityPoint> past)
    {
        var points = new List<PlotPoint>();
        foreach (var point in past)
        {
            if (points.Count > 0 && (point.At.UtcDateTime.Date - points[^1].At.UtcDateTime.Date).Days > 1)
            {
                points.Add(new PlotPoint(points[^1].At + (point.At - points[^1].At) / 2, null));
            }

            points.Add(new PlotPoint(point.At, point.Value));
        }

        return points;
    }

    private static ReportSection Tables(CapacityForecast storage) => new(
        "Which tables grow",
        ["Table", "Size", "Growth a day", "Share of growth", "Days"],
        [
            .. storage.Tables.Select(table => new[]
            {
                table.Table, CapacityText.Value(table.SizeBytes, MetricUnit.Bytes), CapacityText.PerDay(table.BytesPerDay, 0, MetricUnit.Bytes),
                table.SharePercent is { } share ? Say.Text($"{share:0.#} %") : "shrinks", Say.Text($"{table.Days}"),
            }),
        ],
        "Which tables grow is not known, or none does.")
    {
        Plots = storage.Tables.Where(table => table.BytesPerDay > 0).ToList() is { Count: > 0 } growing
            ? [new BarPlot(
                "Growth a day by table",
                Say.Text($"{growing[0].Table} grows fastest, and makes up {growing[0].SharePercent:0} % of the growth of all tables that grow."),
                MetricUnit.Bytes,
                [.. growing.Select(table => new PlotBar(table.Table, table.BytesPerDay, Say.Text($"{table.SharePercent:0} %")))])]
            : [],
    };

    private static ReportSection Evidence(List<CapacityForecast> ordered) => new(
        "How it was found",
        ["What", "Method", "Past used", "Days", "Back-test", "Limit from", "What else there is to know"],
        [
            .. ordered.Select(forecast => new[]
            {
                CapacityText.Title(forecast), forecast.Method,
                forecast.SegmentStart is { } start ? $"since {Say.Day(start)}: {forecast.SegmentReason}" : null,
                Say.Text($"{forecast.Days}{(forecast.CoveragePercent is { } coverage ? Say.Text($" ({coverage:0} %)") : "")}"),
                forecast.Backtest is { } test ? Say.Text($"off by {CapacityText.Expected(test.MeanAbsoluteError, test.MeanAbsoluteError, forecast.Unit)}{(test.MeanAbsolutePercent is { } percent ? Say.Text($" ({percent:0.#} %)") : "")} on average, {test.Forecasts} forecasts {test.Ahead.TotalDays:0} days ahead") : "none",
                forecast.LimitSource, string.Join(" ", forecast.Reasons),
            }),
        ],
        "Nothing was looked at.")
    {
        Below = "What else there is to know",
    };
}
