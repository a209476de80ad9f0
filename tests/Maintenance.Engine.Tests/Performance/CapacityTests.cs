using Maintenance.Engine.Performance.Capacity;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statistics;
using Maintenance.Engine.Reporting;

namespace Maintenance.Engine.Tests.Performance;

public sealed class CapacityTests
{
    private const double Gigabyte = 1L << 30;

    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Storage_that_grows_a_gigabyte_a_day_reaches_its_limit_when_it_should()
    {
        // 60 days ago 40 GB, now 100 GB short of 120 GB by 20 days.
        var storage = StorageForecasts.Of(Facts(new CapacityPolicy { StorageLimit = (long)(120 * Gigabyte) }) with
        {
            Metrics = Metrics((SampledMetrics.ServerSize, Hourly(60, hours => (40 + hours / 24) * Gigabyte))),
            Present = Present() with { ServerBytes = (long)(100 * Gigabyte), DatabaseBytes = (long)(100 * Gigabyte) },
        }).Single();
        Assert.Equal(1, storage.TrendPerDay!.Value / Gigabyte, 2);
        Assert.InRange(storage.Projected!.Value / Gigabyte, 129.5, 130.5);
        Assert.InRange(storage.ReachedExpected!.Value, Now.AddDays(19), Now.AddDays(21));
        Assert.True(storage.ReachedEarliest <= storage.ReachedExpected && storage.ReachedExpected <= storage.ReachedLatest);
        Assert.Equal((HealthStatus.Critical, "capacity.storageLimit", ForecastConfidence.High), (storage.Status, storage.LimitSource, storage.Confidence));
        Assert.InRange(storage.BacktestError!.Value, 0, 1);
    }

