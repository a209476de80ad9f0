using System.Globalization;

namespace Maintenance.Engine.Tasks;

/// <summary>The headline of a run. Pure.</summary>
internal static class RunTitle
{
    /// <summary>"Completed successfully" only where nothing is wrong and nothing is unknown; else how many of what.</summary>
    /// <param name="run">The run.</param>
    /// <param name="issues">Its steps that are not ok.</param>
    public static string Of(MaintenanceRun run, IReadOnlyCollection<MaintenanceStep> issues) =>
        run.Status == HealthStatus.Ok && issues.Count == 0
            ? $"{run.Task} maintenance completed successfully"
            : string.Create(CultureInfo.InvariantCulture, $"{run.Task} maintenance completed with issues ({string.Join(", ", issues.GroupBy(step => step.Status).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}"))})");

    /// <summary>The issues, a line each.</summary>
    public static string Lines(IEnumerable<MaintenanceStep> issues) =>
        string.Join('\n', issues.Select(step => $"{step.Status.ToString().ToUpperInvariant()} {step.Name}: {step.Message}"));
}
