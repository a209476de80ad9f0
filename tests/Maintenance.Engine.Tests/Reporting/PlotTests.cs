using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Maintenance.Engine.Reporting;
using Maintenance.Engine.Reporting.Plots;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Tests.Reporting;

public sealed class PlotTests
{
    private const string Hostile = "a <script>alert(1)</script> \" ' & | \u001b[31m \u202E \ud800 ]]> <!--";

    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static string Page(ReportPlot plot) => HtmlReportWriter.Write([Report(plot)], Start);

    private static Report Report(ReportPlot plot) => new("Title", HealthStatus.Ok, ["Summary."], [new ReportSection("Section", [], [], "Empty.") { Plots = [plot] }]);

    private static List<XElement> Pictures(string page) =>
        [.. Regex.Matches(page, "<svg xmlns.*?</svg>|<svg [^>]*class=\"(?:broad|slim)\".*?</svg>", RegexOptions.Singleline).Select(match => XElement.Parse(match.Value))];

    private static TimePlot Plot(params double?[] values) => new(
        "Response time", "It is so.", MetricUnit.Milliseconds, [new PlotLine("Mean", [.. values.Select((value, index) => new PlotPoint(Start.AddHours(index), value))])]);

    private static List<string> Lines(XElement picture) =>
        [.. picture.Descendants().Where(element => element.Name.LocalName == "polyline" && element.Attribute("style")!.Value.Contains("--plot", StringComparison.Ordinal)).Select(element => element.Attribute("points")!.Value)];

