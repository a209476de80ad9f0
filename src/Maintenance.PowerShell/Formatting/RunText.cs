using System.Globalization;
using System.Text;

namespace Maintenance.Formatting;

/// <summary>How a run is shown to the person who started it: its steps as a table, its findings with what to do, its files.</summary>
public static class RunText
{
    /// <summary>The text of a run.</summary>
    /// <param name="run">The run.</param>
    public static string Render(MaintenanceRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var text = new StringBuilder();
        text.Append(Harmless($"{run.Task} on {run.Target}: ")).Append(StatusText.Styled(run.Status.ToString().ToUpperInvariant(), run.Status.ToString()))
            .AppendLine(CultureInfo.InvariantCulture, $" (exit code {run.ExitCode})");
        Line(text, $"Started {DisplayText.Time(run.StartedAt)}, took {DisplayText.Duration(run.Duration)}");
        text.AppendLine();

        var width = run.Steps.Select(step => step.Name.Length).DefaultIfEmpty(0).Max();
        foreach (var step in run.Steps)
        {
            Line(text, Verdict(step), 8, $"  {step.Name.PadRight(width)}  {DisplayText.Duration(step.Duration),9}  {step.Message}");
        }

        if (run.Actions.Count > 0)
        {
            text.AppendLine().AppendLine("Actions");
            foreach (var action in run.Actions)
            {
                Line(text, action.State.ToString(), 9, $"  {action.Kind,-8}  {ActionText.Object(action)}  {DisplayText.Duration(action.Duration),9}  {action.Message}");
                if (action.Recommendation is { } recommendation)
                {
                    Line(text, $"  {"",-9}  To do: {recommendation}");
                }
            }
        }

        if (run.Findings.Count > 0)
        {
            text.AppendLine().AppendLine("Findings");
            foreach (var finding in run.Findings)
            {
                Line(text, finding.Verdict(), 12, $"  {finding.Id}: {finding.Message}");
                if (finding.Recommendation is { } recommendation)
                {
                    Line(text, $"  {"",-12}  To do: {recommendation}");
                }
            }
        }

        if (run.Artifacts.Count > 0)
        {
            text.AppendLine();
            foreach (var artifact in run.Artifacts)
            {
                Line(text, $"{artifact.Kind}: {artifact.Path}");
            }
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>The verdict of a step. One that was only planned has none yet.</summary>
    /// <param name="step">The step.</param>
    public static string Verdict(MaintenanceStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return step.State == StepState.Planned ? "planned" : step.Status.ToString();
    }

    private static void Line(StringBuilder text, FormattableString line) => text.AppendLine(Harmless(line));

    private static void Line(StringBuilder text, string word, int width, FormattableString line) =>
        text.Append("  ").Append(StatusText.Styled(word.PadRight(width), word)).AppendLine(Harmless(line));

    private static string Harmless(FormattableString line) => DisplayText.Harmless(line.ToString(CultureInfo.InvariantCulture));
}
