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

    private const string Resolved = "RESOLVED";

    private const string Gone = "GONE";

    private const string NotKnown = "NOT KNOWN";

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
            lines.AddRange(Issue.Gaps(gaps).Select(gap => new Line(NotKnown, "", gap)));
        }

        if (report.Aside is { } aside)
        {
            lines.Add(new Line("", "", aside));
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
        var most = Longest / (ShortestLine + 1);
        var shown = lines.Count > most ? [.. lines.Take(most - 2)] : lines;
        var rest = lines.Skip(shown.Count).Select(line => line.Name.Length > 0 ? line.Name : line.Word).ToList();
        var last = rest.Count == 0 ? "" : Cut(Say.Text($"\n… and {rest.Count} more: {string.Join(", ", rest)}"), 2 * ShortestLine);
        var room = Share([.. shown.Select(line => line.Length)], Longest - last.Length - shown.Count);
        return string.Join('\n', shown.Select(line => line.Text(room))) + last;
    }

    /// <summary>How long each may be at the most so that all have room: short ones leave theirs to the long.</summary>
    private static int Share(IReadOnlyList<int> lengths, int room)
    {
        var left = lengths.Count;
        foreach (var length in lengths.Order())
        {
            if (length > room / left)
            {
                return Math.Max(1, room / left);
            }

            room -= length;
            left--;
        }

        return int.MaxValue;
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : $"{text[..(most - 1)].TrimEnd()}…";

    /// <summary>A line: what it came to, of which issue, what was found, what was done, and what to do. None of these pushes another out.</summary>
    private sealed record Line(string Word, string Name, params IReadOnlyList<string?> Pieces)
    {
        /// <summary>What is over needs few words.</summary>
        private const int LongestOfWhatIsOver = 360;

        public int Length => Math.Min(Most, Whole(int.MaxValue).Length);

        private int Most => Word is Resolved or Gone ? LongestOfWhatIsOver : int.MaxValue;

        private string Head => Word.Length == 0 ? "" : Name.Length == 0 ? $"{Word}: " : $"{Word} {Name}: ";

        public static Line Of(Incident incident) => new(
            incident.End switch
            {
                IncidentEnd.Resolved => Resolved,
                IncidentEnd.Gone => Gone,
                _ when incident.IsUnknown => NotKnown,
                _ when incident.IsBetter => "BETTER, NOT OVER",
                _ => "REMAINS",
            },
            incident.Name,
            incident.Found,
            incident.Then.Done,
            incident.Then.Measured,
            incident.Todo is { } todo ? $"To do: {todo}" : null);

        public string Text(int most) => Whole(Math.Min(most, Most));

        private string Whole(int most)
        {
            List<string> pieces = [.. Pieces.OfType<string>().Select(piece => piece.ReplaceLineEndings(" "))];
            var share = Share([.. pieces.Select(piece => piece.Length)], most == int.MaxValue ? most : most - Head.Length - pieces.Count + 1);
            return Head + string.Join(' ', pieces.Select(piece => Cut(piece, share)));
        }
    }
}
