namespace Maintenance.Formatting;

/// <summary>What a GitHub runner reads from the output of a step: the issues of a run as annotations.</summary>
public static class GitHubActionsText
{
    /// <summary>True inside a job of GitHub Actions.</summary>
    public static bool IsRead => string.Equals(Environment.GetEnvironmentVariable("GITHUB_ACTIONS"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The file whose Markdown becomes the summary page; null for none.</summary>
    public static string? SummaryPath => Environment.GetEnvironmentVariable("GITHUB_STEP_SUMMARY") is { Length: > 0 } path ? path : null;

    /// <summary>The workflow commands of a run.</summary>
    /// <param name="run">The run.</param>
    public static IReadOnlyList<string> Of(MaintenanceRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return
        [
            .. run.Steps
                .Where(step => step.Status != HealthStatus.Ok)
                .OrderByDescending(step => step.Status)
                .Select(step => Annotation(step.Status == HealthStatus.Warning ? "warning" : "error", $"{run.Task} on {run.Target}", $"{step.Name}: {step.Message}")),
        ];
    }

    /// <summary>The workflow commands of a run that there was not.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="exception">Why not.</param>
    public static IReadOnlyList<string> Of(string target, MaintenanceException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return [Annotation("error", target, $"{exception.Message} {exception.Recommendation}")];
    }

    private static string Annotation(string type, string title, string message) => $"::{type} title={Property(title)}::{Data(message)}";

    // A line feed would begin a command of its own. The runner's own escapes, the percent sign first.
    private static string Data(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => DisplayText.Harmless(line)))
        .Replace("%", "%25", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
