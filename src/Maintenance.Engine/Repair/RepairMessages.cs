using Maintenance.Engine.Inspect;
using Maintenance.Engine.Repair.Issues;

namespace Maintenance.Engine.Repair;

/// <summary>
/// Tells people what was wrong and what came of it (guide TS), counted by incident: what was resolved, what went by itself, and what remains with what to
/// do; the numbers add up. Only what was measured to be gone counts as resolved. Pure.
/// </summary>
internal static class RepairMessages
{
    /// <summary>Slack takes 3,000 characters, of which some grow when they are escaped.</summary>
    private const int Longest = 2800;

    /// <summary>A shorter line says nothing.</summary>
    private const int ShortestLine = 160;

    /// <summary>The summary.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="report">What was found, and what came of it.</param>
    /// <param name="channel">Channel to tell it on.</param>
    /// <param name="source">Who tells it.</param>
    /// <param name="criticalOnly">Tells only what remains and is critical; the numbers are those of all.</param>
    public static NotificationMessage Summary(string target, RepairReport report, string channel, string source, bool criticalOnly = false)
    {
        var incidents = report.Incidents;
        var remaining = incidents.Where(incident => incident.End == IncidentEnd.Remains).ToList();
        var resolved = incidents.Count(incident => incident.End == IncidentEnd.Resolved);
        var gone = incidents.Count(incident => incident.End == IncidentEnd.Gone);
        var unknown = remaining.Count(incident => incident.IsUnknown);
        var gaps = report.Gaps;
        var told = criticalOnly ? [.. remaining.Where(incident => incident.Status == HealthStatus.Critical)] : incidents;
        List<Line> lines = [.. told.Select(Line.Of)];
        if (!criticalOnly)
        {
            lines.AddRange(Issue.Gaps(gaps).Select(gap => new Line("NOT KNOWN", "", gap, null)));
        }

        if (report.Aside is { } aside)
        {
            lines.Add(new Line("", "", aside, null));
        }

        return new NotificationMessage
        {
            Channel = channel,
            Severity = remaining.Select(incident => incident.Status == HealthStatus.Ok ? HealthStatus.Warning : incident.Status)
                .Concat(gaps.Count > 0 ? [HealthStatus.Unknown] : [])
                .DefaultIfEmpty(HealthStatus.Ok)
                .Max(),
            Title = Title(target, incidents.Count, resolved, gone, criticalOnly ? told.Count : remaining.Count, gaps.Count, criticalOnly),
            Text = Fit(lines),
            Fields =
            [
                new NotificationField("Found", Say.Text($"{incidents.Count}")),
                new NotificationField("Resolved", Say.Text($"{resolved}")),
                .. gone > 0 ? [new NotificationField("Gone by themselves", Say.Text($"{gone}"))] : Array.Empty<NotificationField>(),
                new NotificationField("Remaining", Say.Text($"{remaining.Count}{(unknown > 0 ? Say.Text($", of {unknown} it is not known") : "")}")),
                .. gaps.Count > 0 ? [new NotificationField("Could not be looked at", Say.Text($"{gaps.Count}"))] : Array.Empty<NotificationField>(),
            ],
            Source = source,
        };
    }

    // The sender puts the sign of the severity in front.
    private static string Title(string target, int found, int resolved, int gone, int left, int gaps, bool criticalOnly) => (left, found) switch
    {
        ( > 0, _) when criticalOnly => Say.Text($"{Say.Count(left, "critical issue", "critical issues")} of '{target}' {(left == 1 ? "requires" : "require")} manual intervention"),
        ( > 0, _) when left < found => Say.Text($"{left} of {Say.Count(found, "issue", "issues")} of '{target}' {(left == 1 ? "requires" : "require")} manual intervention"),
        ( > 0, _) => Say.Text($"{Say.Count(left, "issue", "issues")} of '{target}' {(left == 1 ? "requires" : "require")} manual intervention"),
        (_, 0) => Say.Text($"Whether '{target}' has issues is not known in full: {Say.Count(gaps, "part", "parts")} could not be looked at"),
        _ when resolved == 0 => Say.Text($"{Say.Count(gone, "issue", "issues")} of '{target}' gone by {(gone == 1 ? "itself" : "themselves")}{Blind(gaps)}"),
        _ => Say.Text($"🔧 {Say.Count(resolved, "issue", "issues")} of '{target}' resolved automatically{(gone > 0 ? Say.Text($", {gone} gone by {(gone == 1 ? "itself" : "themselves")}") : "")}{Blind(gaps)}"),
    };

    private static string Blind(int gaps) => gaps == 0 ? "" : Say.Text($"; {Say.Count(gaps, "part", "parts")} could not be looked at");

    /// <summary>As much of each line as there is room for all; and if that is too little, the names of those that are left out.</summary>
    private static string Fit(IReadOnlyList<Line> lines)
    {
        var most = Math.Max(1, Longest / (ShortestLine + 1));
        var shown = lines.Count > most ? [.. lines.Take(most - 2)] : lines;
        var rest = lines.Skip(shown.Count).Select(line => line.Name.Length > 0 ? line.Name : line.Word).ToList();
        var last = rest.Count == 0 ? "" : Cut(Say.Text($"\n… and {rest.Count} more: {string.Join(", ", rest)}"), 2 * ShortestLine);
        // Short lines leave their room to the long ones.
        var room = Longest - last.Length - shown.Count;
        var share = 0;
        var count = shown.Count;
        foreach (var length in shown.Select(line => line.Length).Order())
        {
            share = room / count;
            if (length > share)
            {
                break;
            }

            room -= length;
            count--;
            share = length;
        }

        return string.Join('\n', shown.Select(line => line.Text(line.Length <= share ? line.Length : share))) + last;
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : $"{text[..(most - 1)].TrimEnd()}…";

    /// <summary>A line: what it came to, of which issue, the figures, and what to do.</summary>
    private sealed record Line(string Word, string Name, string What, string? Todo)
    {
        private const string ToDo = " To do: ";

        public int Length => Text(int.MaxValue).Length;

        public static Line Of(Incident incident) => new(
            incident.End switch
            {
                IncidentEnd.Resolved => "RESOLVED",
                IncidentEnd.Gone => "GONE",
                _ when incident.IsUnknown => "NOT KNOWN",
                _ when incident.IsBetter => "BETTER, NOT OVER",
                _ => "REMAINS",
            },
            incident.Name,
            incident.What,
            incident.Todo);

        // What to do is worth as much as what is wrong: neither pushes the other out.
        public string Text(int most)
        {
            var head = Word.Length == 0 ? "" : Name.Length == 0 ? $"{Word}: " : $"{Word} {Name}: ";
            var what = OneLine(What);
            var todo = Todo is null ? "" : ToDo + OneLine(Todo);
            if (most - head.Length - what.Length - todo.Length >= 0)
            {
                return head + what + todo;
            }

            var room = most - head.Length;
            var half = room / 2;
            var forTodo = Math.Min(todo.Length, what.Length < half ? room - what.Length : half);
            return head + Cut(what, Math.Max(1, room - forTodo)) + (todo.Length == 0 ? "" : Cut(todo, forTodo));
        }

        private static string OneLine(string text) => text.ReplaceLineEndings(" ");
    }
}
