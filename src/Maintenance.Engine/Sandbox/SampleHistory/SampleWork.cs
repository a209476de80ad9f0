using Maintenance.Engine.Performance.Statements;

namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>What the sandbox's statements did in five minutes of the past. Pure; one execution takes at the end what the server measured.</summary>
internal sealed class SampleWork(SampleNoise noise, SampleTimeline timeline, SampleAnchors anchors)
{
    /// <summary>Above this a statement is a report of the night.</summary>
    private const double ReportMilliseconds = 500;

    private const double BusyMilliseconds = 2000;

    /// <summary>Counts of the statements that ran from a time on.</summary>
    public Dictionary<StatementKey, StatementCounts> At(DateTimeOffset from)
    {
        var step = from.ToUnixTimeSeconds() / 300;
        var load = SampleTimeline.Load(from);
        var slowness = timeline.Slowness(from) * (timeline.IsIncident(from) ? 1.8 : 1);
        var counts = new Dictionary<StatementKey, StatementCounts>();
        foreach (var statement in anchors.Statements)
        {
            var stream = statement.Key.ToString();
            var calls = CallsOf(statement, stream, from, step, load);
            if (calls > 0)
            {
                var mean = statement.Mean * slowness * noise.Factor($"{stream} time", step, 0.06);
                var deviation = Math.Max(statement.Deviation, 0.1 * statement.Mean) * slowness;
                counts[statement.Key] = Times(statement.Each, calls) with
                {
                    Calls = calls,
                    Time = calls * mean,
                    Squares = calls * (deviation * deviation + mean * mean),
                };
            }
        }

        return counts;
    }

    private double CallsOf(SampleStatement statement, string stream, DateTimeOffset from, long step, double load)
    {
        if (statement.Mean > ReportMilliseconds)
        {
            return from.UtcDateTime is { Hour: 4, Minute: < 5 } ? 1 : 0;
        }

        var most = Math.Clamp(BusyMilliseconds / Math.Max(statement.Mean, 0.01), 2, 120);
        return Math.Round(most * load * noise.Factor($"{stream} calls", step, 0.2));
    }

    private static StatementCounts Times(StatementCounts each, double calls) => StatementCounts.Of([.. each.ToArray().Select(value => value * calls)]);
}
