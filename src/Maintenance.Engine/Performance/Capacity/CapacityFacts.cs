using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>A counter that ends: a sequence, or an integer key.</summary>
/// <param name="Name">As the samples have it.</param>
/// <param name="IsSequence">False for a key without one.</param>
/// <param name="CountsDown">True if it runs towards its lowest value.</param>
/// <param name="Cycles">True if it begins again at its end.</param>
/// <param name="LastValue">Its last value; null if it may not be seen, or none was taken.</param>
/// <param name="Limit">Where it ends.</param>
/// <param name="LimitSource">What ends it.</param>
internal sealed record KeyFacts(string Name, bool IsSequence, bool CountsDown, bool Cycles, double? LastValue, double Limit, string LimitSource)
{
    /// <summary>How the server's answer calls that (CapacityKeys.sql), and forecasts too.</summary>
    public const string OwnEnd = "end of the sequence";

    /// <summary>True if it ends by itself, and not with the column that takes its values.</summary>
    public bool EndsByItself => LimitSource == OwnEnd;

    /// <summary>True if the role may not see its last value.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Its schema, quoted as SQL wants it.</summary>
    public string Schema { get; init; } = "public";

    /// <summary>True if its table has no rows, so that there is no last value.</summary>
    public bool IsEmpty { get; init; }
}

/// <summary>The present, as the server tells it.</summary>
internal sealed record PresentFacts
{
    public required DateTimeOffset At { get; init; }

    public required string Database { get; init; }

    public required int MajorVersion { get; init; }

    /// <summary>The role that asks, quoted as SQL wants it.</summary>
    public string Role { get; init; } = "PUBLIC";

    /// <summary>Bytes of all databases; null if the role may not see them all.</summary>
    public long? ServerBytes { get; init; }

    /// <summary>Bytes of the connected database; null if the role may not see them.</summary>
    public long? DatabaseBytes { get; init; }

    public int Connections { get; init; }

    /// <summary>How many there may be for those without privileges.</summary>
    public int MostConnections { get; init; }

    public long XidAge { get; init; }

    public long FreezeLimit { get; init; }

    /// <summary>Sequences and keys; null if they could not be read.</summary>
    public IReadOnlyList<KeyFacts>? Keys { get; init; }
}

/// <summary>Everything that forecasts are made of.</summary>
internal sealed record CapacityFacts
{
    public required MaintenanceTarget Target { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required TimeSpan Projection { get; init; }

    /// <summary>The present; null where the database did not answer, and then <see cref="PresentTrouble"/> says why.</summary>
    public PresentFacts? Present { get; init; }

    public string? PresentTrouble { get; init; }

    /// <summary>What lets the database answer; null where it did, or nobody knows.</summary>
    public string? PresentRemedy { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> Metrics { get; init; } = None;

    public IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> Tables { get; init; } = None;

    public IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> Keys { get; init; } = None;

    /// <summary>Why there is no history.</summary>
    public string? HistoryTrouble { get; init; }

    /// <summary>What gives it one; null where it has one.</summary>
    public string? HistoryRemedy { get; init; }

    /// <summary>What makes known what is not: what stands in the way goes first, and without that, samples are wanting.</summary>
    public string Remedy => string.Join(' ', new[] { HistoryRemedy, PresentRemedy }.OfType<string>().Distinct()) is { Length: > 0 } remedy ? remedy : CapacityAdvice.Sample;

    /// <summary>What the function says; null where it was not asked or did not answer, and then <see cref="ReportedTrouble"/> says why if it was.</summary>
    public CapacityAnalysisResult? Reported { get; init; }

    public string? ReportedTrouble { get; init; }

    private static IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> None { get; } = new Dictionary<string, IReadOnlyList<SeriesPoint>>();

    public IReadOnlyList<SeriesPoint> Of(SampledMetric metric) => Metrics.TryGetValue(metric.Name, out var points) ? points : [];
}