    public static TheoryData<string, double?[]> Shapes() => new()
    {
        { "one", [5] },
        { "equal", [7, 7, 7] },
        { "zero", [0, 0, 0] },
        { "negative", [-5, 3, -2] },
        { "huge", [1e299, 3e299] },
        { "tiny", [1e-299, 2e-299] },
        { "mixed", [1e-12, 1e15] },
        { "gaps", [null, 1, null, 2, 3, null] },
        { "no numbers among numbers", [1, double.NaN, double.PositiveInfinity, 2, double.NegativeInfinity, double.MaxValue] },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Any_figures_become_pictures_of_finite_places_whose_colours_the_page_decides(string shape, double?[] values)
    {
        Assert.NotEmpty(shape);
        var pictures = Pictures(Page(Plot(values)));
        Assert.Equal(2, pictures.Count);
        Assert.All(pictures, picture =>
        {
            var text = picture.ToString();
            Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Infinity", text, StringComparison.Ordinal);
            Assert.DoesNotMatch("rgb\\(|#[0-9a-fA-F]{3,8}\\b|<script|href|url\\(", text.Replace("xmlns:xlink=\"http://www.w3.org/1999/xlink\"", "", StringComparison.Ordinal));
            Assert.Equal("img", picture.Attribute("role")!.Value);
            var ids = picture.Attribute("aria-labelledby")!.Value.Split(' ');
            Assert.Equal(["Response time", "It is so."], ids.Select(id => picture.Elements().Single(element => element.Attribute("id")?.Value == id).Value));
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_figures_there_is_no_picture_and_it_is_said(bool hasGaps)
    {
        var page = Page(hasGaps ? Plot(null, double.NaN) : Plot());
        Assert.Empty(Pictures(page));
        Assert.Contains("There are no figures to draw.", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_that_the_axis_reaches_is_within_the_picture()
    {
        var plot = new TimePlot("Errors", "", MetricUnit.Percent, [new PlotLine("errors", [new PlotPoint(Start, 0.2), new PlotPoint(Start.AddHours(1), 0.45)])]);
        var axis = AxisTicks.Of(0.2, 0.45, plot.FromZero, plot.Unit);
        Assert.True(TimeDrawing.IsShown(plot, new PlotLimit("limit", axis.High)));
        Assert.False(TimeDrawing.IsShown(plot, new PlotLimit("limit", axis.High * 3)));
    }

    [Fact]
    public void A_gap_is_a_gap_and_what_stands_alone_is_a_dot()
    {
        var picture = Pictures(Page(Plot(1, 2, null, 3, null, 2, 1)))[0];
        Assert.Equal(2, Lines(picture).Count(points => points.Split(' ').Length == 2));
        Assert.Single(picture.Descendants(), element => element.Name.LocalName is "ellipse" or "circle");
    }

    [Fact]
    public void A_year_of_measurements_is_thinned_without_losing_its_only_peak_or_its_gap()
    {
        var points = Enumerable.Range(0, 105_120)
            .Select(index => new PlotPoint(Start.AddMinutes(5 * index), index == 50_001 ? 900 : index is > 70_000 and < 75_000 ? null : 100 + Math.Sin(index / 288d * 2 * Math.PI) * 10)).ToList();
        var kept = Thinning.Of(points, points[0].At, points[^1].At, 500);
        Assert.InRange(kept.Count, 300, 520);
        Assert.Contains(kept, point => point.Value == 900);
        Assert.Contains(kept, point => point.Value is null);
        Assert.Equal(90, kept.Min(point => point.Value)!.Value, 0.5);
        Assert.True(kept.Zip(kept.Skip(1)).All(pair => pair.First.At <= pair.Second.At));
        var page = Page(new TimePlot("t", "c", MetricUnit.Milliseconds, [new PlotLine("l", points)]));
        Assert.InRange(page.Length, 1, 120_000);
        Assert.InRange(PlotTable.Of(new TimePlot("t", "c", MetricUnit.Milliseconds, [new PlotLine("l", points)])).Rows.Count, 30, 61);
    }

    [Fact]
    public void Hostile_names_stay_text_in_every_form()
    {
        var time = new TimePlot(Hostile, Hostile, MetricUnit.Count, [new PlotLine(Hostile, [new PlotPoint(Start, 1), new PlotPoint(Start.AddHours(1), 2)])])
        {
            Limits = [new PlotLimit(Hostile, 2)], Spans = [new PlotSpan(Hostile, Start, Start.AddMinutes(5))], Bands = [new PlotBand(Hostile, [new PlotEdge(Start, 0, 1), new PlotEdge(Start.AddHours(1), 0, 1)])],
        };
        var bars = new BarPlot(Hostile, Hostile, MetricUnit.Bytes, [new PlotBar(Hostile, 5, Hostile), new PlotBar("b", double.NaN), new PlotBar("c", -1)]);
        foreach (var plot in new ReportPlot[] { time, bars })
        {
            var page = Page(plot);
            Assert.Equal(2, Pictures(page).Count);
            Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain('\u001b', page);
            Assert.DoesNotContain('\u202E', page);
            var markdown = MarkdownReportWriter.Write(Report(plot));
            Assert.DoesNotContain("<script", markdown, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain('\u001b', TextReportWriter.Write(Report(plot)));
        }
    }

    [Fact]
    public void Bars_stand_in_their_order_with_their_figures()
    {
        var picture = Pictures(Page(new BarPlot("Tables", "c", MetricUnit.Bytes, [new PlotBar("small", 1024), new PlotBar("large", 5L << 30, "90 %")])))[0];
        var texts = picture.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToList();
        Assert.Equal(["large", "5 GB · 90 %", "small", "1 kB"], texts);
    }

    [Fact]
    public void Json_holds_every_figure_and_null_for_what_is_none()
    {
        var json = JObject.Parse(JsonReportWriter.Write(Report(Plot(1, null, double.NaN, 2.5)), Start));
        Assert.Equal([1, null, null, 2.5], json.SelectTokens("$.sections[0].plots[0].lines[0].points[*][1]").Select(token => token.Value<double?>()));
    }

    [Fact]
    public void Texts_have_the_course_and_the_figures_that_matter()
    {
        var text = TextReportWriter.Write(Report(Plot(1, 8, 4)));
        Assert.Contains("Mean: first 1 ms, last 4 ms, lowest 1 ms, highest 8 ms, mean 4.33 ms", text, StringComparison.Ordinal);
        Assert.Contains("▁", text, StringComparison.Ordinal);
        Assert.Contains("| Mean | 1 ms | 4 ms | 1 ms | 8 ms | 4.33 ms |", MarkdownReportWriter.Write(Report(Plot(1, 8, 4))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MetricUnit.Bytes, 1536d * 1024 * 1024, "1.5 GB")]
    [InlineData(MetricUnit.Bytes, 0d, "0 B")]
    [InlineData(MetricUnit.Milliseconds, 850d, "850 ms")]
    [InlineData(MetricUnit.Milliseconds, 2500d, "2.5 s")]
    [InlineData(MetricUnit.Percent, 0.15, "0.15 %")]
    [InlineData(MetricUnit.Count, 12000d, "12,000")]
    [InlineData(MetricUnit.PerSecond, 12d, "12/s")]
    [InlineData(MetricUnit.PerSecond, 0.5, "30/min")]
    [InlineData(MetricUnit.PerSecond, 0.004, "14.4/h")]
    [InlineData(MetricUnit.PerSecond, 0.0001, "8.64/day")]
    public void Figures_are_written_as_people_write_them(MetricUnit unit, double value, string expected) => Assert.Equal(expected, FigureScale.Text(unit, value));

    [Fact]
    public void Ticks_of_time_stand_where_days_and_months_begin_and_never_run_into_each_other()
    {
        var week = AxisTicks.Of(Start.AddHours(-5), Start.AddDays(7), 800);
        Assert.Contains(week.Ticks, tick => tick.Text == "1 Nov" && Math.Abs(tick.Place - 5 * 3600) < 1);
        Assert.Contains(AxisTicks.Of(Start.AddDays(-365), Start, 800).Ticks, tick => tick.Text == "Jan 2026");
        for (var hours = 1; hours < 40_000; hours = hours * 3 / 2 + 1)
        {
            var texts = AxisTicks.Of(Start, Start.AddHours(hours), 250).Ticks.Where(tick => tick.Text.Length > 0).ToList();
            Assert.InRange(texts.Count, 1, 6);
            foreach (var (first, second) in texts.Zip(texts.Skip(1)))
            {
                var room = (second.Place - first.Place) / (hours * 3600d) * 250;
                Assert.True(room > (first.Text.Length + second.Text.Length) / 2d * 6.5, string.Create(CultureInfo.InvariantCulture, $"{hours} h: {first.Text}, {second.Text}"));
            }
        }
    }

    [Fact]
    public void Ticks_of_figures_are_few_round_and_different_from_each_other_for_the_tiny_the_huge_and_the_equal()
    {
        foreach (var unit in Enum.GetValues<MetricUnit>())
        {
            for (var power = -9; power <= 15; power++)
            {
                foreach (var (low, high, fromZero) in new[] { (0, 1.0, true), (1, 1.0, true), (1, 1.0, false), (0, 3.7, true), (9.7, 9.9, false), (0, 0, true), (2, 9.99, false), (-3, 4, true) })
                {
                    var size = Math.Pow(10, power);
                    var axis = AxisTicks.Of(low * size, high * size, fromZero, unit);
                    var what = string.Create(CultureInfo.InvariantCulture, $"{unit} {low * size} to {high * size}: {string.Join(", ", axis.Ticks.Select(tick => tick.Text))}");
                    Assert.True(axis.Ticks.Count is >= 2 and <= 8, what);
                    Assert.True(axis.Low <= low * size + size * 1e-9 && axis.High >= high * size - size * 1e-9, what);
                    Assert.True(axis.Ticks.Select(tick => tick.Text).Distinct().Count() == axis.Ticks.Count, what);
                    Assert.True(axis.Ticks.All(tick => tick.Text.Length <= 18), what);
                }
            }
        }
    }

    [Fact]
    public void An_axis_of_shares_ends_at_the_whole()
    {
        foreach (var low in new[] { 0d, 50, 97, 99.5, 99.999, 100 })
        {
            Assert.InRange(AxisTicks.Of(low, 100, false, MetricUnit.Percent).High, 100, 100.0001);
            Assert.InRange(AxisTicks.Of(low, 100, true, MetricUnit.Percent).High, 100, 100.0001);
        }
    }
}
