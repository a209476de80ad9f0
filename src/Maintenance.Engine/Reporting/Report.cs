namespace Maintenance.Engine.Reporting;

/// <summary>A report, before it is written in one form or another.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Status">The verdict.</param>
/// <param name="Summary">Sentences; the first is for whoever reads nothing else.</param>
/// <param name="Sections">The parts.</param>
internal sealed record Report(string Title, HealthStatus Status, IReadOnlyList<string> Summary, IReadOnlyList<ReportSection> Sections)
{
    /// <summary>The figures to see first.</summary>
    public IReadOnlyList<ReportTile> Tiles { get; init; } = [];

    /// <summary>The findings it is about as programs want them; the sections say the same to people.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>What it was made of, for programs: with all that it says, and figures as numbers.</summary>
    public IReadOnlyList<object> Objects { get; init; } = [];
}

/// <summary>A figure to see first.</summary>
/// <param name="Label">What it counts.</param>
/// <param name="Value">The figure.</param>
/// <param name="Word">The verdict that it stands for, as in a table; null for none.</param>
/// <param name="Note">How it was before, or another short remark.</param>
internal sealed record ReportTile(string Label, string Value, string? Word = null, string? Note = null);

/// <summary>A part of a report: a table, or nothing to show and a sentence that says so.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Columns">Headings of the columns.</param>
/// <param name="Rows">A cell for each column; null for what is not known or does not apply.</param>
/// <param name="Empty">What to say without rows.</param>
internal sealed record ReportSection(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, string Empty)
{
    /// <summary>The last column, where it has long text that a page writes below the rest of its row, over the whole width; null if it stands beside the others.</summary>
    public string? Below { get; init; }

    /// <summary>What there is to say of the table as a whole, below it; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Lines of a checklist, in place of a table.</summary>
    public IReadOnlyList<ReportCheck> Checks { get; init; } = [];

    /// <summary>Things with too much to say of each for a table.</summary>
    public IReadOnlyList<ReportCard> Cards { get; init; } = [];

    /// <summary>True if there is nothing to show.</summary>
    public bool IsEmpty => Rows.Count + Checks.Count + Cards.Count + Plots.Count == 0;

    /// <summary>A checklist.</summary>
    public static ReportSection Checklist(string title, IReadOnlyList<ReportCheck> checks, string empty) => new(title, [], [], empty) { Checks = checks };

    /// <summary>Things with much to say of each.</summary>
    public static ReportSection Of(string title, IReadOnlyList<ReportCard> cards, string empty) => new(title, [], [], empty) { Cards = cards };

    /// <summary>The rows once more as a picture, where the form has pictures; it never says what the table does not.</summary>
    public ReportChart? Chart { get; init; }

    /// <summary>More pictures. Each has its own table behind it.</summary>
    public IReadOnlyList<ReportPlot> Plots { get; init; } = [];
}

/// <summary>A picture of figures with axes.</summary>
/// <param name="Title">What it shows, as a heading.</param>
/// <param name="Caption">What is to be seen in it, in a sentence: for whoever looks at it first, and for whoever cannot see it.</param>
/// <param name="Unit">The unit of the figures; decides how they are written.</param>
internal abstract record ReportPlot(string Title, string Caption, MetricUnit Unit);

/// <summary>Figures along a line of time; a gap in the figures is a gap in the line.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Caption">What is to be seen in it.</param>
/// <param name="Unit">The unit of the figures.</param>
/// <param name="Lines">The lines, the most important first.</param>
internal sealed record TimePlot(string Title, string Caption, MetricUnit Unit, IReadOnlyList<PlotLine> Lines) : ReportPlot(Title, Caption, Unit)
{
    /// <summary>What is usual, or where a forecast may come to: areas behind the lines.</summary>
    public IReadOnlyList<PlotBand> Bands { get; init; } = [];

    /// <summary>Levels that are not to be crossed.</summary>
    public IReadOnlyList<PlotLimit> Limits { get; init; } = [];

    /// <summary>Times in which something else was going on, such as maintenance.</summary>
    public IReadOnlyList<PlotSpan> Spans { get; init; } = [];

    /// <summary>The time that the picture is of, where that is more than its figures cover; null for what they cover.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? Window { get; init; }

    /// <summary>True where the axis begins at zero; false where figures far from zero would be flat.</summary>
    public bool FromZero { get; init; } = true;
}

/// <summary>Bars side by side, the longest first.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Caption">What is to be seen in it.</param>
/// <param name="Unit">The unit of the figures.</param>
/// <param name="Bars">The bars.</param>
internal sealed record BarPlot(string Title, string Caption, MetricUnit Unit, IReadOnlyList<PlotBar> Bars) : ReportPlot(Title, Caption, Unit);

/// <summary>A line. A value of null is a gap.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Points">Its points, in the order of time.</param>
/// <param name="IsExpected">True for what is expected, not measured: it is dashed.</param>
internal sealed record PlotLine(string Name, IReadOnlyList<PlotPoint> Points, bool IsExpected = false);

/// <summary>A point of a line.</summary>
internal readonly record struct PlotPoint(DateTimeOffset At, double? Value);

/// <summary>An area between two lines.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Edges">Its edges, in the order of time; what is no number is a gap.</param>
/// <param name="IsUsual">True for what is usual: the table says where the first line is outside of it.</param>
internal sealed record PlotBand(string Name, IReadOnlyList<PlotEdge> Edges, bool IsUsual = false);

/// <summary>The two edges of an area at a time.</summary>
internal readonly record struct PlotEdge(DateTimeOffset At, double Low, double High);

/// <summary>A level that is not to be crossed.</summary>
internal sealed record PlotLimit(string Name, double Value);

/// <summary>A time in which something else was going on.</summary>
internal sealed record PlotSpan(string Name, DateTimeOffset From, DateTimeOffset To);

/// <summary>A bar.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">How long it is.</param>
/// <param name="Note">What is written at its end besides the figure; null for nothing.</param>
internal sealed record PlotBar(string Name, double Value, string? Note = null);

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

/// <summary>A line of a checklist.</summary>
/// <param name="Group">The heading that it and others stand under.</param>
/// <param name="Verdict">What it came to.</param>
/// <param name="Text">What is so where all is well, or is to be done.</param>
/// <param name="Evidence">Why it came to that.</param>
/// <param name="Note">What else there is to it: ids, a date; null for nothing.</param>
internal sealed record ReportCheck(string Group, string Verdict, string Text, string Evidence, string? Note);

/// <summary>A thing with much to say of it.</summary>
/// <param name="Verdict">How bad it is.</param>
/// <param name="Title">What it is.</param>
/// <param name="Text">What to do about it.</param>
/// <param name="Note">What else there is to it; null for nothing.</param>
internal sealed record ReportCard(string Verdict, string Title, string? Text, string? Note)
{
    /// <summary>What it is about, one by one.</summary>
    public IReadOnlyList<ReportItem> Items { get; init; } = [];

    /// <summary>True where the text says what was done, and nothing is to do.</summary>
    public bool IsDone { get; init; }

    /// <summary>Statements to read and run; null for none.</summary>
    public string? Code { get; init; }
}

/// <summary>One of the things that a card is about.</summary>
/// <param name="Word">Where it stands, as a verdict; null for nothing to say.</param>
/// <param name="Title">Its name.</param>
/// <param name="Text">What there is to it.</param>
/// <param name="Note">The measured facts; null for none.</param>
internal sealed record ReportItem(string? Word, string? Title, string Text, string? Note);
