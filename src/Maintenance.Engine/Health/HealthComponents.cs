namespace Maintenance.Engine.Health;

/// <summary>The parts of a system that are watched, and their weights in the overall score.</summary>
/// <remarks>
/// The weights are our judgement: without its database the system does not work at all, without a backup it works until
/// the day it is needed; functions and errors are what users feel, resources and compliance leave time to act.
/// </remarks>
internal static class HealthComponents
{
    public const string Database = "Database";

    public const string Backups = "Backups";

    public const string Functions = "Functions";

    public const string Errors = "Errors";

    public const string Resources = "Resources";

    public const string Compliance = "Compliance";

    /// <summary>Name of the metric that says how a part is.</summary>
    public const string StatusMetric = "component_status";

    /// <summary>Name of the metric that says how much of a part was measured.</summary>
    public const string CoverageMetric = "component_coverage_percent";

    /// <summary>The label that says which part it is.</summary>
    public const string Label = "component";

    /// <summary>Weight of each part; only their ratio matters.</summary>
    public static IReadOnlyDictionary<string, double> Weights { get; } = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase)
    {
        [Database] = 30,
        [Backups] = 20,
        [Functions] = 15,
        [Errors] = 15,
        [Resources] = 10,
        [Compliance] = 10,
    };
}
