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

    private const string Remains = "REMAINS";

    private const string ForAnotherRun = "LEFT TO ANOTHER RUN";

    /// <summary>All that people are told: the summary, and before it what remains and is critical on the second channel.</summary>
    public static IReadOnlyList<NotificationMessage> Of(MaintenanceTarget target, RepairReport report, string channel, string source)
    {
        var summary = Summary(target.Name, report, channel, source);
        var second = target.Alerts.EscalationChannel;
        return report.Incidents.Any(incident => incident.Status == HealthStatus.Critical)
            && !second.Equals(channel, StringComparison.OrdinalIgnoreCase)
            && target.Channels.Keys.Contains(second, StringComparer.OrdinalIgnoreCase)
            ? [Summary(target.Name, report, second, source, criticalOnly: true), summary]
            : [summary];
    }

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
        var counts = new Counts(
            incidents.Count,
            incidents.Count(incident => incident.End == IncidentEnd.Resolved),
            incidents.Count(incident => incident.End == IncidentEnd.Gone),
            remaining.Count,
            remaining.Count(incident => incident.IsForAnotherRun),
            report.Gaps.Count);
        var unknown = remaining.Count(incident => incident.IsUnknown);
        var critical = remaining.Where(incident => incident.Status == HealthStatus.Critical).ToList();
        return new NotificationMessage
        {
            Channel = channel,
            Severity = remaining.Select(incident => incident.Status == HealthStatus.Ok ? HealthStatus.Warning : incident.Status)
                .Concat(counts.Gaps > 0 ? [HealthStatus.Unknown] : [])
                .DefaultIfEmpty(HealthStatus.Ok)
                .Max(),
            Title = criticalOnly
                ? Say.Text($"{Say.Count(critical.Count, "critical issue", "critical issues")} of '{target}' {(critical.Count == 1 ? "requires" : "require")} manual intervention")
                : Title(target, counts),
            Text = Fit([.. criticalOnly ? critical.Select(Line.Of) : Lines(report, remaining), .. report.Aside is { } aside ? [new Line(Tier.Unknown, "", "", aside)] : Array.Empty<Line>()]),
            Fields =
            [
                new NotificationField("Found", Say.Text($"{counts.Found}")),
                new NotificationField("Resolved", Say.Text($"{counts.Resolved}")),
                .. counts.Gone > 0 ? [new NotificationField("Gone without a remedy of their own", Say.Text($"{counts.Gone}"))] : Array.Empty<NotificationField>(),
                new NotificationField("Remaining", Say.Text($"{counts.Left}{(unknown > 0 ? Say.Text($", of {unknown} it is not known") : "")}{(counts.ForAnotherRun > 0 ? Say.Text($", {counts.ForAnotherRun} left to another run") : "")}")),
                .. counts.Gaps > 0 ? [new NotificationField("Could not be looked at", Say.Text($"{counts.Gaps}"))] : Array.Empty<NotificationField>(),
            ],
            Source = source,
        };
    }

    // What people have to see to comes first, the worst of it before all; what is over needs nobody.
    private static IEnumerable<Line> Lines(RepairReport report, IReadOnlyList<Incident> remaining) =>
    [
        .. remaining.Where(incident => !incident.IsMinor).Select(Line.Of),
        .. remaining.Where(incident => incident.IsMinor).GroupBy(incident => (incident.Id, incident.Then.Done)).Select(Line.Of),
        .. Issue.Gaps(report.Gaps).Select(gap => new Line(Tier.Unknown, NotKnown, "", gap.Sentence) { Label = gap.Names }),
        .. report.Incidents.Except(remaining).Select(Line.Of),
    ];

    // The sender puts the sign of the severity in front.
    private static string Title(string target, Counts counts)
    {
        var (found, resolved, gone, left, another, gaps) = counts;
        var byPeople = left - another;
        string Of(int count) => count < found ? Say.Text($"{count} of {found} issues of '{target}'") : Say.Text($"{Say.Count(count, "issue", "issues")} of '{target}'");
        return (byPeople, another) switch
        {
            ( > 0, _) => $"{Of(byPeople)} {(byPeople == 1 ? "requires" : "require")} manual intervention{(another > 0 ? Say.Text($", {another} {(another == 1 ? "is" : "are")} left to another run") : "")}",
            (_, > 0) => $"{Of(another)} {(another == 1 ? "is" : "are")} left to another run",
            _ when found == 0 && gaps == 0 => $"No issue of '{target}' was found",
            _ when found == 0 => Say.Text($"Whether '{target}' has issues is not known in full: {Say.Count(gaps, "part", "parts")} could not be looked at"),
            _ when resolved == 0 => Say.Text($"{Say.Count(gone, "issue", "issues")} of '{target}' gone without a remedy of {(gone == 1 ? "its" : "their")} own{Blind(gaps)}"),
            _ => Say.Text($"🔧 {Say.Count(resolved, "issue", "issues")} of '{target}' resolved automatically{(gone > 0 ? Say.Text($", {gone} gone without a remedy of {(gone == 1 ? "its" : "their")} own") : "")}{Blind(gaps)}"),
        };
    }

    private static string Blind(int gaps) => gaps == 0 ? "" : Say.Text($"; {Say.Count(gaps, "part", "parts")} could not be looked at");

    /// <summary>
    /// A few words of each line, and of the most urgent as much as there is room for before the others get more; if there is no room for all, the names of
    /// those that are left out.
    /// </summary>
    private static string Fit(IReadOnlyList<Line> lines)
    {
        var most = Longest / (ShortestLine + 1);
        var shown = lines.Count > most ? [.. lines.Take(most - 2)] : lines;
        var rest = lines.Skip(shown.Count).Select(line => line.Label).Where(label => label.Length > 0).ToList();
        var last = lines.Count == shown.Count ? "" : Cut(Say.Text($"\n… and {lines.Count - shown.Count} more: {string.Join(", ", rest)}"), 2 * ShortestLine);
        var rooms = shown.Select(line => Math.Min(line.Length, ShortestLine)).ToArray();
        var left = Longest - last.Length - shown.Count - rooms.Sum();
        foreach (var tier in Enumerable.Range(0, shown.Count).GroupBy(place => shown[place].Tier).OrderBy(tier => tier.Key))
        {
            var more = tier.Select(place => shown[place].Length - rooms[place]).ToList();
            var share = left >= more.Count ? Share(more, left) : 0;
            foreach (var place in tier)
            {
                var extra = Math.Min(share, shown[place].Length - rooms[place]);
                rooms[place] += extra;
                left -= extra;
            }
        }

        return string.Join('\n', shown.Select((line, place) => line.Text(rooms[place]))) + last;
    }

    /// <summary>How long each may be at the most so that all have room: short ones leave theirs to the long.</summary>
    private static int Share(List<int> lengths, int room)
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

    private sealed record Counts(int Found, int Resolved, int Gone, int Left, int ForAnotherRun, int Gaps);

    /// <summary>Who gets room before whom.</summary>
    private enum Tier
    {
        Critical = 0,
        Remains,
        Unknown,
        Over,
    }

    /// <summary>A line: what it came to, of which issue, what was found, what was done, and what to do. None of these pushes another out.</summary>
    private sealed record Line(Tier Tier, string Word, string Name, params IReadOnlyList<string?> Pieces)
    {
        /// <summary>What is over needs few words.</summary>
        private const int LongestOfWhatIsOver = 360;

        public int Length => Math.Min(Most, Whole(int.MaxValue).Length);

        /// <summary>What it is called where there is no room for it.</summary>
        public string Label { get; init; } = Name;

        private int Most => Tier == Tier.Over ? LongestOfWhatIsOver : int.MaxValue;

        private string Head => Word.Length == 0 ? "" : Name.Length == 0 ? $"{Word}: " : $"{Word} {Name}: ";

        public static Line Of(Incident incident) => new(
            incident.End != IncidentEnd.Remains ? Tier.Over : incident.Status == HealthStatus.Critical ? Tier.Critical : Tier.Remains,
            incident.End switch
            {
                IncidentEnd.Resolved => Resolved,
                IncidentEnd.Gone => Gone,
                _ when incident.IsUnknown => NotKnown,
                _ when incident.IsBetter => "BETTER, NOT OVER",
                _ when incident.IsForAnotherRun => ForAnotherRun,
                _ => Remains,
            },
            incident.Name,
            incident.Found,
            incident.Then.Done,
            incident.Then.Measured,
            incident.Todo is { } todo ? $"To do: {todo}" : null);

        /// <summary>Several of one kind, of which there is the same to say.</summary>
        public static Line Of(IEnumerable<Incident> minor)
        {
            var all = minor.ToList();
            return all is [var only]
                ? Of(only)
                : new Line(
                    Tier.Remains,
                    all.TrueForAll(incident => incident.IsForAnotherRun) ? ForAnotherRun : Remains,
                    Say.Text($"{all[0].Id} ({all.Count}, of low severity)"),
                    $"{string.Join(", ", all.Select(incident => incident.Subject ?? incident.Found))}.",
                    all[0].Then.Done,
                    all[0].Todo is { } todo ? $"To do: {todo}" : null);
        }

        public string Text(int most) => Whole(Math.Min(most, Most));

        private string Whole(int most)
        {
            List<string> pieces = [.. Pieces.OfType<string>().Select(piece => piece.ReplaceLineEndings(" "))];
            var share = Share([.. pieces.Select(piece => piece.Length)], most == int.MaxValue ? most : most - Head.Length - pieces.Count + 1);
            return Head + string.Join(' ', pieces.Select(piece => Cut(piece, share)));
        }
    }
}