    [Fact]
    public void The_limit_is_the_policys_then_that_of_analytics_then_the_guides()
    {
        CapacityForecast Of(CapacityPolicy policy, long? analytics) => StorageForecasts.Of(Facts(policy, analytics)).First();
        Assert.Equal((5.0, "capacity.storageLimit"), (Of(new CapacityPolicy { StorageLimit = 5 }, 7).Limit, Of(new CapacityPolicy { StorageLimit = 5 }, 7).LimitSource));
        Assert.Equal((7.0, "analytics.storageLimit"), (Of(new CapacityPolicy(), 7).Limit, Of(new CapacityPolicy(), 7).LimitSource));
        Assert.Equal(100 * Gigabyte, Of(new CapacityPolicy(), null).Limit);
        Assert.Contains("guide (C2)", Of(new CapacityPolicy(), null).LimitSource, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_history_or_database_everything_is_unknown_and_says_why()
    {
        var facts = Facts(new CapacityPolicy()) with { HistoryTrouble = "The target keeps no history.", PresentTrouble = "Nobody answers." };
        CapacityForecast[] all =
        [
            .. StorageForecasts.Of(facts), .. UsageForecasts.OfConnections(facts), UsageForecasts.OfBandwidth(facts), .. KeyForecasts.Of(facts, 10), TransactionIdForecasts.Of(facts),
        ];
        Assert.Equal(7, all.Length);
        Assert.All(all, forecast =>
        {
            Assert.Equal((HealthStatus.Unknown, null, null), (forecast.Status, forecast.Projected, forecast.ReachedExpected));
            Assert.NotEmpty(forecast.Reasons);
        });
        Assert.Null(ScalingAlert.Of(all));
        Assert.StartsWith("Nothing can be told", CapacityReport.Of(all).Summary[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_past_that_ended_last_week_leaves_the_present_unknown()
    {
        var storage = StorageForecasts.Of(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.ServerSize, Hourly(60, hours => (10 + hours / 240) * Gigabyte).Where(point => point.To < Now.AddDays(-7)).ToList())),
            PresentTrouble = "Nobody answers.",
        }).Single();
        Assert.Equal(HealthStatus.Unknown, storage.Status);
        Assert.NotNull(storage.Projected);
        Assert.Contains(storage.Reasons, reason => reason.StartsWith("The newest value is of", StringComparison.Ordinal));
    }

    [Fact]
    public void Tables_are_told_by_their_part_in_the_growth()
    {
        var storage = StorageForecasts.Of(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.ServerSize, Hourly(40, hours => 1e9 + hours * 1e6))),
            Tables = new Dictionary<string, IReadOnlyList<SeriesPoint>>
            {
                ["public.events"] = Hourly(40, hours => 1e8 + hours * 750_000),
                ["public.logs"] = Hourly(40, hours => 1e8 + hours * 250_000),
                ["public.still"] = Hourly(40, _ => 5e8),
                ["public.shrinks"] = Hourly(40, hours => 5e8 - hours * 1000),
                ["public.gone"] = Hourly(40, hours => hours * 9e6).Where(point => point.To < Now.AddDays(-5)).ToList(),
                ["public.young"] = Hourly(1, hours => hours * 9e6),
            },
        }).Single();
        Assert.Equal(["public.events", "public.logs", "public.shrinks"], storage.Tables.Select(table => table.Table));
        Assert.Equal((75.0, 25.0, null), (Math.Round(storage.Tables[0].SharePercent!.Value, 1), Math.Round(storage.Tables[1].SharePercent!.Value, 1), storage.Tables[2].SharePercent));
        Assert.Equal(750_000 * 24, storage.Tables[0].BytesPerDay, 0);
        Assert.Contains(storage.Reasons, reason => reason.Contains("1 table has samples of fewer than 3 days", StringComparison.Ordinal));
    }

    [Fact]
    public void Peaks_above_eighty_are_a_warning_and_below_max_connections_no_more()
    {
        var facts = Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.Connections, Hourly(40, hours => hours % 24 == 10 ? 90 : 20))),
            Present = Present() with { Connections = 12, MostConnections = 197 },
        };
        var (wished, most) = (UsageForecasts.OfConnections(facts).First(), UsageForecasts.OfConnections(facts).Last());
        Assert.Equal((HealthStatus.Warning, 90.0, 80.0), (wished.Status, wished.Current, wished.Limit));
        Assert.Equal((HealthStatus.Ok, 197.0, null), (most.Status, most.Limit, most.ReachedExpected));
        Assert.Contains("reached", wished.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sequence_ends_with_the_column_that_takes_its_values()
    {
        var facts = Facts(new CapacityPolicy()) with
        {
            Keys = new Dictionary<string, IReadOnlyList<SeriesPoint>>
            {
                ["public.orders_id_seq"] = Hourly(60, hours => 2_000_000_000 + hours * 50_000),
                ["public.slow_seq"] = Hourly(60, hours => 10 + Math.Floor(hours / 24)),
            },
            Present = Present() with
            {
                Keys =
                [
                    new KeyFacts("public.orders_id_seq", true, false, false, 2_072_000_000, int.MaxValue, "integer of public.orders.id"),
                    new KeyFacts("public.slow_seq", true, false, false, 70, long.MaxValue, "end of the sequence"),
                    new KeyFacts("public.unused_seq", true, false, false, null, long.MaxValue, "end of the sequence"),
                ],
            },
        };
        var keys = KeyForecasts.Of(facts, 10).ToList();
        Assert.Equal(["public.orders_id_seq", "public.slow_seq"], keys.Select(key => key.Subject));
        // 75.5 million are left, 1.2 million go a day.
        Assert.InRange(keys[0].ReachedExpected!.Value, Now.AddDays(61), Now.AddDays(65));
        Assert.Equal((HealthStatus.Ok, HealthStatus.Ok), (keys[0].Status, keys[1].Status));
        Assert.Null(keys[1].ReachedExpected);
        Assert.Single(KeyForecasts.Of(facts, 1));
    }

    [Fact]
    public void A_sequence_that_ends_by_itself_is_given_a_further_end_and_one_that_begins_again_does_not_run_out()
    {
        var keys = KeyForecasts.Of(
            Facts(new CapacityPolicy()) with
            {
                Present = Present() with
                {
                    Keys =
                    [
                        new KeyFacts("public.cyc", true, false, true, 99, 100, KeyFacts.OwnEnd),
                        new KeyFacts("public.dn", true, true, false, -990, -1000, KeyFacts.OwnEnd),
                        new KeyFacts("public.dn_over", true, true, false, -1000, -1000, KeyFacts.OwnEnd),
                        new KeyFacts("public.up", true, false, false, 990, 1000, KeyFacts.OwnEnd),
                        new KeyFacts("public.orders_id_seq", true, false, true, int.MaxValue - 10, int.MaxValue, "integer of public.orders.id"),
                    ],
                },
            },
            10).ToDictionary(key => key.Subject);
        Assert.Equal(["public.dn", "public.dn_over", "public.orders_id_seq", "public.up"], keys.Keys.Order());
        Assert.All(keys.Values, key => Assert.Equal(HealthStatus.Critical, key.Status));
        Assert.Contains("ALTER SEQUENCE public.dn AS bigint NO MINVALUE", keys["public.dn"].Recommendation, StringComparison.Ordinal);
        Assert.Contains("ALTER SEQUENCE public.dn_over AS bigint NO MINVALUE", keys["public.dn_over"].Recommendation, StringComparison.Ordinal);
        Assert.Contains("ALTER SEQUENCE public.up AS bigint NO MAXVALUE", keys["public.up"].Recommendation, StringComparison.Ordinal);
        Assert.Contains("wider type (bigint)", keys["public.orders_id_seq"].Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_history_cannot_be_read_what_lets_it_be_read_is_the_advice()
    {
        var facts = Facts(new CapacityPolicy()) with { HistoryTrouble = "The history cannot be read: permission denied.", HistoryRemedy = "GRANT CREATE ON DATABASE shop TO web.", Present = Present() with { ServerBytes = 1_000_000, Connections = 3 } };
        Assert.Equal("GRANT CREATE ON DATABASE shop TO web.", StorageForecasts.Of(facts).First().Recommendation);
        Assert.Equal("GRANT CREATE ON DATABASE shop TO web.", TransactionIdForecasts.Of(facts).Recommendation);
        Assert.Equal(CapacityAdvice.Sample, StorageForecasts.Of(Facts(new CapacityPolicy()) with { Present = facts.Present }).First().Recommendation);
        // Said once, however many it is so of.
        List<CapacityForecast> all = [.. StorageForecasts.Of(facts), .. UsageForecasts.OfConnections(facts), TransactionIdForecasts.Of(facts)];
        var report = CapacityReport.Of(all);
        Assert.Contains("GRANT CREATE", report.Summary[0], StringComparison.Ordinal);
        Assert.Single(report.Sections[0].Cards);
        Assert.DoesNotContain(report.Tiles, tile => tile.Value == "0 %");
    }

    [Fact]
    public void The_picture_shows_what_the_text_tells_of_the_highest()
    {
        var connections = UsageForecasts.OfConnections(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.Connections, Hourly(84, hours => hours % 24 == 10 ? (Math.Floor(hours / 24) == 75 ? 78 : 60 + hours / 240 + hours % 7) : 5))),
            Present = Present() with { Connections = 5, MostConnections = 197 },
        }).First();
        var report = CapacityReport.Of([connections]);
        var fan = Assert.IsType<TimePlot>(report.Sections.SelectMany(section => section.Plots).Single());
        Assert.Equal(3, fan.Lines.Count);
        Assert.Equal(connections.Peak!.Expected, fan.Lines[1].Points.Max(point => point.Value!.Value), 1e-6);
        // How often such days come is not known: the range is that of usual days.
        Assert.Equal("a usual day, four times out of five", fan.Bands.Single().Name);
        Assert.Equal(connections.Peak.High - connections.HighestAbove!.Value, fan.Bands.Single().Edges.First(edge => edge.At == connections.Peak.At).High, 1e-6);
        // The line reaches the limit where the text says that it does.
        Assert.InRange((fan.Lines[1].Points.First(point => point.Value >= 80).At - connections.ReachedExpected!.Value).TotalDays, 0, 1);
        Assert.True(fan.Lines[2].Points.All(point => point.Value < fan.Lines[1].Points.First(other => other.At == point.At).Value));
        // What was highest nine days ago is not in use now.
        Assert.Equal(("78 of 80", "on 2026-05-23; now 5"), (report.Tiles[0].Value, report.Tiles[0].Note!.Split("; limit")[0]));
        Assert.DoesNotContain("in use", report.Tiles[0].Label, StringComparison.Ordinal);
    }

    [Fact]
    public void A_date_that_only_bad_days_bring_is_told_with_that_condition_wherever_it_is_told()
    {
        // 78 on one day of thirty, otherwise sixty and some: usual days do not come near eighty within the projection.
        var connections = UsageForecasts.OfConnections(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.Connections, Hourly(84, hours => hours % 24 == 10 ? (Math.Floor(hours / 24) == 75 ? 78 : 60 + hours / 480 + hours % 3) : 5))),
            Present = Present() with { Connections = 5, MostConnections = 197 },
        }).First();
        Assert.NotNull(connections.ReachedExpected);
        Assert.Equal(Now.AddDays(-9).Date, connections.HighestAboveAt!.Value.Date);
        const string condition = "if a day is as far above the usual as 2026-05-23 was; on usual days not within 30 days";
        var report = CapacityReport.Of([connections]);
        Assert.Contains(condition, connections.Message, StringComparison.Ordinal);
        Assert.StartsWith("Connections against capacity.connectionLimit may reach its limit from ", report.Summary[0], StringComparison.Ordinal);
        Assert.Contains(condition, report.Summary[0], StringComparison.Ordinal);
        Assert.StartsWith("What to do: ", report.Summary[1], StringComparison.Ordinal);
        Assert.EndsWith(condition, report.Tiles[0].Note, StringComparison.Ordinal);
        Assert.Contains("expected of a day as far above the usual as 2026-05-23 was", report.Sections.SelectMany(section => section.Plots).OfType<TimePlot>().Single().Lines.Select(line => line.Name));
        // Where usual days come there too, that is said.
        Assert.Contains("on usual days from 2026-06-10 on", CapacityText.Dates(connections with { Forecast = [.. connections.Forecast.Select(value => value with { Expected = value.At < new DateTimeOffset(2026, 6, 10, 0, 0, 0, TimeSpan.Zero) ? 1 : 80 })] }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_to_be_done_today_is_to_be_done_now()
    {
        var forecast = TransactionIdForecasts.Of(Facts(new CapacityPolicy())) with { Status = HealthStatus.Warning, CollectedAt = Now, ReachedEarliest = Now.AddHours(11) };
        Assert.StartsWith("Now: ", CapacityAdvice.Of(forecast), StringComparison.Ordinal);
        Assert.StartsWith("Before 2026-06-02: ", CapacityAdvice.Of(forecast with { ReachedEarliest = Now.AddHours(13) }), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_limit_nothing_is_held_against_one()
    {
        var facts = Facts(new CapacityPolicy()) with { Metrics = Metrics((SampledMetrics.DailyBandwidth, Hourly(2, _ => Gigabyte))) };
        var bandwidth = UsageForecasts.OfBandwidth(facts);
        Assert.Equal((HealthStatus.Ok, null), (bandwidth.Status, bandwidth.Projected));
        Assert.StartsWith("1 GB, no limit set; how it goes on cannot be told: insufficient data", bandwidth.Message, StringComparison.Ordinal);
        // Unknown is not that.
        var unknown = UsageForecasts.OfBandwidth(Facts(new CapacityPolicy()));
        Assert.Equal(HealthStatus.Unknown, unknown.Status);
        Assert.Contains("only the edge function tells", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("functions", unknown.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_role_may_not_see_is_named_with_the_statement_that_helps()
    {
        var hidden = KeyForecasts.Of(Facts(new CapacityPolicy()) with
        {
            Present = Present() with { Role = "web", Keys = [new KeyFacts("shop.a_seq", true, false, false, null, 100, "end of the sequence") { IsHidden = true, Schema = "shop" }] },
        }, 10).Single();
        Assert.Contains("role web may not see how far 1 sequence has come: shop.a_seq", hidden.Message, StringComparison.Ordinal);
        Assert.Contains("GRANT SELECT ON ALL SEQUENCES IN SCHEMA shop TO web;", hidden.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_has_a_past_that_was_made_up_says_so()
    {
        List<SeriesPoint> madeUp = [.. Hourly(20, hours => hours).Select(point => point with { IsMadeUp = true })];
        var facts = Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.ServerSize, madeUp)),
            Present = Present() with { ServerBytes = 1000, Keys = [new KeyFacts("public.a", true, false, false, 5, 100, "end of the sequence")] },
        };
        Assert.StartsWith("The past is sample data", CapacityOrigin.Of(facts, StorageForecasts.Of(facts).First()), StringComparison.Ordinal);
        Assert.Null(CapacityOrigin.Of(facts, KeyForecasts.Of(facts, 10).Single()));
    }

    [Fact]
    public void A_sequence_that_counts_down_ends_at_its_lowest_value()
    {
        var key = KeyForecasts.Of(
            Facts(new CapacityPolicy()) with
            {
                Keys = new Dictionary<string, IReadOnlyList<SeriesPoint>> { ["public.down"] = Hourly(60, hours => -hours * 10) },
                Present = Present() with { Keys = [new KeyFacts("public.down", true, true, false, -14_400, -19_200, "end of the sequence")] },
            },
            10).Single();
        Assert.Equal(-240, key.TrendPerDay!.Value, 1);
        Assert.InRange(key.ReachedExpected!.Value, Now.AddDays(19), Now.AddDays(21));
        Assert.Equal(HealthStatus.Critical, key.Status);
        Assert.True(key.ProjectedLow <= key.Projected && key.Projected <= key.ProjectedHigh);
    }

    [Fact]
    public void While_freezing_keeps_up_transaction_ids_have_no_date()
    {
        var facts = Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.XidAge, Hourly(90, hours => 50e6 + hours % 600 * 250_000))),
            Present = Present() with { XidAge = 140_000_000, FreezeLimit = 200_000_000 },
        };
        var ids = TransactionIdForecasts.Of(facts);
        Assert.Equal((HealthStatus.Ok, null), (ids.Status, ids.ReachedExpected));
        Assert.InRange(ids.Projected!.Value, 199e6, 201e6);
        Assert.Contains(ids.Reasons, reason => reason.StartsWith("Freezing has kept the age at 199,750,000 or less in the last 90 days", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_freezing_does_not_keep_up_transaction_ids_have_a_date()
    {
        var ids = TransactionIdForecasts.Of(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.XidAge, Hourly(60, hours => 600e6 + hours * 1e6))),
            Present = Present() with { XidAge = 2_040_000_000, FreezeLimit = 200_000_000 },
        });
        // 104 million are left, 24 million go a day.
        Assert.InRange(ids.ReachedExpected!.Value, Now.AddDays(3.5), Now.AddDays(5.5));
        Assert.Equal(HealthStatus.Critical, ids.Status);
    }

    [Fact]
    public void Ids_taken_are_the_rises_and_not_the_falls()
    {
        List<TimedValue> ages = [new(0, 100), new(1, 110), new(2, 120), new(3, 15), new(4, 25)];
        Assert.Equal([-15.0, -5, 5, 15, 25], TransactionIdForecasts.Taken(ages).Select(age => age.Value));
    }

    // What the function says of a database that grows by 0.5 GB a day beside others, in GB.
    [Theory]
    [InlineData(40, 0.5, null)]
    [InlineData(41, 0.6, null)]
    [InlineData(40, 2, "grows by +2 GB a day, measured were +512 MB a day")]
    [InlineData(90, 0.5, "has 90 GB, measured were 40 GB")]
    public void What_the_function_says_is_compared_with_what_was_measured_of_the_same_database(double size, double growth, string? disagreement)
    {
        var storage = StorageForecasts.Of(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics(
                (SampledMetrics.ServerSize, Hourly(60, hours => (40 + hours / 24) * Gigabyte)),
                (SampledMetrics.DatabaseSize, Hourly(60, hours => (10 + hours / 48) * Gigabyte))),
            Present = Present() with { ServerBytes = (long)(100 * Gigabyte), DatabaseBytes = (long)(40 * Gigabyte) },
            Reported = new CapacityAnalysisResult { DatabaseSizeGb = size, DailyGrowthGb = growth, PeakConnections = 10, DailyBandwidthGb = 1 },
        }).First();
        Assert.Equal((size + 30 * growth) * Gigabyte, storage.Reported!.Projected!.Value, 0);
        if (disagreement is null)
        {
            Assert.Null(storage.Reported.Disagreement);
            Assert.DoesNotContain(storage.Reasons, reason => reason.Contains("capacity_analysis", StringComparison.Ordinal));
        }
        else
        {
            Assert.Contains($"shop {disagreement}", storage.Reported.Disagreement, StringComparison.Ordinal);
            Assert.Contains(storage.Reported.Disagreement, storage.Reasons);
        }
    }

    // The function does not say over which time its peak was: a lower one may be of a quieter time.
    [Theory]
    [InlineData(3, false)]
    [InlineData(22, false)]
    [InlineData(90, true)]
    public void A_peak_that_was_never_measured_disagrees_and_a_lower_one_does_not(long peak, bool disagrees)
    {
        var connections = UsageForecasts.OfConnections(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.Connections, Hourly(40, hours => hours % 24 == 10 ? 22 : 9))),
            Present = Present() with { Connections = 5 },
            Reported = new CapacityAnalysisResult { DatabaseSizeGb = 1, DailyGrowthGb = 0, PeakConnections = peak, DailyBandwidthGb = 1 },
        }).First();
        Assert.Equal(disagrees, connections.Reported!.Disagreement is not null);
    }

    [Fact]
    public void Storage_that_jumped_this_morning_is_expected_above_what_it_is_now()
    {
        // The median of today is still that from before, and the server has 30 GB more since an hour.
        var storage = StorageForecasts.Of(Facts(new CapacityPolicy { StorageLimit = (long)(200 * Gigabyte) }) with
        {
            Metrics = Metrics((SampledMetrics.ServerSize, Hourly(60, hours => (40 + hours / 240) * Gigabyte))),
            Present = Present() with { ServerBytes = (long)(76 * Gigabyte), DatabaseBytes = (long)(76 * Gigabyte) },
        }).Single();
        Assert.InRange(storage.Projected!.Value / Gigabyte, 78, 80);
        Assert.True(storage.ProjectedLow / Gigabyte < 50 && storage.ProjectedHigh / Gigabyte > 108);
        Assert.Equal((ForecastConfidence.Low, HealthStatus.Ok), (storage.Confidence, storage.Status));
        Assert.Contains(storage.Reasons, reason => reason.StartsWith("It rose by 30 GB at once on 2026-06-01", StringComparison.Ordinal));
        Assert.Contains("76 GB of 200 GB; 79 GB (49 GB to 109 GB) expected", storage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_what_has_a_week_the_value_at_the_end_and_the_peak_on_the_way_are_told_apart()
    {
        // Thirty days after a Monday it is a Wednesday; Fridays have 40 more.
        var connections = UsageForecasts.OfConnections(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.Connections, Hourly(84, hours => hours % 24 == 10 ? 20 + (Now.AddDays(-84).AddHours(hours).DayOfWeek == DayOfWeek.Friday ? 40 : 0) + hours % 5 : 5))),
            Present = Present() with { Connections = 5 },
        }).First();
        Assert.InRange(connections.Projected!.Value, 17, 28);
        Assert.InRange(connections.Peak!.Expected, 55, 68);
        Assert.Equal(DayOfWeek.Friday, connections.Peak.At.DayOfWeek);
        Assert.InRange(connections.Peak.At, Now, Now.AddDays(31));
        Assert.Matches(@"^\d+ of 80 at the highest of the last 30 days \(2026-05-\d\d\); on a day as far above the usual as 2026-05-\d\d was up to \d+ in the next 30 days, on usual days up to \d+\.", connections.Message);
    }

    [Fact]
    public void What_was_highest_nine_days_ago_counts_and_may_come_again_while_it_grows()
    {
        // 78 nine days ago, since then quieter days; grows by 0.1 a day.
        var all = UsageForecasts.OfConnections(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.Connections, Hourly(84, hours => hours % 24 == 10 ? (Math.Floor(hours / 24) == 75 ? 78 : 60 + hours / 240 + hours % 7) : 5))),
            Present = Present() with { Connections = 5, MostConnections = 197 },
        }).ToList();
        Assert.All(all, connections =>
        {
            Assert.Equal(78, connections.Current);
            Assert.Equal(Now.AddDays(-9).Date, connections.CurrentAt!.Value.Date);
            Assert.True(connections.Peak!.Expected >= 78);
        });
        Assert.Equal((HealthStatus.Warning, HealthStatus.Ok), (all[0].Status, all[1].Status));
        Assert.StartsWith("78 of 80 at the highest of the last 30 days (2026-05-23); on a day as far above the usual as 2026-05-23 was up to ", all[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_samples_how_many_connections_there_are_at_the_highest_is_unknown()
    {
        CapacityForecast Of(int now) => UsageForecasts.OfConnections(Facts(new CapacityPolicy()) with { Present = Present() with { Connections = now } }).First();
        Assert.Equal((HealthStatus.Unknown, null), (Of(0).Status, Of(0).Current));
        Assert.Contains(Of(3).Reasons, reason => reason.EndsWith("Just now there are 3.", StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Warning, Of(78).Status);
    }

    [Theory]
    [InlineData(98, HealthStatus.Critical)]
    [InlineData(92, HealthStatus.Warning)]
    [InlineData(50, HealthStatus.Unknown)]
    public void With_too_little_history_what_is_used_now_decides(double percent, HealthStatus status)
    {
        var storage = StorageForecasts.Of(Facts(new CapacityPolicy { StorageLimit = (long)(100 * Gigabyte) }) with { Present = Present() with { ServerBytes = (long)(percent * Gigabyte) } }).ToList();
        Assert.Equal((status, null), (storage[0].Status, storage[0].Projected));
        Assert.Equal(status == HealthStatus.Unknown ? null : status, ScalingAlert.Of(storage)?.Severity);
    }

    [Fact]
    public void Integer_keys_without_samples_are_unknown_and_say_what_to_do()
    {
        var key = KeyForecasts.Of(
            Facts(new CapacityPolicy()) with
            {
                Present = Present() with { Keys = [new KeyFacts("public.plain.id", false, false, false, null, int.MaxValue, "integer"), new KeyFacts("public.empty.id", false, false, false, null, int.MaxValue, "integer") { IsEmpty = true }] },
            },
            10).Single();
        Assert.Equal((CapacityResource.IntegerKey, HealthStatus.Unknown), (key.Resource, key.Status));
        Assert.Equal("How far 1 integer key without a sequence has come is unknown: the history has no sample of public.plain.id.", key.Message);
        Assert.Contains("PerformanceMetrics", key.Recommendation, StringComparison.Ordinal);
        var ok = StorageForecasts.Of(Facts(new CapacityPolicy()) with { Metrics = Metrics((SampledMetrics.ServerSize, Hourly(60, hours => 1e9 + hours * 1000))), Present = Present() with { ServerBytes = 1_001_440_000 } }).First();
        Assert.StartsWith("1 of 2 cannot be told yet", CapacityReport.Of([ok, key]).Summary[0], StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_limit_is_not_called_well()
    {
        var bandwidth = UsageForecasts.OfBandwidth(Facts(new CapacityPolicy()) with { Metrics = Metrics((SampledMetrics.DailyBandwidth, Hourly(60, hours => 1e9 + hours * 1000))) });
        Assert.Contains("no limit set", bandwidth.Message, StringComparison.Ordinal);
        Assert.Equal("no limit", CapacityService.Verdict(bandwidth));
        var report = CapacityReport.Of([bandwidth]);
        Assert.Null(report.Tiles[0].Word);
        Assert.StartsWith("Nothing that was looked at has a limit", report.Summary[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_sandboxs_note_is_said_once_and_no_message_twice()
    {
        var storage = StorageForecasts.Of(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.ServerSize, Hourly(60, hours => (20 + hours / 24) * Gigabyte))),
            Present = Present() with { ServerBytes = (long)(80 * Gigabyte) },
        }).Select(forecast => forecast with { Origin = "Made up.", Message = $"{forecast.Message} Made up." }).ToList();
        var text = MarkdownReportWriter.Write(CapacityReport.Of(storage));
        Assert.Equal(2, text.Split("Made up.").Length);
        Assert.Equal(2, text.Split(storage[0].Message.Replace(" Made up.", "", StringComparison.Ordinal)).Length);
    }

    [Fact]
    public void A_report_of_a_part_does_not_take_the_place_of_the_whole()
    {
        var forecasts = StorageForecasts.Of(Facts(new CapacityPolicy())).ToList();
        var target = Facts(new CapacityPolicy()).Target;
        Assert.Equal("capacity/capacity-20260601.md", CapacityService.NameOf(target, forecasts, null, 10));
        Assert.Equal("capacity/capacity-20260601.html", CapacityService.NameOf(target, forecasts, Enum.GetValues<CapacityResource>(), 10, "html"));
        Assert.Equal("capacity/capacity-20260601-storage.md", CapacityService.NameOf(target, forecasts, [CapacityResource.Storage], 10));
        Assert.Equal("capacity/capacity-20260601-90-days-ahead.md", CapacityService.NameOf(target, [.. forecasts.Select(forecast => forecast with { Projection = TimeSpan.FromDays(90) })], null, 10));
        Assert.Equal("capacity/capacity-20260601-first-3.md", CapacityService.NameOf(target, forecasts, null, 3));
    }

    [Fact]
    public void Ids_that_are_frozen_long_before_they_must_be_are_told_by_their_peak()
    {
        var ids = TransactionIdForecasts.Of(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.XidAge, Hourly(90, hours => 30 + hours % 160 * 2.5))),
            Present = Present() with { XidAge = 118, FreezeLimit = 200_000_000 },
        });
        Assert.Matches(@"^118 of 2,144,483,647; peaks of 4\d\d expected in 30 days", ids.Message);
        Assert.True(ids.ProjectedHigh < 430);
    }

    // 190 million with a saw up to 200 million, and with one that so far was cut at 150 million.
    [Theory]
    [InlineData(600)]
    [InlineData(400)]
    public void At_190_million_ids_no_more_are_expected_than_autovacuum_lets_come(int hoursOfSaw)
    {
        var ids = TransactionIdForecasts.Of(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.XidAge, Hourly(90, hours => 50e6 + hours % hoursOfSaw * 250_000))),
            Present = Present() with { XidAge = 190_000_000, FreezeLimit = 200_000_000 },
        });
        Assert.InRange(ids.Projected!.Value, 190e6, 200e6);
        Assert.True(ids.ProjectedHigh <= 200e6);
        Assert.Equal(HealthStatus.Ok, ids.Status);
    }

    [Fact]
    public void Gaps_and_clocks_that_jumped_forth_and_back_do_not_move_a_forecast()
    {
        var samples = Hourly(90, hours => (10 + hours / 48) * Gigabyte).Where(point => point.To < Now.AddDays(-50) || point.To > Now.AddDays(-40)).ToList();
        // For three hours the clock was eleven days ahead, and for three hours nine days behind.
        var wrong = samples.Select(point => (point.To > Now.AddDays(-20) && point.To < Now.AddDays(-20).AddHours(3)) ? 11 : point.To > Now.AddDays(-15) && point.To < Now.AddDays(-15).AddHours(3) ? -9 : 0)
            .Zip(samples, (days, point) => point with { From = point.From.AddDays(days), To = point.To.AddDays(days) }).OrderBy(point => point.To).ToList();
        var storage = StorageForecasts.Of(Facts(new CapacityPolicy()) with { Metrics = Metrics((SampledMetrics.ServerSize, wrong)) }).Single();
        Assert.InRange(storage.TrendPerDay!.Value / Gigabyte, 0.49, 0.51);
        Assert.InRange(storage.Projected!.Value / Gigabyte, 69, 71);
        Assert.InRange(storage.CoveragePercent!.Value, 85, 92);
        Assert.Contains(storage.Reasons, reason => reason.Contains("days have no samples", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(72.3, 0.4, MetricUnit.Count, "72")]
    [InlineData(72.3, 12, MetricUnit.Count, "72")]
    [InlineData(345.6, 40, MetricUnit.Count, "350")]
    [InlineData(2_049_123_456.7, 2_000_000, MetricUnit.Count, "2,049,000,000")]
    [InlineData(2_049_123_456.7, 0, MetricUnit.Count, "2,049,000,000")]
    [InlineData(117_396_012_345.0, 0, MetricUnit.Bytes, "109.3 GB")]
    [InlineData(117_396_012_345.0, 5e9, MetricUnit.Bytes, "109 GB")]
    [InlineData(117_396_012_345.0, 5e10, MetricUnit.Bytes, "110 GB")]
    [InlineData(0.0, 3, MetricUnit.Count, "0")]
    public void What_is_expected_has_no_more_digits_than_its_error_leaves(double value, double error, MetricUnit unit, string text) =>
        Assert.Equal(text, CapacityText.Expected(value, error, unit));

    [Theory]
    [InlineData(2_072_000_001, MetricUnit.Count, "2,072,000,001")]
    [InlineData(13_207_024_435, MetricUnit.Bytes, "12.3 GB")]
    public void What_was_measured_is_told_as_it_is(double value, MetricUnit unit, string text) => Assert.Equal(text, CapacityText.Value(value, unit));

    [Theory]
    [InlineData(240.04, 0.2, MetricUnit.Count, "+240 a day")]
    [InlineData(0.237, 0.01, MetricUnit.Count, "+0.24 a day")]
    [InlineData(-1_234_567, 20_000, MetricUnit.Count, "-1,230,000 a day")]
    [InlineData(1_288_490_188.8, 1e8, MetricUnit.Bytes, "+1.2 GB a day")]
    public void Growth_has_a_sign_and_as_many_digits_as_are_known(double value, double error, MetricUnit unit, string text) => Assert.Equal(text, CapacityText.PerDay(value, error, unit));

    [Fact]
    public void Dates_are_dates_where_they_are_near_and_months_where_nobody_knows_the_day()
    {
        var forecast = new CapacityForecast
        {
            Target = "shop", Resource = CapacityResource.Storage, Subject = "all databases", Status = HealthStatus.Ok, Message = "", Limit = 1, CollectedAt = Now, CurrentAt = Now,
            ReachedEarliest = Now.AddDays(10), ReachedExpected = Now.AddDays(12), ReachedLatest = Now.AddDays(20),
        };
        Assert.Equal("about 2026-06-13 (between 2026-06-11 and 2026-06-21)", CapacityText.Dates(forecast));
        Assert.Equal(("2026-06-13", "2026-06-11 to 2026-06-21"), (CapacityText.Reached(forecast), CapacityText.Between(forecast)));
        var far = forecast with { ReachedExpected = Now.AddDays(400), ReachedLatest = Now.AddDays(700) };
        Assert.Equal("about 2027-07 (between 2026-06 and 2028-05)", CapacityText.Dates(far));
        Assert.Equal("about 2026-06-13", CapacityText.Dates(forecast with { ReachedEarliest = Now.AddDays(12), ReachedLatest = Now.AddDays(12) }));
        Assert.Equal("2026-06-11 or later", CapacityText.Between(forecast with { ReachedExpected = null, ReachedLatest = null }));
    }

    [Fact]
    public void The_scaling_alert_has_the_guides_fields()
    {
        var storage = StorageForecasts.Of(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.ServerSize, Hourly(60, hours => (20 + hours / 24) * Gigabyte))),
            Present = Present() with { ServerBytes = (long)(80 * Gigabyte) },
        }).ToList();
        var message = ScalingAlert.Of(storage)!;
        Assert.Equal(HealthStatus.Warning, storage[0].Status);
        Assert.Equal(("Default", HealthStatus.Warning), (message.Channel, message.Severity));
        Assert.Equal(["Current Size", "30-Day Projection", "Action"], message.Fields.Select(field => field.Name));
        Assert.Equal("80 GB", message.Fields[0].Value);
        Assert.Matches("^1(09|10)(\\.\\d)? GB$", message.Fields[1].Value);
        Assert.Equal("Review scaling options", message.Fields[2].Value);
        Assert.Null(ScalingAlert.Of([storage[0] with { Limit = 200 * Gigabyte }]));
    }

    [Fact]
    public void Samples_of_the_future_are_left_out_and_told()
    {
        var points = Hourly(30, hours => 100 + hours);
        var series = DailySeries.OfMedians([.. points, new SeriesPoint(Now.AddDays(40), Now.AddDays(40), SampleValue.Of(1e9))], Now);
        Assert.Equal(DailySeries.OfMedians(points, Now).Points, series.Points);
        Assert.StartsWith("1 sample lies in the future", Assert.Single(series.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_that_a_clock_set_back_put_into_the_past_do_not_move_the_median_of_their_day()
    {
        var points = Hourly(30, hours => 1000 + hours);
        var wrong = Enumerable.Range(0, 5).Select(index => Now.AddDays(-20).AddMinutes(7 * index)).Select(at => new SeriesPoint(at, at, SampleValue.Of(1720)));
        var days = DailySeries.OfMedians([.. points.Concat(wrong).OrderBy(point => point.To)], Now).Points;
        Assert.InRange(TheilSen.Fit(days)!.Slope, 23.8, 24.2);
    }

    [Fact]
    public void A_day_that_has_just_begun_has_no_peak()
    {
        var morning = new DateTimeOffset(2026, 6, 1, 3, 0, 0, TimeSpan.Zero);
        var peaks = DailySeries.OfPeaks(Hourly(10, hours => 5 + hours % 24).Where(point => point.To <= morning).ToList(), morning);
        Assert.All(peaks.Points, point => Assert.InRange(point.Value, 28 - 12, 29));
        Assert.DoesNotContain(peaks.Points, point => point.At.Date == morning.Date);
    }

    [Fact]
    public void The_report_says_first_what_runs_out_and_has_a_picture_with_band_and_limit()
    {
        var storage = StorageForecasts.Of(Facts(new CapacityPolicy()) with
        {
            Metrics = Metrics((SampledMetrics.ServerSize, Hourly(60, hours => (20 + hours / 24) * Gigabyte))),
            Tables = new Dictionary<string, IReadOnlyList<SeriesPoint>> { ["public.events"] = Hourly(60, hours => 1e8 + hours * 750_000) },
            Present = Present() with { ServerBytes = (long)(80 * Gigabyte) },
        }).ToList();
        var report = CapacityReport.Of(storage);
        Assert.Equal("80 %", report.Tiles[0].Value);
        Assert.StartsWith("Storage: all databases reaches its limit about 2026-06-21 (between 2026-06-", report.Summary[0], StringComparison.Ordinal);
        Assert.StartsWith("What to do: Before 2026-06-", report.Summary[1], StringComparison.Ordinal);
        Assert.Contains("say how much room there really is", report.Summary[1], StringComparison.Ordinal);
        Assert.Equal("80 GB of 100 GB.", report.Summary[2]);
        var plots = report.Sections.SelectMany(section => section.Plots).ToList();
        var fan = Assert.IsType<TimePlot>(plots[0]);
        Assert.Equal(["measured", "expected"], fan.Lines.Select(line => line.Name));
        Assert.True(fan.Lines[1].IsExpected);
        Assert.Single(fan.Bands);
        Assert.Equal(100 * Gigabyte, Assert.Single(fan.Limits).Value);
        Assert.Equal("public.events", Assert.IsType<BarPlot>(plots[1]).Bars.Single().Name);
    }

    private static CapacityFacts Facts(CapacityPolicy policy, long? analytics = null) => new()
    {
        Target = new MaintenanceTarget { Name = "shop", Capacity = policy, Analytics = new AnalyticsSettings { StorageLimit = analytics } },
        Now = Now,
        Projection = TimeSpan.FromDays(30),
    };

    private static PresentFacts Present() => new() { At = Now, Database = "shop", MajorVersion = 18, FreezeLimit = 200_000_000, MostConnections = 97 };

    private static Dictionary<string, IReadOnlyList<SeriesPoint>> Metrics(params (SampledMetric Metric, IReadOnlyList<SeriesPoint> Points)[] series) =>
        series.ToDictionary(entry => entry.Metric.Name, entry => entry.Points);

    // A measurement an hour, up to now; the function gets the hours since the first.
    private static List<SeriesPoint> Hourly(int days, Func<double, double> value) =>
    [
        .. Enumerable.Range(0, days * 24 + 1).Select(hour => Now.AddDays(-days).AddHours(hour) is var at
            ? new SeriesPoint(at.AddHours(-1), at, SampleValue.Of(value(hour)))
            : default),
    ];
}
