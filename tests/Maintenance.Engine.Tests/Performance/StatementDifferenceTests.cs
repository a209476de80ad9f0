using CsCheck;
using Maintenance.Engine.Performance.Statements;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Differences of readings against a server that is simulated: it counts, forgets and is reset as PostgreSQL does.</summary>
public sealed class StatementDifferenceTests
{
    private static readonly Gen<(int What, int Key, int Time)> Step = Gen.Select(Gen.Int[0, 19], Gen.Int[0, 3], Gen.Int[1, 1000]);

    [Fact]
    public void On_PostgreSQL_17_differences_are_what_happened_or_say_that_they_are_not() =>
        Step.Array[0, 120].Sample(steps => Follow(new Server(TellsReset: true, TellsSince: true), steps, canResetOne: true, isWhole: true), iter: 3000);

    [Fact]
    public void On_PostgreSQL_14_so_they_are_unless_a_single_statement_was_reset() =>
        Step.Array[0, 120].Sample(steps => Follow(new Server(TellsReset: true, TellsSince: false), steps, canResetOne: false, isWhole: true), iter: 3000);

    [Fact]
    public void On_PostgreSQL_13_they_are_never_more_than_what_happened() =>
        Step.Array[0, 120].Sample(steps => Follow(new Server(TellsReset: false, TellsSince: false), steps, canResetOne: true, isWhole: false), iter: 3000);

    [Fact]
    public void Without_resets_the_differences_add_up_to_the_end_less_the_beginning()
    {
        var server = new Server(TellsReset: true, TellsSince: true);
        server.Execute(0, 10);
        var (begin, sum) = (server.Read(), new Dictionary<StatementKey, StatementCounts>());
        var last = begin;
        for (var round = 1; round <= 20; round++)
        {
            server.Execute(round % 3, round);
            server.Execute(0, 7);
            var now = server.Read();
            var difference = StatementDifference.Between(last, now);
            Assert.Null(difference.Incomplete);
            sum = StatementSampler.Sum([sum, difference.Counts]);
            last = now;
        }

        foreach (var (key, counter) in last.Statements)
        {
            var whole = counter.Counts - (begin.Statements.TryGetValue(key, out var first) ? first.Counts : default);
            Assert.Equal(whole.Calls, sum[key].Calls, 1e-9);
            Assert.Equal(whole.Time, sum[key].Time, 1e-6);
            Assert.Equal(whole.StandardDeviation!.Value, sum[key].StandardDeviation!.Value, 1e-6);
        }
    }

