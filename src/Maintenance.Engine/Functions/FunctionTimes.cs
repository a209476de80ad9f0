using System.Collections.Concurrent;

namespace Maintenance.Engine.Functions;

/// <summary>The usual time of each function, as this session has seen it: what a cold start is told by.</summary>
internal sealed class FunctionTimes
{
    /// <summary>A start of the function adds to its usual time at least as much again, and a quarter of a second. Our judgement.</summary>
    private const double Factor = 2;

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(250);

    private const int Kept = 20;

    private readonly ConcurrentDictionary<string, Queue<TimeSpan>> _seen = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether an answer came so late that the function seems to have started for it; null with nothing to compare.</summary>
    public bool? IsCold(Uri address, EdgeFunctionHealth health)
    {
        if (health is not { Status: HealthStatus.Ok or HealthStatus.Warning, FirstByteTime: { } time })
        {
            return null;
        }

        var seen = _seen.GetOrAdd(address.AbsoluteUri, _ => new Queue<TimeSpan>());
        lock (seen)
        {
            bool? cold = seen.Count == 0 ? null : Slower(time, seen.Order().ElementAt(seen.Count / 2));
            seen.Enqueue(time);
            if (seen.Count > Kept)
            {
                seen.Dequeue();
            }

            return cold;
        }
    }

    private static bool Slower(TimeSpan time, TimeSpan usual) => time > usual * Factor && time - usual > Least;
}
