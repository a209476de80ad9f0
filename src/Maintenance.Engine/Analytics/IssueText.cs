namespace Maintenance.Engine.Analytics;

/// <summary>Issues as one part of a sentence. Some are sentences themselves, and functions write theirs as they like.</summary>
internal static class IssueText
{
    private const int Most = 5;

    /// <summary>The first five, and how many more there are; without a full stop at the end.</summary>
    /// <param name="issues">The issues.</param>
    public static string Join(IReadOnlyList<string> issues) =>
        $"{string.Join("; ", issues.Take(Most).Select(issue => issue.TrimEnd('.')))}{(issues.Count > Most ? $"; and {issues.Count - Most} more" : "")}";
}
