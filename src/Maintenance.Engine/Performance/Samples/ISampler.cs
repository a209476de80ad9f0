using Maintenance.Engine.Database;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>One kind of sample: how many are put together as they grow old.</summary>
internal interface ISampleKind
{
    /// <summary>One of <see cref="SampleKinds"/>.</summary>
    string Kind { get; }

    /// <summary>The payload that stands for many samples of one hour or day.</summary>
    string Merge(IReadOnlyList<Sample> samples);
}

/// <summary>What takes one kind of sample.</summary>
internal interface ISampler : ISampleKind
{
    /// <summary>At most one sample is taken in this time.</summary>
    TimeSpan Spacing { get; }

    /// <summary>Measures. What cannot be measured is left out, and told in the sample, as a part of the context or as a warning; never a zero in its place.</summary>
    /// <param name="context">Where, and what came before.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>The sample, which the caller keeps; null where there is nothing to compare with yet.</returns>
    /// <exception cref="MaintenanceException">Nothing of this kind could be measured.</exception>
    Task<Sample?> TakeAsync(SampleContext context, CancellationToken cancellationToken);
}

/// <summary>Where a sample is taken.</summary>
/// <param name="Session">The database.</param>
/// <param name="Store">The history, for what was counted last time.</param>
/// <param name="Now">When.</param>
/// <param name="Call">What the call brings along.</param>
internal sealed record SampleContext(DatabaseSession Session, IHistoryStore Store, DateTimeOffset Now, CallContext Call)
{
    /// <summary>What is remembered from the last time, for whoever wants to; it is kept once all samples are.</summary>
    public SampleState State { get; init; } = new();

    /// <summary>What became of each part, in order.</summary>
    public List<SamplePart> Parts { get; init; } = [];

    /// <summary>A part of the sampling.</summary>
    public SamplePart Part(string name)
    {
        var part = new SamplePart(name);
        Parts.Add(part);
        return part;
    }

    /// <summary>
    /// From when a sample of now counts: the one before; now where a clock was set back. The first counts from the last round five minutes, so that those of
    /// two machines that begin at once are of the same time, and one takes the place of the other.
    /// </summary>
    public DateTimeOffset Since(string kind) =>
        !State.Taken.TryGetValue(kind, out var last) ? new DateTimeOffset(Now.UtcTicks - Now.UtcTicks % SampleService.Spacing.Ticks, TimeSpan.Zero) : last < Now ? last : Now;
}
