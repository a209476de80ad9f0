using System.Globalization;

namespace Maintenance.Formatting;

/// <summary>What an Azure DevOps agent reads from the output of a task: issues, the summary page, and the task's result.</summary>
public static class AzurePipelinesText
{
    /// <summary>True inside an Azure DevOps job.</summary>
    public static bool IsRead => string.Equals(Environment.GetEnvironmentVariable("TF_BUILD"), "True", StringComparison.OrdinalIgnoreCase);

    /// <summary>The logging commands of a run.</summary>
    /// <param name="run">The run.</param>
    public static IReadOnlyList<string> Of(MaintenanceRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return
        [
            .. run.Steps
                .Where(step => step.Status != HealthStatus.Ok)
                .OrderByDescending(step => step.Status)
                .Select(step => $"##vso[task.logissue type={(step.Status == HealthStatus.Warning ? "warning" : "error")};code={Property(step.Error?.ToString() ?? step.Status.ToString())}]{Data($"{run.Target}: {step.Name}: {step.Message}")}"),
            .. run.Artifacts.Where(artifact => artifact.Kind == "Report").Select(artifact => $"##vso[task.uploadsummary]{Data(artifact.Path)}"),
            string.Create(CultureInfo.InvariantCulture, $"##vso[task.complete result={Result(run.Status)};]{Data(run.Message)}"),
        ];
    }

    // The agent keeps the worst result of several. What could not be determined must not look like a success with remarks.
    private static string Result(HealthStatus status) => status switch
    {
        HealthStatus.Ok => "Succeeded",
        HealthStatus.Warning => "SucceededWithIssues",
        _ => "Failed",
    };

    // A line feed would begin a command of its own. The agent's own escapes, the percent sign first.
    private static string Data(string text) => text
        .Replace("%", "%AZP25", StringComparison.Ordinal)
        .Replace("\r", "%0D", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text).Replace("]", "%5D", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal);
}
