namespace Maintenance.Engine.Performance.Samples;

/// <summary>What became of one part of sampling.</summary>
/// <param name="name">Which part.</param>
internal sealed class SamplePart(string name)
{
    private readonly Dictionary<SampledMetric, double> _figures = [];

    public string Name { get; } = name;

    public IReadOnlyDictionary<SampledMetric, double> Figures => _figures;

    /// <summary>What keeps it from being measured, wholly or in part; null if nothing does.</summary>
    public MaintenanceException? Problem { get; private set; }

    /// <summary>Why some figures come later, which is as it should be; null if none do.</summary>
    public string? Later { get; set; }

    /// <summary>That there is nothing to measure here, and why; null if there is.</summary>
    public string? Absent { get; set; }

    /// <summary>What was done, for parts without figures.</summary>
    public string? Note { get; set; }

    public void Measure(SampledMetric metric, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            _figures[metric] = number;
        }
    }

    /// <summary>Keeps the first problem: the others mostly follow from it.</summary>
    public void Miss(MaintenanceException problem) => Problem ??= problem;

    public void Miss(MaintenanceErrorCode code, string message, string recommendation) => Miss(new MaintenanceException(code, message, recommendation));
}
