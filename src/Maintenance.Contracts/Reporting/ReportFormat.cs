namespace Maintenance;

/// <summary>How a report is written.</summary>
public enum ReportFormat
{
    /// <summary>As the file's extension says: .md, .json, anything else as text.</summary>
    Auto = 0,

    /// <summary>Markdown with tables, as GitHub and Azure DevOps show it.</summary>
    Markdown,

    /// <summary>JSON, for programs: schema <c>maintenance.report/1</c>.</summary>
    Json,

    /// <summary>Plain text.</summary>
    Text,
}
