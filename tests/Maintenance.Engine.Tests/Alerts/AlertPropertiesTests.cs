using Maintenance.Engine.Alerts;
using static Maintenance.Engine.Tests.Alerts.AlertTestRules;

namespace Maintenance.Engine.Tests.Alerts;

/// <summary>
/// What holds whatever happens: random values with gaps, restarts and steps of the clock, against rules of every kind. A second, simpler model
/// says what people know.
/// </summary>
public sealed class AlertPropertiesTests
{
    private static readonly AlertPolicy Policy = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 200)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nothing_is_told_without_a_change_nothing_twice_and_everything_ends_or_is_told_again(int seed)
    {
        var random = new Random(seed);
        var rule = AnyRule(random);
        var (memory, now) = (Begin(Noon), Noon);
        var known = AlertTold.Nothing;
        DateTimeOffset? toldAt = null;
        for (var i = 0; i < 400; i++)
        {
            now += AnyStep(random);
            var before = memory;
            memory = Restarted(AlertMachine.Next(rule, memory, AnyValue(random), now, now));
            var news = AlertNotices.Of(rule, memory, Policy, now);
            var isSuppressed = random.Next(5) == 0;
            if (isSuppressed)
            {
                continue;
            }

            Check(rule, before, memory, news, known, toldAt, now);
            (known, toldAt) = Known(known, toldAt, news, now);
            memory = AlertNotices.Told(memory, news, now);
            Assert.Equal(known, memory.Told);
            Assert.Equal(AlertNews.None, AlertNotices.Of(rule, memory, Policy, now));
        }

        // At the end it is good for long, and people know it.
        for (var i = 0; i < 100; i++)
        {
            now += TimeSpan.FromMinutes(10);
            memory = AlertMachine.Next(rule, memory, 0, now, now);
            memory = AlertNotices.Told(memory, AlertNotices.Of(rule, memory, Policy, now), now);
        }

        Assert.Equal((AlertState.Inactive, AlertTold.Nothing, false), (memory.State, memory.Told, memory.IsFlapping));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void It_fires_exactly_when_the_values_say_so(int seed)
    {
        var random = new Random(seed);
        var rule = AnyRule(random) with { NoData = NoDataPolicy.Keep };
        var memory = Begin(Noon);
        var (now, seen) = (Noon, new List<(DateTimeOffset At, double Value)>());
        var isFiring = false;
        for (var i = 0; i < 300; i++)
        {
            now += TimeSpan.FromMinutes(random.Next(1, 8));
            var value = AnyValue(random);
            memory = AlertMachine.Next(rule, memory, value, now, now);
            if (value is { } number && double.IsFinite(number))
            {
                seen.Add((now, number));
                isFiring = Model(rule, seen, isFiring);
            }

            Assert.Equal(isFiring, memory.State is AlertState.Firing or AlertState.Recovering);
        }
    }

    // Told from the values alone, looking back each time: a run of bad ones that is long enough begins it, a run of clear ones that is long enough ends it.
    private static bool Model(AlertRule rule, List<(DateTimeOffset At, double Value)> seen, bool wasFiring)
    {
        var run = Enumerable.Reverse(seen).TakeWhile(one => wasFiring ? one.Value <= (rule.ClearThreshold ?? rule.Threshold) : one.Value > rule.Threshold).ToList();
        if (run.Count == 0)
        {
            return wasFiring;
        }

        var length = run[0].At - run[^1].At;
        return wasFiring
            ? length < rule.KeepFiringFor
            : run.Count >= rule.MinimumSamples && length >= rule.For;
    }

    private static void Check(AlertRule rule, AlertMemory before, AlertMemory memory, AlertNews news, AlertTold known, DateTimeOffset? toldAt, DateTimeOffset now)
    {
        switch (news)
        {
            case AlertNews.Firing:
                Assert.True(memory.State is AlertState.Firing or AlertState.Recovering && known != AlertTold.Firing);
                break;
            case AlertNews.Resolved:
                Assert.True(memory.State == AlertState.Inactive && known != AlertTold.Nothing);
                break;
            case AlertNews.NoData:
                Assert.True(memory.State == AlertState.NoData && known != AlertTold.NoData);
                break;
            case AlertNews.Flapping:
                Assert.True(memory.IsFlapping && known != AlertTold.Flapping);
                break;
            case AlertNews.Repeated:
                Assert.True(known != AlertTold.Nothing && now - (toldAt < now ? toldAt : now) >= Policy.Repeat);
                break;
            case AlertNews.Escalated:
                Assert.True(rule.Severity == AlertSeverity.Critical && known == AlertTold.Firing && memory.EscalatedAt is null);
                break;
            default:
                // Who knows that it fires hears of it again in time.
                Assert.True(known == AlertTold.Nothing || now - toldAt < Policy.Repeat || toldAt > now || before.ToldAt > now);
                break;
        }
    }

    private static (AlertTold, DateTimeOffset?) Known(AlertTold known, DateTimeOffset? toldAt, AlertNews news, DateTimeOffset now) => news switch
    {
        AlertNews.None => (known, toldAt > now ? now : toldAt),
        AlertNews.Firing => (AlertTold.Firing, now),
        AlertNews.NoData => (AlertTold.NoData, now),
        AlertNews.Flapping => (AlertTold.Flapping, now),
        AlertNews.Resolved => (AlertTold.Nothing, now),
        _ => (known, now),
    };

    // A process that ends and another that begins: only what the history keeps goes over.
    private static AlertMemory Restarted(AlertMemory memory) => Newtonsoft.Json.JsonConvert.DeserializeObject<AlertMemory>(
        Newtonsoft.Json.JsonConvert.SerializeObject(memory), new Newtonsoft.Json.JsonSerializerSettings { DateParseHandling = Newtonsoft.Json.DateParseHandling.DateTimeOffset })!;

    private static AlertRule AnyRule(Random random) => Rule(
        clear: random.Next(2) == 0 ? 7 : null,
        forMinutes: random.Next(3) * 6,
        keepMinutes: random.Next(3) * 6,
        samples: random.Next(1, 4),
        noData: (NoDataPolicy)random.Next(3),
        severity: (AlertSeverity)random.Next(2));

    private static double? AnyValue(Random random) => random.Next(12) switch
    {
        0 or 1 => null,
        2 => double.NaN,
        3 => 10,
        < 8 => 20,
        8 => 8,
        _ => 1,
    };

    // Mostly minutes; sometimes a pause of hours, sometimes a clock that is set back.
    private static TimeSpan AnyStep(Random random) => random.Next(30) switch
    {
        0 => TimeSpan.FromHours(random.Next(1, 12)),
        1 => TimeSpan.FromMinutes(-random.Next(1, 90)),
        _ => TimeSpan.FromMinutes(random.Next(1, 8)),
    };
}
