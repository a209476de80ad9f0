using Maintenance.Engine.History;

namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>
/// Keeps samples as the target's policy would have left them: each as it was taken, then those of an hour as one, then those of a day.
/// An hour or a day is put together when all of it is old enough.
/// </summary>
/// <param name="kind">Which samples.</param>
/// <param name="target">Whose.</param>
/// <param name="now">The time at which they are looked at.</param>
/// <param name="policy">How long each is kept.</param>
/// <param name="together">Two samples as one.</param>
/// <param name="write">The payload, of the time when the sample begins and of what it holds.</param>
internal sealed class SampleThinning<T>(
    string target, string kind, DateTimeOffset now, PerformancePolicy policy, Func<T, T, T> together, Func<DateTimeOffset, T, string> write)
{
    private readonly List<(SampleResolution Resolution, DateTimeOffset From, TimeSpan Span, T Value)> _samples = [];

    /// <summary>Which samples.</summary>
    public string Kind => kind;

    /// <summary>What is kept, oldest first.</summary>
    public IEnumerable<Sample> Samples =>
        _samples.Select(sample => new Sample(target, kind, sample.Resolution, sample.From, sample.Span, write(sample.From, sample.Value)));

    /// <summary>Adds a measurement; they come in the order of their times.</summary>
    public void Add(DateTimeOffset from, TimeSpan span, T value)
    {
        var (resolution, start, length) = PlaceOf(from, span);
        if (resolution != SampleResolution.Raw && _samples.Count > 0 && _samples[^1] is var last && last.Resolution == resolution && last.From == start)
        {
            _samples[^1] = last with { Value = together(last.Value, value) };
            return;
        }

        _samples.Add((resolution, start, length, value));
    }

    private (SampleResolution Resolution, DateTimeOffset From, TimeSpan Span) PlaceOf(DateTimeOffset from, TimeSpan span)
    {
        var (hour, day) = (TimeSpan.FromHours(1), TimeSpan.FromDays(1));
        var (inHour, inDay) = (Floor(from, hour), Floor(from, day));
        return inDay + day <= now - policy.KeepHourlySamples ? (SampleResolution.Day, inDay, day)
            : inHour + hour <= now - policy.KeepRawSamples ? (SampleResolution.Hour, inHour, hour)
            : (SampleResolution.Raw, from, span);
    }

    private static DateTimeOffset Floor(DateTimeOffset at, TimeSpan to) => new(at.UtcTicks / to.Ticks * to.Ticks, TimeSpan.Zero);
}
