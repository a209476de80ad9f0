using System.Diagnostics;

namespace Maintenance.Benchmarks;

/// <summary>Runs contenders in turn (A B C, A B C, ...), so that whatever else the machine does hits all alike.</summary>
internal static class BenchmarkRunner
{
    /// <summary>Measures; the first round warms up and does not count.</summary>
    /// <param name="contenders">Who does the work.</param>
    /// <param name="rounds">Rounds that count, at least 5.</param>
    /// <param name="tell">Tells how far it is.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InvalidOperationException">Two contenders did not do the same work.</exception>
    public static async Task<IReadOnlyList<Measurement>> RunAsync(
        IReadOnlyList<Contender> contenders, int rounds, Action<string> tell, CancellationToken cancellationToken)
    {
        var present = contenders.Where(contender => contender.RunAsync is not null).ToList();
        var times = present.ToDictionary(contender => contender, _ => new List<TimeSpan>());
        var notes = new Dictionary<Contender, string>();
        string? expected = null;
        for (var round = 0; round <= rounds; round++)
        {
            tell(round == 0 ? "warming up" : $"round {round} of {rounds}");
            foreach (var contender in present)
            {
                var started = Stopwatch.GetTimestamp();
                var outcome = await contender.RunAsync!(cancellationToken);
                var elapsed = outcome.Elapsed ?? Stopwatch.GetElapsedTime(started);
                expected ??= outcome.Result;
                if (outcome.Result is not null && outcome.Result != expected)
                {
                    throw new InvalidOperationException($"{contender.Name} came to '{outcome.Result}', the first one to '{expected}': they did not do the same work.");
                }

                notes[contender] = outcome.Note;
                if (round > 0)
                {
                    times[contender].Add(elapsed);
                }
            }
        }

        return [.. contenders.Select(contender => new Measurement(
            contender.Name, contender.Version, times.GetValueOrDefault(contender, []), notes.GetValueOrDefault(contender, "missing")))];
    }
}

/// <summary>What was measured of one contender.</summary>
/// <param name="Name">Who.</param>
/// <param name="Version">Version, or why it is missing.</param>
/// <param name="Times">One for each round; empty if it is missing.</param>
/// <param name="Note">What else is worth knowing.</param>
internal sealed record Measurement(string Name, string Version, IReadOnlyList<TimeSpan> Times, string Note)
{
    /// <summary>The median, in milliseconds; null if it is missing.</summary>
    public double? MedianMilliseconds => Times.Count == 0 ? null : Times.Order().ElementAt(Times.Count / 2).TotalMilliseconds;
}
