namespace Maintenance.Engine.Reporting;

/// <summary>Text from outside without what would move a cursor, forge a line, or turn the direction of what follows.</summary>
internal static class ReportText
{
    public static string OneLine(string? text) => text is null ? "" : string.Concat(text.Select(character =>
        character is '\n' or '\r' or '\t' or '\u2028' or '\u2029' ? ' '
        : char.IsControl(character) || character is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F' ? '\uFFFD'
        : character));

    /// <summary>The same with its line breaks, for what is written as code.</summary>
    public static string Lines(string text) => string.Join('\n', text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n').Select(OneLine));
}
