namespace Maintenance.Engine.Reporting;

/// <summary>A report, before it is written in one form or another.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Status">The verdict.</param>
/// <param name="Summary">Sentences; the first is for whoever reads nothing else.</param>
/// <param name="Sections">The parts.</param>
internal sealed record Report(string Title, HealthStatus Status, IReadOnlyList<string> Summary, IReadOnlyList<ReportSection> Sections);

/// <summary>A part of a report: a table, or nothing to show and a sentence that says so.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Columns">Headings of the columns.</param>
/// <param name="Rows">A cell for each column; null for what is not known or does not apply.</param>
/// <param name="Empty">What to say without rows.</param>
internal sealed record ReportSection(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, string Empty)
{
    /// <summary>The last column, where it has long text that a page writes below the rest of its row, over the whole width; null if it stands beside the others.</summary>
    public string? Below { get; init; }

    /// <summary>The rows once more as a picture, where the form has pictures; it never says what the table does not.</summary>
    public ReportChart? Chart { get; init; }
}

/// <summary>Bars on a line of time.</summary>
/// <param name="Caption">What it shows.</param>
/// <param name="Bars">The bars; those with the same row stand in one line.</param>
/// <param name="Strong">What bars mean that stand out.</param>
/// <param name="Weak">What the others mean.</param>
internal sealed record ReportChart(string Caption, IReadOnlyList<ReportBar> Bars, string Strong, string Weak);

/// <summary>A bar.</summary>
/// <param name="Row">The line it stands in.</param>
/// <param name="Text">What it is.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">How long it is.</param>
/// <param name="IsStrong">True if it stands out.</param>
internal sealed record ReportBar(string Row, string Text, TimeSpan Start, TimeSpan Length, bool IsStrong);
