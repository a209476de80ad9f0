using System.Text.Json;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>What a task that samples has to remember from one time to the next. One row in the history for each target and task, replaced each time: it does not grow.</summary>
internal sealed class SampleState
{
    /// <summary>That of the performance metrics.</summary>
    public const string Performance = "state";

    /// <summary>That of the troubleshooting.</summary>
    public const string Troubleshooting = "troubleshooting-state";

    /// <summary>That of the health monitoring.</summary>
    public const string Health = "health-state";

    /// <summary>When each kind of sample was taken last, by its name.</summary>
    public Dictionary<string, DateTimeOffset> Taken { get; init; } = [];

    /// <summary>What the server's counters said then.</summary>
    public CounterReading? Counters { get; set; }

    /// <summary>The run that was last told of and recorded.</summary>
    public ToldRun? Told { get; set; }

    // A schedule is never exact to the second.
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    /// <summary>From when on something is due that is done at most once in a time; null for at once.</summary>
    public DateTimeOffset? DueAt(string what, TimeSpan spacing) => Taken.TryGetValue(what, out var last) ? last + spacing - Leeway : null;

    /// <summary>Whether it is due. A clock that was set back does not keep it waiting.</summary>
    public bool IsDue(string what, TimeSpan spacing, DateTimeOffset now) => DueAt(what, spacing) is not { } due || now >= due || Taken[what] - now > Leeway;

    public static async Task<SampleState> ReadAsync(IHistoryStore store, string target, CancellationToken cancellationToken, string kind = Performance)
    {
        var rows = await store.ReadSamplesAsync(target, kind, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(1), cancellationToken);
        try
        {
            return rows.Count == 0 ? new SampleState() : JsonSerializer.Deserialize<SampleState>(rows[0].Payload) ?? new SampleState();
        }
        catch (JsonException)
        {
            // What another version wrote: begin anew, with one gap in the rates.
            return new SampleState();
        }
    }

    public Task WriteAsync(IHistoryStore store, string target, CancellationToken cancellationToken, string kind = Performance) =>
        store.RecordAsync(new Sample(target, kind, SampleResolution.Raw, DateTimeOffset.UnixEpoch, TimeSpan.Zero, JsonSerializer.Serialize(this)), cancellationToken);
}

/// <summary>A run that people were told of.</summary>
/// <param name="At">When.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Issues">What was the matter, each with its status.</param>
internal sealed record ToldRun(DateTimeOffset At, HealthStatus Status, IReadOnlyList<string> Issues);
