namespace Maintenance.Engine.History;

/// <summary>How much time one sample stands for.</summary>
internal enum SampleResolution
{
    /// <summary>One measurement, as it was taken.</summary>
    Raw = 0,

    /// <summary>All of an hour together.</summary>
    Hour,

    /// <summary>All of a day (UTC) together.</summary>
    Day,
}

/// <summary>What was measured at a time, or in it: all values of one kind together.</summary>
/// <param name="Target">Name of the maintained system.</param>
/// <param name="Kind">Which values: see <c>SampleKinds</c>.</param>
/// <param name="Resolution">How much time it stands for.</param>
/// <param name="From">When what it covers began: for an hour or a day its first moment; for a measurement when the one before was taken, as rates count from then.</param>
/// <param name="Span">How long that is; a measurement was taken at its end. Nothing for the first measurement.</param>
/// <param name="Payload">The values, in the form of the kind: JSON.</param>
internal sealed record Sample(string Target, string Kind, SampleResolution Resolution, DateTimeOffset From, TimeSpan Span, string Payload)
{
    /// <summary>When what it covers ended.</summary>
    public DateTimeOffset To => From + Span;
}
