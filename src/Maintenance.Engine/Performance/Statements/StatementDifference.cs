using System.Globalization;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>
/// What happened between two readings. Never more than what did: what was lost through a reset or for want of room is left out, and said. It
/// goes by what the server says of itself, never by comparing its clock with ours. Pure.
/// </summary>
/// <param name="Counts">The statements that ran, each with what was counted of it.</param>
/// <param name="Incomplete">Why this is not all that happened; null if it is.</param>
internal sealed record StatementDifference(IReadOnlyDictionary<StatementKey, StatementCounts> Counts, string? Incomplete)
{
    /// <summary>Compares two readings of one server.</summary>
    public static StatementDifference Between(StatementReading before, StatementReading after)
    {
        var reset = after.ResetAt != before.ResetAt;
        // A role that sees more than before meets statements that have counted for long.
        var revealed = !reset && before.Hidden > (after.Hidden ?? 0);
        var (counts, restarted, gone) = (new Dictionary<StatementKey, StatementCounts>(), 0, 0);
        foreach (var (key, now) in after.Statements)
        {
            StatementCounts counted;
            if (reset || !before.Statements.TryGetValue(key, out var then))
            {
                if (revealed)
                {
                    continue;
                }

                // It began to count after the reading before, so all of it belongs here.
                counted = now.Counts;
            }
            else if (BeganAnew(then, now))
            {
                counted = now.Counts;
                restarted++;
            }
            else
            {
                counted = Subtract(now.Counts, then.Counts);
            }

            if (counted.Calls > 0)
            {
                counts[key] = counted;
            }
        }

        if (!reset)
        {
            gone = before.Statements.Keys.Count(key => !after.Statements.ContainsKey(key));
        }

        return new StatementDifference(counts, Reason(before, after, reset, restarted, gone, revealed));
    }

    /// <summary>What was counted since the server began to: for want of an earlier reading.</summary>
    public static StatementDifference SinceBeginning(StatementReading reading) => new(
        reading.Statements.ToDictionary(pair => pair.Key, pair => pair.Value.Counts),
        reading.Discarded > 0 ? "pg_stat_statements has discarded statements for want of room since it was reset. Raise pg_stat_statements.max." : null);

    // Since PostgreSQL 17 an entry says when it began. Before, it shows when any counter is lower than it was.
    private static bool BeganAnew(StatementCounter then, StatementCounter now) =>
        then.Since is { } since && now.Since is { } began ? since != began : now.Counts.IsBelow(then.Counts);

    private static StatementCounts Subtract(StatementCounts now, StatementCounts then)
    {
        var difference = StatementCounts.Combine(now, then, static (a, b) => Math.Max(0, a - b));
        // The squares are computed from rounded figures. They are never less than if all executions took the same time.
        return difference with { Squares = difference.Calls > 0 ? Math.Max(difference.Squares, difference.Time * difference.Time / difference.Calls) : 0 };
    }

    private static string? Reason(StatementReading before, StatementReading after, bool reset, int restarted, int gone, bool revealed)
    {
        var reasons = new List<string>();
        if (reset)
        {
            reasons.Add(after.ResetAt is { } at
                ? string.Create(CultureInfo.InvariantCulture, $"The statistics of statements were reset at {at.UtcDateTime:u}, and what ran between the reading before and then is lost.")
                : "The statistics of statements are those of another version of the extension: what ran before is lost.");
        }
        else if (after.Discarded != before.Discarded)
        {
            reasons.Add("pg_stat_statements discarded statements for want of room, and what they counted is lost. Raise pg_stat_statements.max.");
        }
        else if (after.ResetAt is null && after.Started != before.Started)
        {
            reasons.Add("The server was restarted, and PostgreSQL 13 does not tell whether its statistics of statements outlived that.");
        }
        else if (revealed)
        {
            reasons.Add("Statements that were hidden from the role that read before are seen now. What they did in between is not known, and left out.");
        }
        else if (restarted + gone > 0)
        {
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"The statistics of {restarted + gone} statements were reset or discarded, and what they counted before is lost."));
        }

        return reasons.Count > 0 ? string.Join(" ", reasons) : null;
    }
}