    [Fact]
    public void A_reset_is_told_with_its_time()
    {
        var server = new Server(TellsReset: true, TellsSince: false);
        server.Execute(0, 10);
        var before = server.Read();
        server.ResetAll();
        server.Execute(0, 20);

        var difference = StatementDifference.Between(before, server.Read());

        Assert.Equal(20, Assert.Single(difference.Counts).Value.Time);
        Assert.Contains("were reset at 2030-", difference.Incomplete!, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_hidden_before_is_not_taken_for_what_happened_since()
    {
        var server = new Server(TellsReset: true, TellsSince: true);
        server.Execute(0, 10);
        server.Execute(1, 1000);
        var all = server.Read();
        var before = all with { Hidden = 1, Statements = all.Statements.Where(statement => statement.Key != Server.Key(1)).ToDictionary() };
        server.Execute(0, 20);

        var difference = StatementDifference.Between(before, server.Read() with { Hidden = 0 });

        Assert.Equal(20, Assert.Single(difference.Counts).Value.Time);
        Assert.Contains("were hidden", difference.Incomplete!, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_server_is_not_compared_with()
    {
        var reading = new Server(TellsReset: true, TellsSince: true).Read() with { System = 1 };

        Assert.True((reading with { At = reading.At.AddMinutes(5) }).Follows(reading));
        Assert.True((reading with { System = null }).Follows(reading));
        Assert.False((reading with { System = 2 }).Follows(reading));
        // Its counters began before those that were read: they are not what they became.
        Assert.False((reading with { ResetAt = reading.ResetAt!.Value.AddMinutes(-1) }).Follows(reading));
        var kept = StatementHistory.Read(reading.At, StatementHistory.Write(new KeptReading(reading with { Hidden = 3 }, StatementTexts.None)))!.Reading;
        Assert.Equal((1L, 3L), (kept.System, kept.Hidden));
    }

    [Fact]
    public void A_discarded_statement_is_told_though_it_came_back_with_higher_counters()
    {
        var server = new Server(TellsReset: true, TellsSince: false);
        server.Execute(0, 10);
        var before = server.Read();
        server.Discard(0);
        server.Execute(0, 15);
        server.Execute(0, 15);

        var difference = StatementDifference.Between(before, server.Read());

        Assert.Contains("Raise pg_stat_statements.max", difference.Incomplete!, StringComparison.Ordinal);
        Assert.True(difference.Counts.Values.Single().Time <= 30);
    }

    [Fact]
    public void A_reading_that_was_kept_is_the_same_when_it_is_read()
    {
        var server = new Server(TellsReset: true, TellsSince: true);
        server.Execute(0, 1.0 / 3);
        server.Execute(1, 1e-7);
        var known = new StatementTexts(new Dictionary<StatementKey, string> { [Server.Key(0)] = "SELECT ?" }, new HashSet<StatementKey> { Server.Key(1) });
        var reading = server.Read();

        var read = StatementHistory.Read(reading.At, StatementHistory.Write(new KeptReading(reading, known)))!;

        Assert.Equal(reading.Statements, read.Reading.Statements);
        Assert.Equal((reading.At, reading.ResetAt, reading.Started, reading.Discarded), (read.Reading.At, read.Reading.ResetAt, read.Reading.Started, read.Reading.Discarded));
        Assert.Equal(known.Texts, read.Known.Texts);
        Assert.Equal(known.Own, read.Known.Own);
        Assert.Null(StatementDifference.Between(read.Reading, reading).Incomplete);
        Assert.Null(StatementHistory.Read(reading.At, "{}"));
    }

    private static void Follow(Server server, (int What, int Key, int Time)[] steps, bool canResetOne, bool isWhole)
    {
        var last = server.Read();
        server.Truth.Clear();
        foreach (var (what, key, time) in steps)
        {
            switch (what)
            {
                case 0:
                    server.ResetAll();
                    break;
                case 1:
                    server.Discard(key);
                    break;
                // One that began after the last reading and is gone before the next leaves no trace anywhere.
                case 2 when canResetOne && last.Statements.ContainsKey(Server.Key(key)):
                    server.ResetOne(key);
                    break;
                case 3:
                    server.Restart();
                    break;
                case > 3 and < 8:
                    var now = server.Read();
                    Check(StatementDifference.Between(last, now), server.Truth, isWhole);
                    last = now;
                    server.Truth.Clear();
                    break;
                default:
                    server.Execute(key, time);
                    break;
            }
        }
    }

    private static void Check(StatementDifference difference, Dictionary<StatementKey, StatementCounts> truth, bool isWhole)
    {
        foreach (var (key, counts) in difference.Counts)
        {
            var happened = truth.GetValueOrDefault(key);
            Assert.All(counts.ToArray(), value => Assert.True(value >= 0));
            Assert.True(counts.Calls <= happened.Calls && counts.Time <= happened.Time + 1e-6, $"{counts} is more than {happened}.");
        }

        if (isWhole && difference.Incomplete is null)
        {
            Assert.Equal(truth.Keys.Order(Comparer<StatementKey>.Create((a, b) => a.QueryId.CompareTo(b.QueryId))), difference.Counts.Keys.OrderBy(key => key.QueryId));
            Assert.All(truth, pair => Assert.Equal(pair.Value.Calls, difference.Counts[pair.Key].Calls));
            Assert.All(truth, pair => Assert.Equal(pair.Value.Time, difference.Counts[pair.Key].Time, 1e-6));
        }
    }

    private sealed record Server(bool TellsReset, bool TellsSince)
    {
        private static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private readonly Dictionary<StatementKey, StatementCounter> _entries = [];
        private int _minute;
        private long _discarded;
        private DateTimeOffset _reset = Epoch;
        private DateTimeOffset _started = Epoch;

        public Dictionary<StatementKey, StatementCounts> Truth { get; } = [];

        public static StatementKey Key(int number) => new(10, 5, 1 + number, true);

        public void Execute(int number, double time)
        {
            var (key, counts) = (Key(number), new StatementCounts { Calls = 1, Time = time, Squares = time * time, Rows = 2 });
            Truth[key] = Truth.GetValueOrDefault(key) + counts;
            var now = Tick();
            _entries[key] = _entries.TryGetValue(key, out var entry)
                ? entry with { Counts = entry.Counts + counts }
                : new StatementCounter(counts, TellsSince ? now.ToUnixTimeMilliseconds() : null);
        }

        public void ResetAll()
        {
            _entries.Clear();
            (_reset, _discarded) = (Tick(), 0);
        }

        public void ResetOne(int number) => _entries.Remove(Key(number));

        public void Discard(int number) => _discarded += _entries.Remove(Key(number)) ? 1 : 0;

        // With pg_stat_statements.save off.
        public void Restart()
        {
            ResetAll();
            _started = Tick();
        }

        public StatementReading Read() => new()
        {
            At = Tick(),
            Started = _started,
            ResetAt = TellsReset ? _reset : null,
            Discarded = TellsReset ? _discarded : null,
            Statements = _entries.ToDictionary(),
        };

        private DateTimeOffset Tick() => Epoch.AddMinutes(++_minute);
    }
}
