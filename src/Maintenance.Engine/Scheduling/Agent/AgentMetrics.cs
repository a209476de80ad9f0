using System.Globalization;
using System.Text;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>What an agent counts, in the text format of Prometheus (version 0.0.4). Pure.</summary>
internal static class AgentMetrics
{
    /// <summary>The content type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes them.</summary>
    public static string Write(AgentState state, DateTimeOffset now)
    {
        var text = new StringBuilder();
        Family(text, "maintenance_agent_up", "gauge", "1 while the agent takes work, 0 while it drains or its job store cannot be reached.");
        Sample(text, "maintenance_agent_up", [], state.IsDraining || state.Trouble is not null ? 0 : 1);
        Family(text, "maintenance_agent_uptime_seconds", "gauge", "Seconds since the agent began.");
        Sample(text, "maintenance_agent_uptime_seconds", [], (now - state.StartedAt).TotalSeconds);
        Family(text, "maintenance_agent_running", "gauge", "Runs in the middle.");
        Sample(text, "maintenance_agent_running", [], state.Running.Count);
        Family(text, "maintenance_agent_runs_total", "counter", "Runs that came to their end, by task and status.");
        foreach (var (key, count) in state.Runs.OrderBy(run => run.Key.Task, StringComparer.Ordinal).ThenBy(run => run.Key.Status))
        {
            Sample(text, "maintenance_agent_runs_total", [("task", key.Task), ("status", key.Status.ToString().ToLowerInvariant())], count);
        }

        Family(text, "maintenance_agent_run_duration_seconds", "summary", "How long runs took, by task.");
        foreach (var (task, (count, seconds)) in state.Durations.OrderBy(duration => duration.Key, StringComparer.Ordinal))
        {
            Sample(text, "maintenance_agent_run_duration_seconds_sum", [("task", task)], seconds);
            Sample(text, "maintenance_agent_run_duration_seconds_count", [("task", task)], count);
        }

        Family(text, "maintenance_agent_events_total", "counter", "Runs that did not come to their end: refused, failed, cancelled, lost with another agent, missed.");
        foreach (var (key, count) in state.Events.OrderBy(happened => happened.Key.Kind).ThenBy(happened => happened.Key.Task, StringComparer.Ordinal))
        {
            Sample(text, "maintenance_agent_events_total", [("kind", key.Kind.ToString().ToLowerInvariant()), ("task", key.Task)], count);
        }

        return text.ToString();
    }

    private static void Family(StringBuilder text, string name, string type, string help) => text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Sample(StringBuilder text, string name, IReadOnlyList<(string Name, string Value)> labels, double value)
    {
        text.Append(name);
        if (labels.Count > 0)
        {
            text.Append('{').AppendJoin(',', labels.Select(label => $"{label.Name}=\"{Escape(label.Value)}\"")).Append('}');
        }

        text.Append(' ').Append(value.ToString("0.######", CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
