namespace Maintenance.Engine.Health;

/// <summary>The parts of a system that are watched, and their weights in the overall score.</summary>
/// <remarks>
/// The weights are our judgement: without its database the system does not work at all, without a backup it works until
/// the day it is needed.
/// </remarks>
internal static class HealthComponents
{
    public const string Database = "Database";

    public const string Backups = "Backups";

    /// <summary>Weight of each part; only their ratio matters.</summary>
    public static IReadOnlyDictionary<string, double> Weights { get; } = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase)
    {
        [Database] = 60,
        [Backups] = 40,
    };
}
