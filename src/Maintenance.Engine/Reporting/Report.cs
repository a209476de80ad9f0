namespace Maintenance.Engine.Reporting;

/// <summary>A report, before it is written in one form or another.</summary>
internal sealed record Report(string Title, HealthStatus Status, IReadOnlyList<string> Summary, IReadOnlyList<ReportSection> Sections);

/// <summary>A part of a report: a table, or nothing to show and a sentence that says so.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Columns">Headings of the columns.</param>
/// <param name="Rows">A cell for each column; null for what is not known or does not apply.</param>
/// <param name="Empty">What to say without rows.</param>
internal sealed record ReportSection(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, string Empty);
