namespace Maintenance;

/// <summary>How a report is written.</summary>
public enum ReportFormat
{
    /// <summary>As the file's extension says: .md, .json, .html, .sarif, anything else as text.</summary>
    Auto = 0,

    /// <summary>Markdown with tables, as GitHub and Azure DevOps show it.</summary>
    Markdown,

    /// <summary>JSON, for programs: schema <c>maintenance.report/1</c>.</summary>
    Json,

    /// <summary>Plain text.</summary>
    Text,

    /// <summary>A page for a browser or a printer, in one file: nothing is loaded from elsewhere, and nothing runs.</summary>
    Html,

    /// <summary>SARIF 2.1.0, for tools that show and compare the results of analyses. It holds the findings alone.</summary>
    Sarif,
}
