using System.Globalization;

namespace Maintenance.Formatting;

/// <summary>What an Azure DevOps agent reads from the output of a task: issues, the summary page, the task's result, and what it has to hide.</summary>
public static class AzurePipelinesText
{
    /// <summary>A word that short would be hidden wherever it occurs.</summary>
    private const int ShortestSecret = 4;

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
                .Select(step => Issue(step.Status == HealthStatus.Warning ? "warning" : "error", step.Error?.ToString() ?? step.Status.ToString(), $"{run.Target}: {step.Name}: {step.Message}")),
            // Whatever is shown on the summary page has to be Markdown, and on this machine.
            .. run.Artifacts
                .Where(artifact => artifact.Kind == "Report" && Path.IsPathFullyQualified(artifact.Path) && Path.GetExtension(artifact.Path).Equals(".md", StringComparison.OrdinalIgnoreCase))
                .Select(artifact => $"##vso[task.uploadsummary]{Escaped(artifact.Path)}"),
            Complete(Result(run.Status), run.Message),
        ];
    }

    /// <summary>The logging commands of a run that there was not.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="exception">Why not.</param>
    public static IReadOnlyList<string> Of(string target, MaintenanceException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return [Issue("error", exception.Code.ToString(), $"{target}: {exception.Message} {exception.Recommendation}"), Complete("Failed", exception.Message)];
    }

    /// <summary>The logging commands with which the agent hides a secret in all that follows. They have the secret in them: for nobody but the agent.</summary>
    /// <param name="secret">The secret. Of several lines each is hidden, since the agent looks at lines.</param>
    public static IReadOnlyList<string> Hide(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return
        [
            .. secret.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(line => line.Length >= ShortestSecret)
                .Distinct(StringComparer.Ordinal)
                .Select(line => $"##vso[task.setsecret]{Escaped(line)}"),
        ];
    }

    private static string Issue(string type, string code, string message) => $"##vso[task.logissue type={type};code={Property(code)}]{Data(message)}";

    private static string Complete(string result, string message) => string.Create(CultureInfo.InvariantCulture, $"##vso[task.complete result={result};]{Data(message)}");

    // The agent keeps the worst result of several. What could not be determined must not look like a success with remarks.
    private static string Result(HealthStatus status) => status switch
    {
        HealthStatus.Ok => "Succeeded",
        HealthStatus.Warning => "SucceededWithIssues",
        _ => "Failed",
    };

    // What the agent prints of it must not be a command either: each line by itself is harmless.
    private static string Data(string text) => Escaped(string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => DisplayText.Harmless(line))));

    // A line feed would begin a command of its own. The agent's own escapes, the percent sign first.
    private static string Escaped(string text) => text
        .Replace("%", "%AZP25", StringComparison.Ordinal)
        .Replace("\r", "%0D", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text).Replace("]", "%5D", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal);
}
